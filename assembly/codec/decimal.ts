// Integers to doubles and back; see src/kernels/reference/decimal.ts.
import { BASES, FACTORS, OUT, PLANE_A, PLANE_C, SCALES, TICKS } from './offsets';
import { TEN, TENTH } from './powers';
import { emitSplit, emitWideSplit, wideDoubles } from './emit-split';
import { splitPair } from './split';

const DIVIDE: i32 = 1;
const MULTIPLY: i32 = 2;
const SPLIT: i32 = 3;
const SINGLE: i32 = 4;
/** (v * factor) * scale, FORM_DIVIDE without a division: see src/kernels/reciprocals.ts. */
const RECIPROCAL: i32 = 9;

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
    v128.store(out, scaled(f64x2.add(base, f64x2.mul(tick, wideDoubles(src))), form, scale));
  }
}

/** `factor` and `scale` are those of narrow FORM_DIVIDE; a factor of 0 means division. */
export function emitDoubles(src: usize, n: i32, wide: bool, form: i32, exponent: i32, base: f64, tick: f64, factor: f64, scale: f64): void {
  if (form == SPLIT) {
    if (wide) emitWideSplit(src, n, exponent, base, tick);
    else emitSplit(src, n, exponent, base, tick);
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
