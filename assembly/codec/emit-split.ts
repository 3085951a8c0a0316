// Integers of a column to doubles by FORM_SPLIT, four at a time: the integers have room, and so has OUT.
import { CLASSES, OUT, STEPS } from './offsets';
import { TEN, TENTH } from './powers';
import { extremes32 } from './residuals';
import { SPLIT_LIMIT, split, splitPair } from './split';
import { SHORT_EXPONENT, storeFour, storeSteps, upperHalf } from './split-steps';

/** Narrow integers; the doubles may be of any size. */
export function emitSplit(src: usize, n: i32, exponent: i32, base: f64, tick: f64): void {
  if (exponent <= SHORT_EXPONENT) {
    extremes32(src, n);
    const least = base + tick * <f64>load<i32>(CLASSES);
    const most = base + tick * <f64>load<i32>(CLASSES, 4);
    if (least >= 0 && most < 2147483648) {
      storeSteps();
      if (most < unchecked(TEN[exponent])) emitFractions(src, n, exponent, <i32><i64>base, <i32><i64>tick);
      else emitPositive(src, n, exponent, <i32><i64>base, <i32><i64>tick);
      return;
    }
  }
  if (abs(base) + abs(tick) * 2147483648 < SPLIT_LIMIT) return emitPairs(src, n, exponent, base, tick);
  for (let i = 0; i < n; i++) {
    const u = <f64>load<i32>(src + (<usize>i << 2));
    store<f64>(OUT + (<usize>i << 3), split(base + tick * u, exponent));
  }
}

/** All are from 0 to below 1: nothing but a fraction. Sums and products wrap on the way and are right in the end. */
function emitFractions(src: usize, n: i32, exponent: i32, base: i32, tick: i32): void {
  const bases = i32x4.splat(base);
  const ticks = i32x4.splat(tick);
  const end = src + (<usize>n << 2);
  for (let out = OUT; src < end; src += 16, out += 32) {
    const values = i32x4.add(bases, i32x4.mul(ticks, v128.load(src)));
    storeFour(out, values, exponent, false, values, values);
  }
}

/**
 * Integers from 0 to below 2^31. Their whole part is (v * factor) >> (31 + l), where 10^exponent is at most 2^l and the
 * factor the next integer above 2^(31 + l) / 10^exponent: it is too great by at most 2^l parts of 2^(31 + l).
 */
function emitPositive(src: usize, n: i32, exponent: i32, base: i32, tick: i32): void {
  const unit = <u64>unchecked(TEN[exponent]);
  const bits = 31 + 64 - <i32>clz(unit - 1);
  const factors = i32x4.splat(<i32>((<u64>1 << bits) / unit + 1));
  const units = i32x4.splat(<i32>unit);
  const bases = i32x4.splat(base);
  const ticks = i32x4.splat(tick);
  const end = src + (<usize>n << 2);
  for (let out = OUT; src < end; src += 16, out += 32) {
    const values = i32x4.add(bases, i32x4.mul(ticks, v128.load(src)));
    const low = i64x2.shr_u(i64x2.extmul_low_i32x4_u(values, factors), bits);
    const high = i64x2.shr_u(i64x2.extmul_high_i32x4_u(values, factors), bits);
    const whole = i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    const fractions = i32x4.sub(values, i32x4.mul(whole, units));
    const lowWhole = f64x2.convert_low_i32x4_s(whole);
    storeFour(out, fractions, exponent, true, lowWhole, f64x2.convert_low_i32x4_s(upperHalf(whole)));
  }
}

/** Of any sign, below SPLIT_LIMIT. */
function emitPairs(src: usize, n: i32, exponent: i32, base: f64, tick: f64): void {
  const unit = f64x2.splat(unchecked(TEN[exponent]));
  const tenth = f64x2.splat(unchecked(TENTH[exponent]));
  const bases = f64x2.splat(base);
  const ticks = f64x2.splat(tick);
  const end = src + (<usize>n << 2);
  for (let out = OUT; src < end; src += 16, out += 32) {
    const u = v128.load(src);
    const low = f64x2.add(bases, f64x2.mul(ticks, f64x2.convert_low_i32x4_s(u)));
    const high = f64x2.add(bases, f64x2.mul(ticks, f64x2.convert_low_i32x4_s(upperHalf(u))));
    storePair(out, low, exponent, unit, tenth);
    storePair(out + 16, high, exponent, unit, tenth);
  }
}

/** Once in the module: it is long, and columns of such integers are rare. */
function storePair(out: usize, v: v128, exponent: i32, unit: v128, tenth: v128): void {
  v128.store(out, splitPair(v, exponent, unit, tenth));
}

/** Of two integers below 2^51 in magnitude: added to 1.5 * 2^52, they stand in the low bits of the double. */
const MIDDLE_BITS: i64 = 0x4338000000000000;
const MIDDLE: f64 = 6755399441055744;
const FAR: i64 = 1 << 51;

/** Wide integers as doubles. */
// @ts-ignore: decorator
@inline
export function wideDoubles(src: usize): v128 {
  const u = v128.load(src);
  if (!v128.any_true(i64x2.shr_u(i64x2.add(u, i64x2.splat(FAR)), 52))) {
    return f64x2.sub(i64x2.add(u, i64x2.splat(MIDDLE_BITS)), f64x2.splat(MIDDLE));
  }
  return f64x2.replace_lane(f64x2.splat(<f64>load<i64>(src)), 1, <f64>load<i64>(src, 8));
}

// @ts-ignore: decorator
@inline
function areWithin(low: v128, high: v128, least: f64, below: f64): bool {
  const isLow = v128.and(f64x2.ge(low, f64x2.splat(least)), f64x2.lt(low, f64x2.splat(below)));
  const isHigh = v128.and(f64x2.ge(high, f64x2.splat(least)), f64x2.lt(high, f64x2.splat(below)));
  return i64x2.all_true(v128.and(isLow, isHigh));
}

/**
 * Below this, a product with 1 / unit, made greater by 2^-51 of itself, has the whole part of the quotient: it is too
 * great by less than 2^-50 of itself and never too small, and a quotient that is not whole is 1 / unit or more below
 * the next whole number.
 */
const SHORT_LIMIT: f64 = 1125899906842624;
const ABOVE_ONE: f64 = 1.00000000000000044409;

/** Wide integers, of any size. */
export function emitWideSplit(src: usize, n: i32, exponent: i32, base: f64, tick: f64): void {
  storeSteps();
  v128.store(STEPS, f64x2.splat(LOW_BITS), 128);
  const unit = f64x2.splat(unchecked(TEN[exponent]));
  const tenth = f64x2.splat(unchecked(TENTH[exponent]));
  const inverse = f64x2.splat((1 / unchecked(TEN[exponent])) * ABOVE_ONE);
  const limit = exponent > SHORT_EXPONENT ? 0 : SHORT_LIMIT;
  const bases = f64x2.splat(base);
  const ticks = f64x2.splat(tick);
  const end = src + (<usize>n << 3);
  for (let out = OUT; src < end; src += 32, out += 32) {
    const low = f64x2.add(bases, f64x2.mul(ticks, wideDoubles(src)));
    const high = f64x2.add(bases, f64x2.mul(ticks, wideDoubles(src + 16)));
    if (areWithin(low, high, 0, limit)) storePositive(out, low, high, exponent, unit, inverse);
    else if (areWithin(low, high, -SPLIT_LIMIT, SPLIT_LIMIT)) {
      storePair(out, low, exponent, unit, tenth);
      storePair(out + 16, high, exponent, unit, tenth);
    } else {
      store<f64>(out, split(f64x2.extract_lane(low, 0), exponent));
      store<f64>(out, split(f64x2.extract_lane(low, 1), exponent), 8);
      store<f64>(out, split(f64x2.extract_lane(high, 0), exponent), 16);
      store<f64>(out, split(f64x2.extract_lane(high, 1), exponent), 24);
    }
  }
}

/** Added to 2^52, an integer stands in the low bits of the double. */
const LOW_BITS: f64 = 4503599627370496;

/** Integers from 0 to below SHORT_LIMIT. */
// @ts-ignore: decorator
@inline
function storePositive(out: usize, low: v128, high: v128, exponent: i32, unit: v128, inverse: v128): void {
  const bits = v128.load(STEPS, 128);
  const lowWhole = f64x2.floor(f64x2.mul(low, inverse));
  const highWhole = f64x2.floor(f64x2.mul(high, inverse));
  const lowFraction = f64x2.add(f64x2.sub(low, f64x2.mul(lowWhole, unit)), bits);
  const highFraction = f64x2.add(f64x2.sub(high, f64x2.mul(highWhole, unit)), bits);
  const fractions = i8x16.shuffle(lowFraction, highFraction, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  storeFour(out, fractions, exponent, true, lowWhole, highWhole);
}
