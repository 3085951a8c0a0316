/**
 * Tables of the kinds that markets publish, made up from a seed: what the codec has to do well on besides the files it
 * was made with.
 */
import type { Columns } from '../../src/dtype.js';
import { noise } from './frame-samples.js';

interface Kind {
  /** Price in whole ticks to the stored double. */
  readonly price: (ticks: number) => number;
  readonly volume: (draw: () => number) => number;
  /** First price and usual step, in ticks. */
  readonly from: number;
  readonly step: number;
  readonly interval: number;
}

const oneIn = (draw: () => number, n: number) => draw() * n < 1;

const KINDS: Readonly<Record<string, Kind>> = {
  'crypto, 8 decimals': {
    price: (k) => k / 1e8,
    volume: (draw) => Math.floor(draw() ** 4 * 1e10) / 1e8,
    from: 5_400_000,
    step: 9000,
    interval: 60_000,
  },
  'crypto, 8 decimals through a multiplication, many rows without trade': {
    price: (k) => k * 1e-8,
    volume: (draw) => (oneIn(draw, 2) ? 0 : Math.floor(draw() * 1e9) * 1e-8),
    from: 33_000,
    step: 60,
    interval: 60_000,
  },
  'FX, 5 decimals': {
    price: (k) => k / 1e5,
    volume: (draw) => Math.floor(draw() * 900),
    from: 112_000,
    step: 12,
    interval: 60_000,
  },
  'futures, ticks of 0.25': {
    price: (k) => k * 0.25,
    volume: (draw) => Math.floor(draw() ** 3 * 5000),
    from: 17_000,
    step: 6,
    interval: 60_000,
  },
  'equities, closes adjusted by a factor': {
    price: (k) => (k / 100) * 0.8437261,
    volume: (draw) => Math.floor(draw() * 4e5) * 100,
    from: 15_000,
    step: 150,
    interval: 86_400_000,
  },
  'equities, closes adjusted and rounded in single precision': {
    price: (k) => Math.fround((k / 100) * 0.5),
    volume: (draw) => Math.floor(draw() * 3e7),
    from: 15_000,
    step: 150,
    interval: 86_400_000,
  },
  'perpetual, volumes of full mantissa': {
    price: (k) => k / 10,
    volume: (draw) => draw() * draw() * 1234.5,
    from: 430_000,
    step: 300,
    interval: 300_000,
  },
};

export const MARKET_KINDS = Object.keys(KINDS);

export function marketTable(name: string, rows: number, seed: number): Columns {
  const { price, volume, from, step, interval } = KINDS[name];
  const next = noise(seed);
  const draw = () => next() / 2 ** 32;
  const columns = Object.fromEntries(
    ['timestamp', 'open', 'high', 'low', 'close', 'volume'].map((key) => [key, new Float64Array(rows)]),
  );
  let close = from;
  let time = 1_600_000_000_000;
  for (let i = 0; i < rows; i++) {
    const open = oneIn(draw, 4) ? close + Math.round((draw() - 0.5) * step) : close;
    close = Math.max(step, open + Math.round((draw() + draw() + draw() - 1.5) * step));
    time += oneIn(draw, 200) ? 3 * interval : interval;
    columns.timestamp[i] = time;
    columns.open[i] = price(open);
    columns.high[i] = price(Math.max(open, close) + Math.floor(draw() ** 2 * step));
    columns.low[i] = price(Math.min(open, close) - Math.floor(draw() ** 2 * step * 0.9));
    columns.close[i] = price(close);
    columns.volume[i] = volume(draw);
  }
  return columns;
}
