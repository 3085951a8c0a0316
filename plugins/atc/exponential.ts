/**
 * exp with the same bits on every machine and in every engine; Math.exp may differ between versions by a last bit.
 * Method: x = k·ln 2 + r with |r| ≤ ln 2 / 2, a rational approximation of exp(r), then a scaling by 2^k (W. J. Cody and W. Waite,
 * "Software Manual for the Elementary Functions"; the coefficients are those of FreeBSD's msun e_exp.c). Error below 1 ulp.
 */

/** ln 2 in two parts: k·HIGH is exact for every k that occurs. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const P1 = 0.16666666666666602;
const P2 = -0.0027777777777015593;
const P3 = 0.00006613756321437934;
const P4 = -0.0000016533902205465252;
const P5 = 4.1381367970572385e-8;

/** Above this, exp overflows; below the other, it is 0. */
const OVERFLOW = 709.782712893384;
const UNDERFLOW = -745.1332191019412;

/** exp(x). Overflow gives the largest finite double, not Infinity: a weight must stay a number. NaN stays NaN. */
export function exponential(x: number): number {
  if (x > OVERFLOW) return Number.MAX_VALUE;
  if (x < UNDERFLOW) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const square = r * r;
  const c = r - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  // In two steps, because 2^1024 and 2^-1075 are no normal doubles.
  const half = Math.trunc(k / 2);
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}

/** 2^k for |k| up to 1022, by repeated squaring: products of powers of two are exact. */
function powerOfTwo(k: number): number {
  let result = 1;
  let factor = k < 0 ? 0.5 : 2;
  for (let n = Math.abs(k); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= factor;
    factor *= factor;
  }
  return result;
}
