/** What a run is divided into. Pure: the same dataset and strategy give the same plan on every machine. */
import { AtcError } from '../errors.js';

/**
 * One symbol, whole: a strategy's state never forgets, so no part of a history can be run by itself with the same
 * result.
 */
export interface Partition {
  readonly symbol: string;
  readonly rows: number;
}

/** A symbol that was not run, and why. */
export interface SkippedSymbol {
  /** As the dataset spells it. */
  readonly symbol: string;
  /** Rows that there are. */
  readonly rows: number;
  /** Rows that the strategy needs. */
  readonly needed: number;
}

export interface Plan {
  /** In the order of the dataset: results are merged in this order, whichever finishes first. */
  readonly partitions: readonly Partition[];
  readonly skipped: readonly SkippedSymbol[];
  readonly rows: number;
}

/** Throws ARGUMENT when no symbol has enough rows. */
export function planPartitions(
  strategy: { readonly name: string; readonly minimumRows?: number },
  tables: readonly { readonly symbol: string; readonly length: number }[],
): Plan {
  const needed = strategy.minimumRows ?? 1;
  const partitions: Partition[] = [];
  const skipped: SkippedSymbol[] = [];
  for (const { symbol, length: rows } of tables) {
    if (rows >= needed) partitions.push({ symbol, rows });
    else skipped.push({ symbol, rows, needed });
  }
  if (partitions.length === 0) {
    const longest = skipped.reduce((most, { rows }) => Math.max(most, rows), 0);
    throw new AtcError(
      'ARGUMENT',
      `strategy ${strategy.name} needs at least ${needed} rows of a symbol; the longest has ${longest}`,
    );
  }
  return { partitions, skipped, rows: partitions.reduce((sum, { rows }) => sum + rows, 0) };
}

/**
 * Below this many rows a worker's start, about a quarter of a second, takes longer than it saves at some 150 ns a row.
 */
const ROWS_PER_WORKER = 2_000_000;

/** As many as asked for (default: the cores), but never more than there is work for. */
export function workerCount(plan: Plan, asked: number | undefined, cores: number): number {
  if (asked !== undefined) {
    if (!Number.isInteger(asked) || asked < 1) {
      throw new AtcError('ARGUMENT', `workers must be a whole number from 1, got ${String(asked)}`);
    }
    return Math.min(asked, plan.partitions.length);
  }
  const useful = Math.floor(plan.rows / ROWS_PER_WORKER);
  return Math.max(1, Math.min(cores, plan.partitions.length, useful));
}
