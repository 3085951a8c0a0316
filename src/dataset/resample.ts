/** Candles of a longer interval from those of a shorter one, block by block. */
import { AtcError } from '../errors.js';
import type { SymbolColumns } from '../formats/batch.js';
import { nearestHint } from '../nearest.js';
import type { CandleTable } from '../table.js';

/** How the values of one column in a bucket become one. NaN counts as no value; without any value the result is NaN. */
export type Aggregate = 'first' | 'max' | 'min' | 'last' | 'sum';

/** Options of `resample`. */
export interface ResampleOptions {
  /** By column name; overrides the defaults: open first, high max, low min, volume and counts sum, anything else last. */
  readonly aggregates?: Readonly<Record<string, Aggregate>>;
  /** Where the buckets begin, in ms after a multiple of the interval since 1970. Default 0: UTC midnight for a day. */
  readonly offsetMs?: number;
}

const AGGREGATES: readonly Aggregate[] = ['first', 'max', 'min', 'last', 'sum'];
const DEFAULTS: Readonly<Record<string, Aggregate>> = {
  open: 'first',
  high: 'max',
  low: 'min',
  volume: 'sum',
  quote_volume: 'sum',
  quotevolume: 'sum',
  amount: 'sum',
  turnover: 'sum',
  trades: 'sum',
  count: 'sum',
};

/**
 * Pieces of columns, all float64, ready for `writeDataset`. A candle stands for [timestamp, timestamp + intervalMs) and carries the
 * bucket's beginning as its timestamp; a bucket without candles is left out. Memory stays at one block.
 */
export function* resample(
  table: CandleTable,
  intervalMs: number,
  { aggregates = {}, offsetMs = 0 }: ResampleOptions = {},
): Generator<SymbolColumns> {
  if (!(Number.isSafeInteger(intervalMs) && intervalMs > 0 && Number.isSafeInteger(offsetMs))) {
    throw new AtcError('ARGUMENT', `the interval must be a positive whole number of ms, got ${intervalMs}`);
  }
  checkAggregates(aggregates, table.columns);
  const names = table.columns.filter((name) => name !== 'timestamp');
  // Own properties only: a column may be called `constructor`.
  const of = (from: Readonly<Record<string, Aggregate>>, name: string) =>
    Object.hasOwn(from, name) ? from[name] : undefined;
  const kinds = names.map((name) => of(aggregates, name) ?? of(DEFAULTS, name) ?? 'last');
  // The bucket under way: it may go on in the next block.
  let bucket = Number.NaN;
  const values = new Float64Array(names.length);
  for (const { length, columns } of table.blocks(['timestamp', ...names])) {
    const sources = names.map((name) => columns[name]);
    const times: number[] = [];
    const rows: number[][] = names.map(() => []);
    const flush = () => {
      if (Number.isNaN(bucket)) return;
      times.push(bucket);
      for (let k = 0; k < rows.length; k += 1) rows[k].push(values[k]);
    };
    for (let row = 0; row < length; row += 1) {
      const start = Math.floor((Number(columns.timestamp[row]) - offsetMs) / intervalMs) * intervalMs + offsetMs;
      if (start !== bucket) {
        flush();
        bucket = start;
        values.fill(Number.NaN);
      }
      for (let k = 0; k < sources.length; k += 1) values[k] = combine(kinds[k], values[k], Number(sources[k][row]));
    }
    if (times.length > 0) yield pieceOf(table.symbol, names, times, rows);
  }
  if (!Number.isNaN(bucket))
    yield pieceOf(
      table.symbol,
      names,
      [bucket],
      Array.from(values, (value) => [value]),
    );
}

function combine(kind: Aggregate, sofar: number, value: number): number {
  if (Number.isNaN(value)) return sofar;
  if (Number.isNaN(sofar)) return value;
  switch (kind) {
    case 'first':
      return sofar;
    case 'last':
      return value;
    case 'max':
      return Math.max(sofar, value);
    case 'min':
      return Math.min(sofar, value);
    case 'sum':
      return sofar + value;
  }
}

function pieceOf(symbol: string, names: readonly string[], times: number[], rows: number[][]): SymbolColumns {
  const columns = Object.fromEntries(names.map((name, k) => [name, Float64Array.from(rows[k])]));
  return { symbol, columns: { timestamp: Float64Array.from(times), ...columns } };
}

function checkAggregates(aggregates: Readonly<Record<string, Aggregate>>, columns: readonly string[]): void {
  for (const [name, kind] of Object.entries(aggregates)) {
    if (!columns.includes(name)) {
      throw new AtcError('ARGUMENT', `aggregates: no column "${name}"${nearestHint(name, columns)}`, { column: name });
    }
    if (!AGGREGATES.includes(kind)) {
      throw new AtcError('ARGUMENT', `aggregates.${name} must be one of ${AGGREGATES.join(', ')}, got ${String(kind)}`);
    }
  }
}
