// FORM_SPLIT: a whole part and a fraction without its trailing zeros, each rounded by itself; see
// src/kernels/reference/decimal.ts.
import { TEN, TENTH } from './powers';

// @ts-ignore: decorator
@inline
export function split(v: f64, exponent: i32): f64 {
  const magnitude = abs(v);
  const unit = unchecked(TEN[exponent]);
  const whole = floor(magnitude / unit);
  let fraction = magnitude - whole * unit;
  let digits = exponent;
  if (fraction != 0) {
    if (fraction > 0 && fraction < 4294967296) {
      // The usual case in integers: the same digits, without divisions of doubles.
      let rest = <u32>fraction;
      while (digits > 0) {
        const tenth = rest / 10;
        if (tenth * 10 != rest) break;
        rest = tenth;
        digits--;
      }
      fraction = <f64>rest;
    } else {
      while (digits > 0) {
        const tenth = floor(fraction / 10);
        if (tenth * 10 != fraction) break;
        fraction = tenth;
        digits--;
      }
    }
  }
  const value = whole + fraction * unchecked(TENTH[digits]);
  return v < 0 ? -value : value;
}

/** Negative powers of ten from the 16th element on; ones before. */
export const SPLIT_SCALES: StaticArray<f64> = [
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
];
/** From here on `splitPair` would take other roundings than `split`. */
export const SPLIT_LIMIT: f64 = 9007199254740992;

/** Each fraction divided by `power`, 10^k, if it is a multiple; `part` is about 1 / power. */
// @ts-ignore: decorator
@inline
function withoutZeros(fraction: v128, power: f64, part: f64): v128 {
  // Exact for a multiple, whatever the rounding of the product: it is off by less than a half.
  const rest = f64x2.nearest(f64x2.mul(fraction, f64x2.splat(part)));
  return v128.bitselect(rest, fraction, f64x2.eq(f64x2.mul(rest, f64x2.splat(power)), fraction));
}

/**
 * `split` of two integers below 2^53 without a branch: trailing zeros go by eight, four, two and one, as many as there
 * are. A fraction of 0 loses zeros that are not there; it stays 0, whatever it is scaled with.
 */
// @ts-ignore: decorator
@inline
export function splitPair(v: v128, exponent: i32, unit: v128, tenth: v128): v128 {
  const magnitude = f64x2.abs(v);
  const whole = f64x2.floor(f64x2.div(magnitude, unit));
  let fraction = f64x2.sub(magnitude, f64x2.mul(whole, unit));
  const tens = withoutZeros(fraction, 10, 0.1);
  // Most fractions end in another digit.
  if (!v128.any_true(f64x2.ne(tens, fraction))) return signed(f64x2.add(whole, f64x2.mul(fraction, tenth)), v);
  let index = i64x2.splat(16 + exponent);
  if (exponent > 7) {
    const rest = withoutZeros(fraction, 1e8, 1e-8);
    index = i64x2.add(index, v128.andnot(i64x2.splat(-8), i64x2.eq(rest, fraction)));
    fraction = rest;
  }
  if (exponent > 3) {
    const rest = withoutZeros(fraction, 1e4, 1e-4);
    index = i64x2.add(index, v128.andnot(i64x2.splat(-4), i64x2.eq(rest, fraction)));
    fraction = rest;
  }
  const hundreds = withoutZeros(fraction, 1e2, 1e-2);
  index = i64x2.add(index, v128.andnot(i64x2.splat(-2), i64x2.eq(hundreds, fraction)));
  const last = withoutZeros(hundreds, 10, 0.1);
  index = i64x2.add(index, v128.andnot(i64x2.splat(-1), i64x2.eq(last, hundreds)));
  const table = changetype<usize>(SPLIT_SCALES);
  let scale = f64x2.splat(load<f64>(table + (<usize>i64x2.extract_lane(index, 0) << 3)));
  scale = f64x2.replace_lane(scale, 1, load<f64>(table + (<usize>i64x2.extract_lane(index, 1) << 3)));
  return signed(f64x2.add(whole, f64x2.mul(last, scale)), v);
}

/** The sign of what is below 0; -0 loses it. */
// @ts-ignore: decorator
@inline
function signed(magnitude: v128, v: v128): v128 {
  return v128.xor(magnitude, v128.and(f64x2.lt(v, f64x2.splat(0)), f64x2.splat(-0.0)));
}
