// Residuals of narrow columns; see src/kernels/reference/residuals.ts.
import { CLASSES, PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C, UNITS_A, UNITS_B, UNITS_U } from './offsets';

const NONE: i32 = 0;
const DELTA: i32 = 1;
const LINEAR: i32 = 2;
const SAME: i32 = 3;
const PREVIOUS: i32 = 4;
const MAX: i32 = 5;
const MIN: i32 = 6;
const SPREAD: i32 = 7;

/** Smallest and largest residual. */
const EXTREMES: usize = CLASSES;

// @ts-ignore: decorator
@inline
function residuals4(kind: i32, at: usize): v128 {
  const u = v128.load(UNITS_U + at);
  if (kind == DELTA) return i32x4.sub(u, v128.load(UNITS_U + at - 4));
  if (kind == SAME) return i32x4.sub(u, v128.load(UNITS_A + at));
  if (kind == PREVIOUS) return i32x4.sub(u, v128.load(UNITS_A + at - 4));
  if (kind == MAX) return i32x4.sub(u, i32x4.max_s(v128.load(UNITS_A + at), v128.load(UNITS_B + at)));
  if (kind == MIN) return i32x4.sub(i32x4.min_s(v128.load(UNITS_A + at), v128.load(UNITS_B + at)), u);
  if (kind == LINEAR) {
    const before = v128.load(UNITS_U + at - 4);
    return i32x4.sub(i32x4.sub(u, before), i32x4.sub(before, v128.load(UNITS_U + at - 8)));
  }
  if (kind == SPREAD) {
    const step = i32x4.sub(v128.load(UNITS_A + at), v128.load(UNITS_A + at - 4));
    return i32x4.sub(i32x4.sub(u, v128.load(UNITS_U + at - 4)), step);
  }
  return u;
}

// @ts-ignore: decorator
@inline
function subtract(kind: i32, n: i32): void {
  const end = <usize>((n + 3) >> 2) << 4;
  for (let at: usize = 0; at < end; at += 16) v128.store(PLANE_B + at, residuals4(kind, at));
  // The first rows have no row before them.
  if (kind == DELTA) store<i32>(PLANE_B, n > 1 ? load<i32>(PLANE_B, 4) : 0);
  else if (kind == SPREAD) store<i32>(PLANE_B, 0);
  else if (kind == PREVIOUS) store<i32>(PLANE_B, load<i32>(UNITS_U) - load<i32>(UNITS_A));
  else if (kind == LINEAR) store<u64>(PLANE_B, 0);
  extremes32(PLANE_B, n);
}

/** Smallest and largest of n 32-bit integers at `src`, to EXTREMES; two zeros for none. */
export function extremes32(src: usize, n: i32): void {
  let least = i32x4.splat(n > 0 ? load<i32>(src) : 0);
  let most = least;
  const whole = <usize>(n >> 2) << 4;
  for (let at: usize = 0; at < whole; at += 16) {
    const r = v128.load(src + at);
    least = i32x4.min_s(least, r);
    most = i32x4.max_s(most, r);
  }
  let low = min(min(i32x4.extract_lane(least, 0), i32x4.extract_lane(least, 1)), min(i32x4.extract_lane(least, 2), i32x4.extract_lane(least, 3)));
  let high = max(max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1)), max(i32x4.extract_lane(most, 2), i32x4.extract_lane(most, 3)));
  for (let i = n & ~3; i < n; i++) {
    const r = load<i32>(src + (<usize>i << 2));
    low = min(low, r);
    high = max(high, r);
  }
  store<i32>(EXTREMES, low);
  store<i32>(EXTREMES, high, 4);
}

/** Residuals of the narrow column at UNITS_U to the low words of plane B; the extremes to EXTREMES. */
export function residuals32(kind: i32, n: i32): void {
  if (kind == DELTA) subtract(DELTA, n);
  else if (kind == LINEAR) subtract(LINEAR, n);
  else if (kind == SAME) subtract(SAME, n);
  else if (kind == PREVIOUS) subtract(PREVIOUS, n);
  else if (kind == MAX) subtract(MAX, n);
  else if (kind == MIN) subtract(MIN, n);
  else if (kind == SPREAD) subtract(SPREAD, n);
  else subtract(NONE, n);
}

/** Residuals at `src` to unsigned values in plane A. */
export function mapResiduals32(src: usize, n: i32, zigzag: bool, offset: i32): void {
  const end = <usize>((n + 3) >> 2) << 4;
  const offsets = i32x4.splat(offset);
  for (let at: usize = 0; at < end; at += 16) {
    const r = v128.load(src + at);
    const z = zigzag ? v128.xor(i32x4.shl(r, 1), i32x4.shr_s(r, 31)) : i32x4.sub(r, offsets);
    v128.store(PLANE_A + at, z);
  }
}

// @ts-ignore: decorator
@inline
function unit(plane: usize, i: i32): f64 {
  return <f64>load<i32>(plane + (<usize>i << 2));
}

/** What row i is expected to be, not wrapped. */
// @ts-ignore: decorator
@inline
function expectedAt(kind: i32, i: i32): f64 {
  if (kind == DELTA) return unit(UNITS_U, i > 0 ? i - 1 : 0);
  if (kind == LINEAR) return i < 2 ? unit(UNITS_U, i) : 2 * unit(UNITS_U, i - 1) - unit(UNITS_U, i - 2);
  if (kind == SAME) return unit(UNITS_A, i);
  if (kind == PREVIOUS) return unit(UNITS_A, i > 0 ? i - 1 : 0);
  if (kind == MAX) return max(unit(UNITS_A, i), unit(UNITS_B, i));
  if (kind == MIN) return min(unit(UNITS_A, i), unit(UNITS_B, i));
  if (kind == SPREAD) return i > 0 ? unit(UNITS_A, i) + unit(UNITS_U, i - 1) - unit(UNITS_A, i - 1) : unit(UNITS_U, i);
  return 0;
}

// @ts-ignore: decorator
@inline
function splitTiers(kind: i32, n: i32, grain: f64): i32 {
  let coarse = PLANE_B;
  let fine = PLANE_B + PLANE_BYTES;
  const half = grain / 2;
  for (let i = 0; i < n; i++) {
    const u = unit(UNITS_U, i);
    const expected = expectedAt(kind, i);
    const multiple = floor(u / grain);
    const escaped = u32(multiple * grain != u);
    // Both are stored where the next one of its kind goes; only the one that counts stays.
    let near = <i32>(<i64>(multiple - floor((expected + half) / grain)));
    let far = <i32>(<i64>(u - expected));
    if (kind == MIN) {
      near = -near;
      far = -far;
    }
    store<i32>(coarse, near);
    store<i32>(fine, far);
    store<u32>(PLANE_C + (<usize>i << 2), escaped);
    coarse += <usize>(1 - escaped) << 2;
    fine += <usize>escaped << 2;
  }
  return <i32>((coarse - PLANE_B) >> 2);
}

/**
 * Two tiers: flags to plane C, coarse residuals to the low words of plane B, fine ones to the high words; the coarse
 * rows.
 */
export function tiers32(kind: i32, n: i32, grain: f64): i32 {
  if (kind == DELTA) return splitTiers(DELTA, n, grain);
  if (kind == LINEAR) return splitTiers(LINEAR, n, grain);
  if (kind == SAME) return splitTiers(SAME, n, grain);
  if (kind == PREVIOUS) return splitTiers(PREVIOUS, n, grain);
  if (kind == MAX) return splitTiers(MAX, n, grain);
  if (kind == MIN) return splitTiers(MIN, n, grain);
  if (kind == SPREAD) return splitTiers(SPREAD, n, grain);
  return splitTiers(NONE, n, grain);
}
