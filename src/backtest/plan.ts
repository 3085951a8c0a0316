/** What a run is divided into. Pure: the same dataset and strategy give the same plan on every machine. */
import { requireMethodsOf } from '../arguments.js';
import { AtcError, shown } from '../errors.js';

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

/** For callers without types. Throws ARGUMENT for what is no strategy. */
export function requireStrategy(strategy: unknown): void {
  requireMethodsOf(strategy, ['start'], 'a strategy (an object with start)');
  const { name, minimumRows } = strategy as { readonly name?: unknown; readonly minimumRows?: unknown };
  if (name !== undefined && typeof name !== 'string') {
    throw new AtcError('ARGUMENT', `the name of the strategy must be a text, got ${shown(name)}`);
  }
  if (minimumRows !== undefined && typeof minimumRows !== 'number') {
    throw new AtcError('ARGUMENT', `minimumRows of the strategy must be a number, got ${shown(minimumRows)}`);
  }
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

/** More symbols at once would make progress coarse and answers large. */
const GROUP_SYMBOLS = 64;
/** From this many rows on the message to a thread and its answer are nothing beside the work, some 10 ms. */
const GROUP_ROWS = 65_536;
/** Groups of each worker, at least, while there are symbols: the last ones even out what the others took. */
const GROUPS_PER_WORKER = 16;

/**
 * Indexes of the plan's partitions as they are handed to threads, each once: the longest first (were a long symbol the
 * last to start, all threads but one would wait for it), short ones several together, so that messages are few.
 */
export function groupPartitions({ partitions, rows }: Plan, workers: number): number[][] {
  const fair = workers * GROUPS_PER_WORKER;
  const mostRows = Math.min(GROUP_ROWS, rows / fair);
  const mostSymbols = Math.min(GROUP_SYMBOLS, Math.ceil(partitions.length / fair));
  const order = partitions.map((_, index) => index).sort((a, b) => partitions[b].rows - partitions[a].rows || a - b);
  const groups: number[][] = [];
  let sum = Number.POSITIVE_INFINITY;
  for (const index of order) {
    sum += partitions[index].rows;
    if (sum <= mostRows && groups[groups.length - 1].length < mostSymbols) groups[groups.length - 1].push(index);
    else {
      groups.push([index]);
      sum = partitions[index].rows;
    }
  }
  return groups;
}

/**
 * Below this many rows a worker's start, about a quarter of a second, takes longer than it saves at some 150 ns a row.
 */
const ROWS_PER_WORKER = 2_000_000;

/** As many as asked for (default: the cores), but never more than there is work for. */
export function workerCount(plan: Plan, asked: number | undefined, cores: number): number {
  if (asked !== undefined) {
    if (!Number.isInteger(asked) || asked < 1) {
      throw new AtcError('ARGUMENT', `workers must be a whole number from 1, got ${shown(asked)}`);
    }
    return Math.min(asked, plan.partitions.length);
  }
  const useful = Math.floor(plan.rows / ROWS_PER_WORKER);
  return Math.max(1, Math.min(cores, plan.partitions.length, useful));
}
