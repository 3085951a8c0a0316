// Trailing zeros of four decimal fractions at once, and the doubles of FORM_SPLIT made of what is left.
import { STEPS } from './offsets';
import { SPLIT_SCALES } from './split';

/** Largest exponent whose fractions fit 32 bits. */
export const SHORT_EXPONENT: i32 = 9;

/**
 * n is a multiple of 10^k where n * 5^-k (modulo 2^32), turned right by k bits, is at most (2^32 - 1) / 10^k; it is the
 * quotient then. 5^-k and that limit for k of 8, 4, 2 and 1, one after the other.
 */
export function storeSteps(): void {
  storeStep(0, 0x22e90e21, 42);
  storeStep(32, 0x3afb7e91, 429496);
  storeStep(64, 0xc28f5c29, 42949672);
  storeStep(96, 0xcccccccd, 429496729);
}

function storeStep(at: usize, inverse: u32, limit: u32): void {
  v128.store(STEPS + at, i32x4.splat(inverse));
  v128.store(STEPS + at + 16, i32x4.splat(limit));
}

/** What the fractions are divided by 10^k to, each if it is a multiple. */
// @ts-ignore: decorator
@inline
function quotients(fractions: v128, k: i32, step: usize): v128 {
  const products = i32x4.mul(fractions, v128.load(STEPS + step));
  return v128.or(i32x4.shl(products, 32 - k), i32x4.shr_u(products, k));
}

// @ts-ignore: decorator
@inline
function areMultiples(quotients: v128, step: usize): v128 {
  return i32x4.le_u(quotients, v128.load(STEPS + step + 16));
}

// @ts-ignore: decorator
@inline
function scales(first: i32, second: i32): v128 {
  const table = changetype<usize>(SPLIT_SCALES);
  return v128.load64_lane(table + (<usize>second << 3), v128.load64_zero(table + (<usize>first << 3)), 1);
}

// @ts-ignore: decorator
@inline
export function upperHalf(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/**
 * Fractions below 10^exponent, of at most 9 digits, and the whole parts before them, if there are any, to `out` without
 * their sign. `storeSteps` comes before. A fraction of 0 loses zeros that are not there; it stays 0, whatever it is
 * scaled with.
 */
// @ts-ignore: decorator
@inline
export function storeFour(out: usize, fractions: v128, exponent: i32, hasWhole: bool, low: v128, high: v128): void {
  let index = i32x4.splat(16 + exponent);
  if (exponent > 8) {
    const rest = quotients(fractions, 8, 0);
    const isMultiple = areMultiples(rest, 0);
    fractions = v128.bitselect(rest, fractions, isMultiple);
    index = i32x4.add(index, i32x4.shl(isMultiple, 3));
  }
  if (exponent > 3) {
    const rest = quotients(fractions, 4, 32);
    const isMultiple = areMultiples(rest, 32);
    fractions = v128.bitselect(rest, fractions, isMultiple);
    index = i32x4.add(index, i32x4.shl(isMultiple, 2));
  }
  const hundreds = quotients(fractions, 2, 64);
  const isHundreds = areMultiples(hundreds, 64);
  fractions = v128.bitselect(hundreds, fractions, isHundreds);
  index = i32x4.add(index, i32x4.shl(isHundreds, 1));
  const tens = quotients(fractions, 1, 96);
  const isTens = areMultiples(tens, 96);
  fractions = v128.bitselect(tens, fractions, isTens);
  index = i32x4.add(index, isTens);
  const lowScales = scales(i32x4.extract_lane(index, 0), i32x4.extract_lane(index, 1));
  const highScales = scales(i32x4.extract_lane(index, 2), i32x4.extract_lane(index, 3));
  const lowPart = f64x2.mul(f64x2.convert_low_i32x4_s(fractions), lowScales);
  const highPart = f64x2.mul(f64x2.convert_low_i32x4_s(upperHalf(fractions)), highScales);
  v128.store(out, hasWhole ? f64x2.add(low, lowPart) : lowPart);
  v128.store(out, hasWhole ? f64x2.add(high, highPart) : highPart, 16);
}
