/** Candles of a longer interval from those of a shorter one, block by block. */
import { requireMethodsOf, requireOptions } from '../arguments.js';
import { isTypedArray, type TypedArray } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import type { SymbolColumns } from '../formats/batch.js';
import { type BucketOptions, createBuckets } from '../formats/buckets.js';
import { nearestHint } from '../nearest.js';
import type { CandleTable } from '../table.js';
import { Accumulator } from './accumulator.js';
import { type Aggregate, baseVolume, matchName, resolveAggregates } from './aggregates.js';

export type { Aggregate } from './aggregates.js';

/** Options of `resample`. */
export interface ResampleOptions extends BucketOptions {
  /**
   * By column name, whatever its case; overrides what the name says: open first, high max, low min, close and bid and
   * ask last, volumes and counts of the exchanges sum, vwap weighted by volume. Needed for any column whose name says
   * nothing.
   */
  readonly aggregates?: Readonly<Record<string, Aggregate>>;
  /** The columns to make, besides the timestamp. Default: all. */
  readonly columns?: readonly string[];
  /**
   * The last candle when its time is not over by the rows that are there: `include` it like the others (default),
   * `omit` it, or `mark`: a column `complete` says 1 or 0 for every candle.
   */
  readonly partial?: 'include' | 'omit' | 'mark';
  /**
   * Up to where the rows are complete, UTC ms. Default: the last timestamp and the shortest distance between two rows.
   */
  readonly completeUntilMs?: number;
}

/**
 * Batches of columns, all float64, ready for `writeDataset`. `interval` in ms, or a count and a unit: `5m`, `4h`, `1d`,
 * `1w` (from Monday),
 * `1M` (months), `1q`, `1y`. A candle carries the beginning of its bucket as its timestamp; a bucket without rows is
 * left out. Memory stays
 * at one block. ARGUMENT for columns whose aggregate is not known, for an interval or a zone that is none, and for
 * integers beyond 2^53.
 */
export function* resample(
  table: CandleTable,
  interval: number | string,
  options: ResampleOptions = {},
): Generator<SymbolColumns> {
  requireMethodsOf(table, ['blocks'], 'a table of candles');
  requireOptions(options, 'resample');
  const { partial = 'include', completeUntilMs } = options;
  if (!['include', 'omit', 'mark'].includes(partial)) {
    throw new AtcError('ARGUMENT', `partial must be "include", "omit" or "mark", got ${shown(partial)}`);
  }
  const buckets = createBuckets(interval, options);
  const names = pickColumns(table, options.columns);
  if (partial === 'mark' && names.includes('complete')) {
    throw new AtcError('ARGUMENT', `${table.symbol} has a column "complete" already; leave it out with columns`);
  }
  const kinds = resolveAggregates(names, options.aggregates ?? {}, table.symbol);
  const weights = kinds.includes('weighted') ? baseVolume(names) : -1;
  const columns = names.map((name, k) => new Accumulator(name, kinds[k]));

  // The bucket under way is slot 0 of the next block.
  let open: { start: number; completeAt: number } | undefined;
  let lastMs = Number.NaN;
  let step = Number.POSITIVE_INFINITY;
  for (const block of table.blocks(['timestamp', ...names])) {
    const times = block.columns.timestamp;
    const slots = new Int32Array(block.length);
    const starts: number[] = open === undefined ? [] : [open.start];
    for (let row = 0; row < block.length; row += 1) {
      const ms = Number(times[row]);
      if (ms - lastMs < step) step = ms - lastMs;
      lastMs = ms;
      if (!buckets.find(ms)) {
        slots[row] = -1;
      } else {
        if (open === undefined || buckets.start !== open.start) {
          open = { start: buckets.start, completeAt: buckets.completeAt };
          starts.push(open.start);
        }
        slots[row] = starts.length - 1;
      }
    }
    if (starts.length === 0) continue;
    const weight = weights < 0 ? undefined : block.columns[names[weights]];
    for (let k = 0; k < names.length; k += 1) {
      columns[k].add(block.columns[names[k]], slots, starts.length, weight);
    }
    if (starts.length > 1) yield batchOf(table.symbol, names, columns, starts.slice(0, -1), partial, 1);
    for (const column of columns) column.keepLast(starts.length);
  }
  if (open === undefined) return;
  const isComplete = open.completeAt <= (completeUntilMs ?? (Number.isFinite(step) ? lastMs + step : lastMs));
  if (partial === 'omit' && !isComplete) return;
  yield batchOf(table.symbol, names, columns, [open.start], partial, isComplete ? 1 : 0);
}

function batchOf(
  symbol: string,
  names: readonly string[],
  columns: readonly Accumulator[],
  starts: readonly number[],
  partial: ResampleOptions['partial'],
  complete: number,
): SymbolColumns {
  const entries: [string, TypedArray][] = [['timestamp', Float64Array.from(starts)]];
  names.forEach((name, k) => {
    entries.push([name, columns[k].values(starts.length)]);
  });
  if (partial === 'mark') entries.push(['complete', new Float64Array(starts.length).fill(complete)]);
  // Not by assignment: a column may be called `__proto__`.
  return { symbol, columns: Object.fromEntries(entries) };
}

function pickColumns(table: CandleTable, wanted: readonly string[] | undefined): string[] {
  const all = table.columns.filter((name) => name !== 'timestamp');
  if (wanted === undefined) return all;
  if (!Array.isArray(wanted) || isTypedArray(wanted)) {
    throw new AtcError('ARGUMENT', 'columns must be a list of column names');
  }
  const names = wanted
    .filter((name) => name !== 'timestamp')
    .map((name) => {
      const found = typeof name === 'string' ? matchName(name, all) : undefined;
      if (found !== undefined) return found;
      throw new AtcError('ARGUMENT', `${table.symbol} has no column ${shown(name)}${nearestHint(name, all)}`);
    });
  return [...new Set(names)];
}
