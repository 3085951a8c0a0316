/** Arrays that are neither decimals nor smooth: compounded results of prices, and words that recur. */
import { noise } from './frame-samples.js';

export interface CompoundedOptions {
  /** How the change of a price is computed. */
  readonly gain?: 'quotient' | 'difference';
  /** One in so many rows holds nothing; 0 for none. */
  readonly flat?: number;
  /** Share of what was gained or lost that is paid as fees. */
  readonly fee?: number;
  readonly seed?: number;
}

/** What becomes of 1 that is long, short or out of a market with these prices. */
export function compounded(
  prices: Float64Array,
  { gain = 'quotient', flat = 40, fee = 0, seed = 5 }: CompoundedOptions = {},
): Float64Array {
  const next = noise(seed);
  const out = new Float64Array(prices.length).fill(1);
  let side = 1;
  for (let i = 1; i < prices.length; i++) {
    const dice = (next() >>> 8) % 1000;
    if (dice < 60) side = -side || 1;
    else if (flat > 0 && dice % flat === 7) side = 0;
    const change = gain === 'quotient' ? prices[i] / prices[i - 1] - 1 : (prices[i] - prices[i - 1]) / prices[i - 1];
    out[i] = out[i - 1] * (1 + side * change) * (1 - fee);
  }
  return out;
}

/**
 * A few full-mantissa values by turns, others new and near one of them: averages of votes whose weights move slowly.
 */
export function wordsThatReturn(rows: number, seed = 3): Float64Array {
  const next = noise(seed);
  const votes = Float64Array.from({ length: 9 }, (_, k) => (k - 4) / 3);
  let vote = 0;
  return Float64Array.from({ length: rows }, () => {
    const dice = (next() >>> 8) % 100;
    if (dice < 50) vote = (next() >>> 8) % 9;
    if (dice > 75) votes[vote] *= 1 + ((next() >>> 8) - 0x80_0000) * 1e-12;
    return votes[vote];
  });
}

/** 64-bit identifiers, the same ones again and again, some of them new. */
export function returningIntegers(rows: number, seed = 9): BigInt64Array {
  const next = noise(seed);
  const known = BigInt64Array.from({ length: 40 }, () => BigInt(next()) * 4_294_967_311n);
  return BigInt64Array.from({ length: rows }, () => {
    const k = (next() >>> 8) % 40;
    if ((next() >>> 8) % 12 === 0) known[k] = BigInt.asIntN(64, known[k] * 31n + BigInt(next()));
    return known[k];
  });
}
