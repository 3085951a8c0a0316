/** 1.5 · 2^52: adding it pushes the fraction of a number of up to 51 bits out of the mantissa, rounding ties to even. */
const ROUNDING_SHIFT = 6755399441055744;

/** Rounds to two decimals, ties to even on the scaled double. Math.round would round ties up. |x| well below 2^44; -0 gives 0. */
export function roundToHundredths(x: number): number {
  return (x * 100 + ROUNDING_SHIFT - ROUNDING_SHIFT) / 100;
}
