/** What a dataset holds of a symbol: which times have a candle, and where its source has none. */

import { OHLCV_SHAPE } from '../candle-store/row-shape.js';
import type { DirectoryDataset } from '../dataset/directory-dataset.js';
import { AtcError } from '../errors.js';
import { type Interval, isoTime } from './interval.js';
import { sameBits, WIDTH } from './page.js';
import { requireSpacing } from './spacing.js';
import { type Span, SpanSet } from './span-set.js';

export interface KnownRows {
  /** Each candle covers the shortest time that one lasts. */
  readonly rows: SpanSet;
  readonly empty: readonly Span[];
  /** Of the last candle; undefined when there is none. */
  readonly lastMs: number | undefined;
  readonly count: number;
}

/** ARGUMENT for a symbol with other columns; CORRUPT for candles of another interval. */
export function knownRows(dataset: DirectoryDataset, symbol: string, interval: Interval): KnownRows {
  const rows = new SpanSet();
  const entry = dataset.entry(symbol);
  if (entry === undefined) return { rows, empty: [], lastMs: undefined, count: 0 };
  const names = entry.columns.map(({ name, dtype }) => `${name} ${dtype}`);
  const wanted = OHLCV_SHAPE.map((name) => `${name} float64`);
  if (names.length !== wanted.length || !wanted.every((name) => names.includes(name))) {
    const message =
      `${dataset.directory} has ${symbol} with the columns ${names.join(', ')}; candles that are fetched have ` +
      `${wanted.join(', ')}: use a directory of its own`;
    throw new AtcError('ARGUMENT', message, { path: dataset.directory });
  }
  for (const { firstMs, lastMs, stepMs, rows: count } of entry.segments) {
    if (stepMs !== undefined && stepMs === interval.shortestMs) rows.add(firstMs, lastMs + stepMs);
    else readTimes(dataset, symbol, interval, [firstMs, lastMs + 1], count, rows);
  }
  return { rows, empty: entry.empty ?? [], lastMs: entry.lastMs, count: entry.rows };
}

function readTimes(
  dataset: DirectoryDataset,
  symbol: string,
  interval: Interval,
  [from, to]: Span,
  count: number,
  rows: SpanSet,
): void {
  const times = new Float64Array(count);
  let at = 0;
  for (const { columns, length } of dataset.table(symbol).range(from, to).blocks(['timestamp'])) {
    for (let row = 0; row < length; row++) times[at++] = Number(columns.timestamp[row]);
  }
  try {
    requireSpacing(symbol, times, interval);
  } catch (cause) {
    const message =
      `${dataset.directory} has other candles of ${symbol} from ${isoTime(from)} on: ${(cause as Error).message}; ` +
      'use a directory of its own';
    throw new AtcError('ARGUMENT', message, { path: dataset.directory, key: 'interval', cause });
  }
  addRuns(rows, times, 1, interval.shortestMs);
}

/** Adds what the candles at every `width`-th value cover, ascending; neighbours become one span first. */
export function addRuns(rows: SpanSet, values: Float64Array, width: number, shortestMs: number): void {
  for (let at = 0; at < values.length; ) {
    const from = values[at];
    let end = from + shortestMs;
    for (at += width; at < values.length && values[at] === end; at += width) end += shortestMs;
    rows.add(from, end);
  }
}

/** Rows whose time is in the dataset with other values, as [what is there, what is offered]; `offered` ascends. */
export function changedRows(
  dataset: DirectoryDataset,
  symbol: string,
  offered: Float64Array,
): (readonly [Float64Array, Float64Array])[] {
  if (offered.length === 0 || !dataset.symbols.includes(symbol)) return [];
  const table = dataset.table(symbol).range(offered[0], offered[offered.length - WIDTH] + 1);
  const changed: (readonly [Float64Array, Float64Array])[] = [];
  const stored = new Float64Array(WIDTH);
  let at = 0;
  for (const { columns, length } of table.blocks(OHLCV_SHAPE)) {
    for (let row = 0; row < length && at < offered.length; row++) {
      const ms = Number(columns.timestamp[row]);
      while (at < offered.length && offered[at] < ms) at += WIDTH;
      if (offered[at] !== ms) continue;
      OHLCV_SHAPE.forEach((name, k) => {
        stored[k] = Number(columns[name][row]);
      });
      if (!sameBits(stored, 0, offered, at)) changed.push([stored.slice(), offered.slice(at, at + WIDTH)]);
    }
  }
  return changed;
}
