/** Histories to check, and what is found in them. */
import { type CheckHistoryOptions, checkHistory } from '../../src/dataset/check/check-history.js';
import type { Columns } from '../../src/dtype.js';

export const MINUTE = 60_000;

/** A calm walk with a candle every `step` ms. */
export function candles(rows: number, step = MINUTE, startMs = Date.UTC(2024, 0, 1)) {
  let state = 7;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5;
  const columns = {
    timestamp: Float64Array.from({ length: rows }, (_, k) => startMs + k * step),
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
    volume: Float64Array.from({ length: rows }, (_, k) => 1 + (k % 9)),
  };
  let price = 100;
  for (let row = 0; row < rows; row += 1) {
    columns.open[row] = price;
    price *= 1 + random() * 0.002;
    columns.close[row] = price;
    columns.high[row] = Math.max(columns.open[row], price) * 1.0003;
    columns.low[row] = Math.min(columns.open[row], price) * 0.9997;
  }
  return columns;
}
export type Candles = ReturnType<typeof candles>;

export async function check(columns: Columns, options: CheckHistoryOptions = {}) {
  return checkHistory({ symbol: 'A', columns }, options);
}
/** Kind, severity and count of every finding, with the text of the first example. */
export async function found(columns: Columns, options?: CheckHistoryOptions) {
  const { symbols } = await check(columns, options);
  return symbols[0].findings.map(({ kind, severity, count, examples }) => ({
    kind,
    severity,
    count,
    first: examples[0]?.text,
  }));
}
export const without = (columns: Candles, isLeftOut: (ms: number, row: number) => boolean) => {
  const rows = [...columns.timestamp.keys()].filter((row) => !isLeftOut(columns.timestamp[row], row));
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, Float64Array.from(rows, (row) => values[row])]),
  ) as unknown as Candles;
};
