// Integers to doubles and back; see src/kernels/reference/decimal.ts.
import { BASES, FACTORS, OUT, PLANE_A, PLANE_C, SCALES, TICKS } from './offsets';

const TEN: StaticArray<f64> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];
const TENTH: StaticArray<f64> = [
  1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
];

const DIVIDE: i32 = 1;
const MULTIPLY: i32 = 2;
const SPLIT: i32 = 3;
const SINGLE: i32 = 4;
/** (v * factor) * scale, FORM_DIVIDE without a division: see src/kernels/reciprocals.ts. */
const RECIPROCAL: i32 = 9;

// @ts-ignore: decorator
@inline
function split(v: f64, exponent: i32): f64 {
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
const SPLIT_SCALES: StaticArray<f64> = [
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
];
/** From here on `splitPair` would take other roundings than `split`. */
const SPLIT_LIMIT: f64 = 9007199254740992;

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
function splitPair(v: v128, exponent: i32, unit: v128, tenth: v128): v128 {
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

/** In steps of four: the integers have room, and so has OUT. */
function emitSplit(src: usize, n: i32, exponent: i32, base: f64, tick: f64): void {
  const unit = f64x2.splat(unchecked(TEN[exponent]));
  const tenth = f64x2.splat(unchecked(TENTH[exponent]));
  const bases = f64x2.splat(base);
  const ticks = f64x2.splat(tick);
  const end = src + (<usize>n << 2);
  let out = OUT;
  for (; src < end; src += 16, out += 32) {
    const u = v128.load(src);
    const high = i8x16.shuffle(u, u, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
    v128.store(out, splitPair(f64x2.add(bases, f64x2.mul(ticks, f64x2.convert_low_i32x4_s(u))), exponent, unit, tenth));
    v128.store(out, splitPair(f64x2.add(bases, f64x2.mul(ticks, f64x2.convert_low_i32x4_s(high))), exponent, unit, tenth), 16);
  }
}

/** Of wide integers, in steps of two; what splitPair is not exact for goes one by one. */
function emitWideSplit(src: usize, n: i32, exponent: i32, base: f64, tick: f64): void {
  const unit = f64x2.splat(unchecked(TEN[exponent]));
  const tenth = f64x2.splat(unchecked(TENTH[exponent]));
  const limit = f64x2.splat(SPLIT_LIMIT);
  const bases = f64x2.splat(base);
  const ticks = f64x2.splat(tick);
  const end = src + (<usize>n << 3);
  let out = OUT;
  for (; src < end; src += 16, out += 16) {
    let u = f64x2.splat(<f64>load<i64>(src));
    u = f64x2.replace_lane(u, 1, <f64>load<i64>(src, 8));
    const v = f64x2.add(bases, f64x2.mul(ticks, u));
    if (i64x2.all_true(f64x2.lt(f64x2.abs(v), limit))) {
      v128.store(out, splitPair(v, exponent, unit, tenth));
    } else {
      store<f64>(out, split(f64x2.extract_lane(v, 0), exponent));
      store<f64>(out, split(f64x2.extract_lane(v, 1), exponent), 8);
    }
  }
}

// @ts-ignore: decorator
@inline
function scaled(v: v128, form: i32, scale: v128): v128 {
  if (form == DIVIDE) return f64x2.div(v, scale);
  if (form == MULTIPLY || form == RECIPROCAL) return f64x2.mul(v, scale);
  if (form == SINGLE) return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.div(v, scale)));
  return v;
}

// @ts-ignore: decorator
@inline
function emitNarrow(form: i32, src: usize, n: i32, plain: bool): void {
  const scale = v128.load(SCALES);
  const base = v128.load(BASES);
  const tick = v128.load(TICKS);
  const factor = v128.load(FACTORS);
  const end = src + (<usize>n << 2);
  let out = OUT;
  for (; src < end; src += 16, out += 32) {
    const u = v128.load(src);
    let low = f64x2.convert_low_i32x4_s(u);
    let high = f64x2.convert_low_i32x4_s(i8x16.shuffle(u, u, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
    if (!plain) {
      low = f64x2.add(base, f64x2.mul(tick, low));
      high = f64x2.add(base, f64x2.mul(tick, high));
    }
    if (form == RECIPROCAL) {
      low = f64x2.mul(low, factor);
      high = f64x2.mul(high, factor);
    }
    v128.store(out, scaled(low, form, scale));
    v128.store(out, scaled(high, form, scale), 16);
  }
}

// @ts-ignore: decorator
@inline
function emitWide(form: i32, src: usize, n: i32, scale: v128, base: v128, tick: v128): void {
  const end = src + (<usize>n << 3);
  let out = OUT;
  for (; src < end; src += 16, out += 16) {
    let v = f64x2.splat(<f64>load<i64>(src));
    v = f64x2.replace_lane(v, 1, <f64>load<i64>(src, 8));
    v128.store(out, scaled(f64x2.add(base, f64x2.mul(tick, v)), form, scale));
  }
}

/** `factor` and `scale` are those of narrow FORM_DIVIDE; a factor of 0 means division. */
export function emitDoubles(src: usize, n: i32, wide: bool, form: i32, exponent: i32, base: f64, tick: f64, factor: f64, scale: f64): void {
  if (form == SPLIT) {
    if (wide) return emitWideSplit(src, n, exponent, base, tick);
    if (abs(base) + abs(tick) * 2147483648 < SPLIT_LIMIT) return emitSplit(src, n, exponent, base, tick);
    for (let i = 0; i < n; i++) {
      const u = <f64>load<i32>(src + (<usize>i << 2));
      store<f64>(OUT + (<usize>i << 3), split(base + tick * u, exponent));
    }
    return;
  }
  const unit = f64x2.splat(form == MULTIPLY ? unchecked(TENTH[exponent]) : unchecked(TEN[exponent]));
  if (wide) {
    const bases = f64x2.splat(base);
    const ticks = f64x2.splat(tick);
    if (form == DIVIDE) emitWide(DIVIDE, src, n, unit, bases, ticks);
    else if (form == MULTIPLY) emitWide(MULTIPLY, src, n, unit, bases, ticks);
    else if (form == SINGLE) emitWide(SINGLE, src, n, unit, bases, ticks);
    else emitWide(0, src, n, unit, bases, ticks);
    return;
  }
  const isReciprocal = form == DIVIDE && factor > 0;
  v128.store(SCALES, isReciprocal ? f64x2.splat(scale) : unit);
  v128.store(BASES, f64x2.splat(base));
  v128.store(TICKS, f64x2.splat(tick));
  v128.store(FACTORS, f64x2.splat(factor));
  if (base == 0 && tick == 1) {
    if (isReciprocal) emitNarrow(RECIPROCAL, src, n, true);
    else if (form == DIVIDE) emitNarrow(DIVIDE, src, n, true);
    else if (form == MULTIPLY) emitNarrow(MULTIPLY, src, n, true);
    else if (form == SINGLE) emitNarrow(SINGLE, src, n, true);
    else emitNarrow(0, src, n, true);
  } else {
    if (isReciprocal) emitNarrow(RECIPROCAL, src, n, false);
    else if (form == DIVIDE) emitNarrow(DIVIDE, src, n, false);
    else if (form == MULTIPLY) emitNarrow(MULTIPLY, src, n, false);
    else if (form == SINGLE) emitNarrow(SINGLE, src, n, false);
    else emitNarrow(0, src, n, false);
  }
}

// @ts-ignore: decorator
@inline
function unitAt(src: usize, i: i32, wide: bool): f64 {
  return wide ? <f64>load<i64>(src + (<usize>i << 3)) : <f64>load<i32>(src + (<usize>i << 2));
}

export function emitRatios(src: usize, n: i32, wide: bool, base: f64, tick: f64, divisor: f64): void {
  for (let i = 0; i < n; i++) store<f64>(OUT + (<usize>i << 3), (base + tick * unitAt(src, i, wide)) / divisor);
}

export function emitSmoothed(src: usize, n: i32, wide: bool, exponent: i32, base: f64, tick: f64, alpha: f64, seed: f64): void {
  const unit = unchecked(TEN[exponent]);
  let y = seed;
  for (let i = 0; i < n; i++) {
    if (i > 0) y = y + ((base + tick * unitAt(src, i, wide)) / unit - y) * alpha;
    const z = load<u32>(PLANE_A + (<usize>i << 2));
    y = reinterpret<f64>(reinterpret<i64>(y) + <i64><i32>((z >> 1) ^ -(z & 1)));
    store<f64>(OUT + (<usize>i << 3), y);
  }
}

export function emitIntegers(src: usize, n: i32, wide: bool, base: i64, tick: i64): void {
  for (let i = 0; i < n; i++) {
    const u = wide ? load<i64>(src + (<usize>i << 3)) : <i64>load<i32>(src + (<usize>i << 2));
    store<i64>(OUT + (<usize>i << 3), base + tick * u);
  }
}

export function emitBits(src: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const u = load<i64>(src + (<usize>i << 3));
    store<i64>(OUT + (<usize>i << 3), u ^ ((u >> 63) & 0x7fffffffffffffff));
  }
}

/** Wide integers stay below 2^51, see the reference. */
const WIDE_LIMIT: f64 = 2251799813685248;

// @ts-ignore: decorator
@inline
function toDecimalBy(form: i32, dst: usize, n: i32, unit: f64, scale: f64, exponent: i32): i32 {
  let failed = 0;
  const units = f64x2.splat(unit);
  const scales = f64x2.splat(scale);
  const half = f64x2.splat(0.5);
  const limit = f64x2.splat(WIDE_LIMIT);
  const tenth = f64x2.splat(unchecked(TENTH[exponent]));
  for (let i = 0; i < n; i += 2) {
    const x = v128.load(OUT + (<usize>i << 3));
    const v = f64x2.floor(f64x2.add(f64x2.mul(x, units), half));
    let back: v128;
    // What is beyond the limit of splitPair is beyond that of wide integers too, so it fails either way.
    if (form == SPLIT) back = splitPair(v, exponent, scales, tenth);
    else back = scaled(v, form, scales);
    const exact = v128.and(i64x2.eq(back, x), f64x2.lt(f64x2.abs(v), limit));
    v128.store(dst + (<usize>i << 3), v128.and(v, exact));
    if (!i64x2.all_true(exact)) {
      if (i64x2.extract_lane(exact, 0) == 0) {
        store<u32>(PLANE_C + ((<usize>failed) << 2), i);
        failed++;
      }
      if (i64x2.extract_lane(exact, 1) == 0 && i + 1 < n) {
        store<u32>(PLANE_C + ((<usize>failed) << 2), i + 1);
        failed++;
      }
    }
  }
  return failed;
}

export function toDecimal(dst: usize, n: i32, form: i32, exponent: i32): i32 {
  const unit = unchecked(TEN[exponent]);
  if (form == SPLIT) return toDecimalBy(SPLIT, dst, n, unit, unit, exponent);
  if (form == MULTIPLY) return toDecimalBy(MULTIPLY, dst, n, unit, unchecked(TENTH[exponent]), exponent);
  if (form == SINGLE) return toDecimalBy(SINGLE, dst, n, unit, unit, exponent);
  return toDecimalBy(DIVIDE, dst, n, unit, unit, exponent);
}
