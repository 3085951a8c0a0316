// From residuals of a delta chain to doubles in one pass, without a division; see src/kernels/reciprocals.ts for why
// that is exact.
import { BASES, FACTORS, OUT, PLANE_A, SCALES, TICKS, VECTOR, WHOLE_FACTORS, ZERO } from './offsets';
import { lastLane, prefixSums } from './predict';
import { reachOf, residualsNext, toResiduals } from './unpack';

/** How an integer u becomes a double. */
/** (u * factor) * scale, the first product in 32-bit integers. */
const INTEGERS: i32 = 0;
/** (u * factor) * scale in doubles. */
const DOUBLES: i32 = 1;
/** ((base + tick * u) * factor) * scale. */
const BASED: i32 = 2;
/** (base + tick * u) / unit. */
const DIVIDED: i32 = 3;

// @ts-ignore: decorator
@inline
function doubles(kind: i32, v: v128, factors: v128, scales: v128, bases: v128, ticks: v128): v128 {
  if (kind == INTEGERS) return f64x2.mul(v, scales);
  if (kind == DOUBLES) return f64x2.mul(f64x2.mul(v, factors), scales);
  const value = f64x2.add(bases, f64x2.mul(ticks, v));
  return kind == BASED ? f64x2.mul(f64x2.mul(value, factors), scales) : f64x2.div(value, scales);
}

/** Four integers to `dst` and, as doubles, to `out`. */
// @ts-ignore: decorator
@inline
function emit(kind: i32, kept: bool, u: v128, dst: usize, out: usize, whole: v128, factors: v128, scales: v128, bases: v128, ticks: v128): void {
  if (kept) v128.store(dst, u);
  const v = kind == INTEGERS ? i32x4.mul(u, whole) : u;
  const low = f64x2.convert_low_i32x4_s(v);
  const high = f64x2.convert_low_i32x4_s(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  v128.store(out, doubles(kind, low, factors, scales, bases, ticks));
  v128.store(out, doubles(kind, high, factors, scales, bases, ticks), 16);
}

/**
 * Eight rows; the last integer in every lane. The second four get the sum of the first at once, so that the chain has
 * one link.
 */
// @ts-ignore: decorator
@inline
function eight(kind: i32, kept: bool, at: usize, dst: usize, out: usize, last: v128, zero: v128, whole: v128, factors: v128, scales: v128, bases: v128, ticks: v128): v128 {
  const first = prefixSums(v128.load(at), zero);
  const second = i32x4.add(prefixSums(v128.load(at, 16), zero), lastLane(first));
  emit(kind, kept, i32x4.add(first, last), dst, out, whole, factors, scales, bases, ticks);
  const u = i32x4.add(second, last);
  emit(kind, kept, u, dst + 16, out + 32, whole, factors, scales, bases, ticks);
  return lastLane(u);
}

/** `n` residuals at `at` after the integer `first`, in steps of 16; the last integer of the last step. */
// @ts-ignore: decorator
@inline
function rows(kind: i32, kept: bool, at: usize, dst: usize, out: usize, n: i32, first: i32): i32 {
  const zero = v128.load(ZERO);
  const whole = v128.load(WHOLE_FACTORS);
  const factors = v128.load(FACTORS);
  const scales = v128.load(SCALES);
  const bases = v128.load(BASES);
  const ticks = v128.load(TICKS);
  let last = i32x4.splat(first);
  for (const end = at + (<usize>((n + 15) >> 4) << 6); at < end; at += 64, dst += 64, out += 128) {
    last = eight(kind, kept, at, dst, out, last, zero, whole, factors, scales, bases, ticks);
    last = eight(kind, kept, at + 32, dst + 32, out + 64, last, zero, whole, factors, scales, bases, ticks);
  }
  return i32x4.extract_lane(last, 0);
}

function rowsOf(kind: i32, at: usize, dst: usize, out: usize, n: i32, first: i32): i32 {
  if (dst == 0) {
    if (kind == INTEGERS) return rows(INTEGERS, false, at, 0, out, n, first);
    if (kind == DOUBLES) return rows(DOUBLES, false, at, 0, out, n, first);
    if (kind == BASED) return rows(BASED, false, at, 0, out, n, first);
    return rows(DIVIDED, false, at, 0, out, n, first);
  }
  if (kind == INTEGERS) return rows(INTEGERS, true, at, dst, out, n, first);
  if (kind == DOUBLES) return rows(DOUBLES, true, at, dst, out, n, first);
  if (kind == BASED) return rows(BASED, true, at, dst, out, n, first);
  return rows(DIVIDED, true, at, dst, out, n, first);
}

/** What u is multiplied with where it needs no base, and the largest |u| for which that stays a 32-bit integer. */
let wholeFactor: f64 = 0;
let wholeLimit: f64 = 0;

/** Lays the constants; the way for all vectors that INTEGERS is not open to. */
function prepare(base: f64, tick: f64, factor: f64, scale: f64): i32 {
  wholeFactor = tick * factor;
  wholeLimit = base == 0 && factor > 0 && wholeFactor > 0 ? 2147483647 / wholeFactor : 0;
  const kind = factor == 0 ? DIVIDED : base == 0 && wholeFactor <= 4194304 ? DOUBLES : BASED;
  v128.store(ZERO, i32x4.splat(0));
  v128.store(FACTORS, f64x2.splat(kind == DOUBLES ? wholeFactor : factor));
  v128.store(SCALES, f64x2.splat(scale));
  v128.store(BASES, f64x2.splat(base));
  v128.store(TICKS, f64x2.splat(tick));
  v128.store(WHOLE_FACTORS, i32x4.splat(wholeLimit >= 1 ? <i32>wholeFactor : 0));
  return kind;
}

/**
 * PREDICT_DELTA of narrow integers in plane A to `dst` (0: they are not wanted), and their doubles to OUT: (base + tick
 * * u), times `factor` and then `scale`, or divided by `scale` where `factor` is 0.
 */
export function deltaDoubles(dst: usize, n: i32, zigzag: bool, first: i32, offset: i32, base: f64, tick: f64, factor: f64, scale: f64): void {
  const kind = prepare(base, tick, factor, scale);
  toResiduals(PLANE_A, n, zigzag, offset);
  rowsOf(kind, PLANE_A, dst, OUT, n, first);
}

/** The same from a packed stream, a vector at a time: its residuals never leave the first-level cache. */
export function packedDeltaDoubles(src: i32, end: i32, dst: usize, n: i32, zigzag: bool, first: i32, offset: i32, base: f64, tick: f64, factor: f64, scale: f64): i32 {
  const usual = prepare(base, tick, factor, scale);
  let at = src;
  let last = first;
  for (let from = 0; from < n; from += VECTOR) {
    const count = min(VECTOR, n - from);
    at = residualsNext(at, end, PLANE_A, count, zigzag, offset);
    if (at < 0) return at;
    const most = abs(<f64>last) + reachOf(count, zigzag, offset);
    const kind = most <= wholeLimit ? INTEGERS : usual;
    last = rowsOf(kind, PLANE_A, dst == 0 ? 0 : dst + (<usize>from << 2), OUT + (<usize>from << 3), count, last);
  }
  return at;
}
