/**
 * Deterministic candles by kind of market: the same numbers on every machine. Walks in whole ticks with changing
 * volatility; only integer arithmetic, division and square roots, whose bits no engine may choose.
 */
import type { Columns } from '../../dtype.js';

export interface MarketKind {
  readonly name: string;
  /** Price of the first candle, in ticks. */
  readonly firstTicks: number;
  readonly decimals: number;
  /** Usual size of a step within a candle, in ticks. */
  readonly stepTicks: number;
  readonly intervalMs: number;
  /** Decimals of the volume; undefined: no such column. */
  readonly volumeDecimals: number | undefined;
}

const MINUTE_MS = 60_000;

export const MARKETS: readonly MarketKind[] = [
  {
    name: 'coin 1m, 2 decimals',
    firstTicks: 4_200_000,
    decimals: 2,
    stepTicks: 300,
    intervalMs: MINUTE_MS,
    volumeDecimals: 3,
  },
  {
    name: 'share 1d, 2 decimals',
    firstTicks: 12_000,
    decimals: 2,
    stepTicks: 40,
    intervalMs: 1440 * MINUTE_MS,
    volumeDecimals: 0,
  },
  {
    name: 'forex 1m, 5 decimals',
    firstTicks: 108_500,
    decimals: 5,
    stepTicks: 3,
    intervalMs: MINUTE_MS,
    volumeDecimals: undefined,
  },
  {
    name: 'pair 5m, 8 decimals',
    firstTicks: 7_345_211,
    decimals: 8,
    stepTicks: 4000,
    intervalMs: 5 * MINUTE_MS,
    volumeDecimals: 8,
  },
];

/** Steps of the price within one candle. */
const STEPS = 6;

/** xorshift: numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** `rows` candles of a market, from 2021 on. Another seed is another symbol. */
export function makeCandles(kind: MarketKind, rows: number, seed: number): Columns {
  const random = randomNumbers(seed * 7919 + 17);
  const bell = () => random() + random() + random() + random() - 2;
  const columnNames = ['timestamp', 'open', 'high', 'low', 'close'];
  if (kind.volumeDecimals !== undefined) columnNames.push('volume');
  const columns = Object.fromEntries(columnNames.map((name) => [name, new Float64Array(rows)]));
  const scale = 10 ** kind.decimals;
  const volumeScale = 10 ** (kind.volumeDecimals ?? 0);
  const start = Date.UTC(2021, 0, 1);
  let price = kind.firstTicks;
  let width = kind.stepTicks;
  for (let row = 0; row < rows; row += 1) {
    width = Math.min(kind.stepTicks * 6, Math.max(kind.stepTicks / 6, width * (1 + 0.05 * bell())));
    const open = Math.max(1, price + (random() < 0.3 ? Math.round(0.1 * width * bell()) : 0));
    let [low, high] = [open, open];
    price = open;
    for (let step = 0; step < STEPS; step += 1) {
      price = Math.max(kind.firstTicks >> 3, price + Math.round(width * bell()));
      if (price < low) low = price;
      if (price > high) high = price;
    }
    const values = [start + row * kind.intervalMs, open / scale, high / scale, low / scale, price / scale];
    if (kind.volumeDecimals !== undefined) {
      const turnover = (1 + (high - low) / width) * (0.2 + random() / (0.05 + random()));
      values.push(Math.round(turnover * 40 * volumeScale) / volumeScale);
    }
    for (let k = 0; k < values.length; k += 1) columns[columnNames[k]][row] = values[k];
  }
  return columns;
}

/** An exponential average of a close: full mantissas, what strategies derive and caches store. */
export function exponentialAverage(close: ArrayLike<number | bigint>, length = 28): Float64Array {
  const average = new Float64Array(close.length);
  for (let row = 0; row < close.length; row += 1) {
    const before = row === 0 ? Number(close[0]) : average[row - 1];
    average[row] = before + (Number(close[row]) - before) * (2 / (length + 1));
  }
  return average;
}
