/** Histories and strategies of the tests of sweeps. */

import type { Strategy } from '../../src/backtest/seams.js';
import type { Columns } from '../../src/dtype.js';
import type { SweepStrategy } from '../../src/sweep/seams.js';

export function uniform(seed: number) {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Prices that drift and scatter, now and then none. */
export function columnsOf(rows: number, seed: number, gaps = 0): Columns {
  const random = uniform(seed * 31 + 7);
  for (let k = 0; k < 5; k++) random();
  let price = 100;
  const close = Float64Array.from({ length: rows }, () => {
    price *= 1 + 0.03 * (random() - 0.495);
    return random() < gaps ? Number.NaN : price;
  });
  return { timestamp: Float64Array.from({ length: rows }, (_, row) => 1.5e12 + row * 3_600_000), close };
}

export function sourceOf(symbols: number, rows: number, seed = 1) {
  return Array.from({ length: symbols }, (_, k) => ({ symbol: `S${k}`, columns: columnsOf(rows + 13 * k, seed + k) }));
}

/** Long while the mean of the last `fast` closes is above that of the last `slow` ones; `invert` turns it round. */
export function crossing(parameters: Readonly<Record<string, unknown>>): Strategy<unknown> {
  const { fast = 3, slow = 10, invert = false } = parameters as { fast?: number; slow?: number; invert?: boolean };
  return {
    name: 'crossing',
    columns: ['close'],
    minimumRows: slow,
    start: () => {
      const last: number[] = [];
      const mean = (count: number) => last.slice(-count).reduce((sum, value) => sum + value, 0) / count;
      let signal = 0;
      return {
        push: ({ columns, length }) => ({
          signal: Float64Array.from({ length }, (_, row) => {
            const close = Number(columns.close[row]);
            if (!Number.isNaN(close)) last.push(close);
            if (last.length > slow) last.shift();
            signal = last.length < slow ? 0 : mean(fast) - mean(slow);
            return invert ? -signal : signal;
          }),
        }),
        finish: () => ({ signal }),
      };
    },
  };
}

export const crossingSweep: SweepStrategy = { name: 'crossing', version: 3, create: crossing };
