/**
 * Growth factors exp(L·k) for k = 0, 1, 2, …: later returns weigh more. Computed as exp(L·64·⌊k/64⌋) · exp(L·(k mod 64)), a table
 * and one exp every 64 bars; every implementation of the strategy takes its factors from here, so their bits agree.
 */
import { exponential } from './exponential.js';

/** Bars that share one base factor. */
export const GROWTH_SPAN = 64;

/** exp(L·k) for k = 0 … 63. `rate` is L, per bar. */
export function growthTable(rate: number): Float64Array {
  const table = new Float64Array(GROWTH_SPAN);
  for (let k = 0; k < GROWTH_SPAN; k++) table[k] = exponential(rate * k);
  return table;
}

/** exp(L·64·span). */
export function growthBase(rate: number, span: number): number {
  return exponential(rate * (span * GROWTH_SPAN));
}

/** A product that overflowed counts as the largest finite double. */
export function clampGrowth(factor: number): number {
  return Math.min(factor, Number.MAX_VALUE);
}
