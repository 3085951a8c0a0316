/** Fractions behind doubles: which whole numbers a rounded quotient was made of. */

/**
 * Denominators beyond this are no longer unique: two fractions with such ones may lie within a rounding error of each
 * other.
 */
export const MAX_DENOMINATOR = 0x400_0000;
/** Rounding of a quotient, a product and two sums near 1. */
const NEAR = 2 ** -51;
/** The same with a price multiplied on top, as a share of the price. */
const NEAR_PRICE = 2 ** -50;
/** Prices stay below this, in ticks. */
export const MAX_PRICE = 0x4000_0000;
/** Terms of a continued fraction until the denominator is beyond any bound. */
const MAX_TERMS = 40;

/** Smallest denominator of a fraction as near to `x` as rounding leaves it, or 0 where it would be too large. */
export function denominatorOf(x: number): number {
  const size = Math.abs(x);
  let rest = size;
  let [above, below, lastAbove, lastBelow] = [1, 0, 0, 1];
  for (let term = 0; term < MAX_TERMS; term++) {
    const whole = Math.floor(rest);
    const nextAbove = whole * above + lastAbove;
    const nextBelow = whole * below + lastBelow;
    if (!(nextBelow <= MAX_DENOMINATOR)) return 0;
    [lastAbove, lastBelow, above, below] = [above, below, nextAbove, nextBelow];
    if (Math.abs(size - above / below) <= NEAR) return below;
    rest = 1 / (rest - whole);
  }
  return 0;
}

/** The change in ticks that a gain makes of a price; 0 where it is no whole number. */
export function wholeChange(p: number, gain: number): number {
  const change = p * gain;
  const whole = Math.floor(change + 0.5);
  return Math.abs(change - whole) <= p * NEAR_PRICE + 1e-9 && Math.abs(whole) < MAX_PRICE ? whole : 0;
}
