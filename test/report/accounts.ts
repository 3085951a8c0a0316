/** Histories and signals that reports are made of in tests; random ones are the same in every run. */
import type { BacktestResult } from 'atc-memory';
import { ReportRows } from 'atc-memory/report';

export const DAY_MS = 86_400_000;

export interface Bars {
  readonly times: readonly number[];
  readonly closes: readonly number[];
  readonly signals: readonly number[];
}

export interface Costs {
  readonly maxTrades?: number;
  readonly fee?: number;
  readonly slippage?: number;
}

/** Daily bars from 2020 on, where no times are given. */
export function bars(closes: readonly number[], signals: readonly number[], times?: readonly number[]): Bars {
  return { closes, signals, times: times ?? closes.map((_, day) => Date.UTC(2020, 0, 1) + day * DAY_MS) };
}

/** The rows of each symbol through a sink, `blockRows` at a time, and a result that lists the symbols. */
export function collect(symbols: Readonly<Record<string, Bars>>, costs: Costs = {}, blockRows = 1000) {
  const rows = new ReportRows(costs);
  for (const [symbol, { times, closes, signals }] of Object.entries(symbols)) {
    for (let start = 0; start < closes.length; start += blockRows) {
      const end = Math.min(start + blockRows, closes.length);
      rows.write(
        symbol,
        {
          start,
          length: end - start,
          columns: {
            timestamp: Float64Array.from(times.slice(start, end)),
            close: Float64Array.from(closes.slice(start, end)),
          },
        },
        { signal: Float64Array.from(signals.slice(start, end)) },
      );
    }
  }
  const result = {
    strategy: 'given',
    rows: Object.values(symbols).reduce((sum, { closes }) => sum + closes.length, 0),
    symbols: Object.entries(symbols).map(([symbol, { times }]) => ({
      symbol,
      rows: times.length,
      firstMs: times[0] ?? Number.NaN,
      lastMs: times.at(-1) ?? Number.NaN,
    })),
    skipped: [],
  } as unknown as BacktestResult<unknown>;
  return { result, rows };
}

/** Uniform in [0, 1): mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A walk with gaps, flat stretches and now and then a great step; positions that are held for a while. */
export function randomBars(seed: number, count: number, stepMs = DAY_MS): Bars {
  const random = randomFrom(seed);
  const times: number[] = [];
  const closes: number[] = [];
  const signals: number[] = [];
  let time = Date.UTC(2015, Math.floor(random() * 12), 1 + Math.floor(random() * 28));
  let price = 100;
  let signal = 0;
  for (let k = 0; k < count; k += 1) {
    time += stepMs * (random() < 0.05 ? 1 + Math.floor(random() * 4) : 1);
    if (random() > 0.05) price *= 1 + (random() - 0.5) * (random() < 0.01 ? 0.5 : 0.04);
    if (random() < 0.15) signal = Math.round((random() - 0.5) * 4) / 2;
    times.push(time);
    closes.push(random() < 0.03 ? Number.NaN : price);
    signals.push(random() < 0.01 ? Number.NaN : signal);
  }
  return { times, closes, signals };
}
