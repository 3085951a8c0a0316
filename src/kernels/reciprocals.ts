/**
 * Dividing by a power of ten without the divider, bit for bit: v / 10^e = (v * f) * c, where c is the double nearest to
 * 1 / (f * 10^e) and f an integer chosen so that c is nearly exact. Two products where a division costs five of them.
 *
 * Why the result is the correctly rounded quotient q = RN(v / 10^e), for integers v with |v| * f <= 2^53:
 *   - v * f is exact, and c = (1 + d) / (f * 10^e), so (v * f) * c = RN((v / 10^e) * (1 + d)): one rounding.
 *   - It differs from q only if a midpoint m of two neighbouring doubles lies between v / 10^e and (v / 10^e)(1 + d),
 *     or on one of them. 10^e = 2^e * 5^e, and powers of two move no midpoints, so look at y = |v| / 5^e in
 *     [2^E, 2^(E+1)):
 *     there the midpoints are M * 2^(E-53) with M odd, and |y - m| = | |v| * 2^(53-E) - M * 5^e | / (5^e * 2^(53-E)).
 *     The numerator is an integer. It is not 0: M * 5^e is odd, and |v| < 2^53 makes E < 53, so the other term is even.
 *     Hence |y - m| >= 2^(E-53) / 5^e.
 *   - y moves by y * |d| < 2^(E+1) * |d|, which stays below that distance when |d| * 5^e <= 2^-54. (Next to 2^E, whose
 *     midpoint below is twice as near, |y - 2^E| is what moves first: the bound keeps the move below a quarter of that
 *     distance.)
 *   - v = 0 gives 0, negative v the mirror image.
 *
 * The factors are the smallest odd ones with |d| * 5^e < 2^-54; a test computes that in integers.
 */
import { FORM_DIVIDE, FORM_MULTIPLY } from './kernels.js';
import { TEN_TO, TEN_TO_MINUS } from './powers.js';

/** f by exponent; beyond the last one there is division. */
export const RECIPROCAL_FACTOR: readonly number[] = [1, 31, 7, 367, 3045, 14537, 75425, 15085, 375889, 3946587];

export interface Scaling {
  /** An integer, or 0: divide by `scale` instead. */
  factor: number;
  scale: number;
}

/** Largest magnitude of a narrow integer. */
const NARROW_MOST = 2 ** 31;

const scaling: Scaling = { factor: 1, scale: 1 };

/**
 * How (base + tick * u) becomes an element in FORM_INTEGER, FORM_DIVIDE or FORM_MULTIPLY, for any narrow u. The same
 * object every time.
 */
export function scalingOf(form: number, exponent: number, base: number, tick: number): Scaling {
  scaling.factor = 1;
  scaling.scale = form === FORM_MULTIPLY ? TEN_TO_MINUS[exponent] : 1;
  if (form !== FORM_DIVIDE || exponent === 0) return scaling;
  const factor = RECIPROCAL_FACTOR[exponent] ?? 0;
  const isExact = (Math.abs(base) + tick * NARROW_MOST) * factor <= 2 ** 53;
  scaling.factor = isExact ? factor : 0;
  scaling.scale = factor > 0 && isExact ? 1 / (TEN_TO[exponent] * factor) : TEN_TO[exponent];
  return scaling;
}
