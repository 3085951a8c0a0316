/** Candles for the tests of this folder. */
import type { Columns } from '../../src/dtype.js';

/** A reproducible walk on a grid of ticks; `seed` makes symbols differ. */
export function candleColumns(rows: number, seed = 1): Columns {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const timestamp = new Float64Array(rows);
  const close = new Float64Array(rows);
  const volume = new Float64Array(rows);
  let ticks = 10_000 + seed;
  for (let row = 0; row < rows; row += 1) {
    timestamp[row] = 1_600_000_000_000 + row * 60_000;
    ticks = Math.max(100, ticks + Math.round((random() - 0.5) * 20));
    close[row] = ticks / 100;
    volume[row] = Math.floor(random() * 1e6) / 1000;
  }
  return { timestamp, close, volume };
}

/**
 * Doubles that careless code changes: signs of zero, NaN payloads, infinities, subnormals, the edge of the integers.
 */
export function hostileDoubles(length: number): Float64Array {
  const bits = new BigUint64Array(length);
  const special = [
    0x8000000000000000n,
    0x7ff8000000000001n,
    0xfff800000000deadn,
    0x7ff0000000000000n,
    0xfff0000000000000n,
    1n,
    0x000fffffffffffffn,
    0x4340000000000001n,
    0x433fffffffffffffn,
    0x7ff0000000000001n,
    0n,
  ];
  for (let i = 0; i < length; i += 1) bits[i] = special[i % special.length];
  return new Float64Array(bits.buffer);
}

export function bitsOf(values: ArrayBufferView): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
}
