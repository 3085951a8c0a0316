// Delta chain and division in one pass: the divider is the bottleneck, so everything else hides behind it.
import { OUT, PLANE_A, VECTOR } from './layout';
import { lastLane, prefixSums, residuals4 } from './predict';
import { tenTo } from './decimal';
import { beginNext, finishNext, nextWidth, unpackNext } from './unpack';

/** The vector to be unpacked beside the one that is fused: its words, its width (1-31), where it goes. No words: none. */
let words: usize = 0;
let width: i32 = 0;
let target: usize = 0;

/** n residuals at `at` after the integer `first`; integers to `dst`, doubles to `out`. The last integer. */
// @ts-ignore: decorator
@inline
function fuse(at: usize, dst: usize, out: usize, n: i32, zigzag: bool, plain: bool, divide: bool, first: i32, offset: v128, scale: v128, base: v128, tick: v128): i32 {
  let last = i32x4.splat(first);
  const end = dst + (<usize>((n + 3) >> 2) << 4);
  if (words == 0) {
    for (; dst < end; dst += 16, at += 16, out += 32) last = row(at, dst, out, last, zigzag, plain, divide, offset, scale, base, tick);
    return i32x4.extract_lane(last, 0);
  }
  // A vector of as many rows is unpacked row by row: the divider leaves the other units idle.
  let src = words;
  let to = target;
  const step = width;
  const mask = i32x4.splat((1 << step) - 1);
  let held = v128.load(src);
  let shift = 0;
  for (; dst < end; dst += 16, at += 16, out += 32, to += 16) {
    last = row(at, dst, out, last, zigzag, plain, divide, offset, scale, base, tick);
    let value = i32x4.shr_u(held, shift);
    shift += step;
    if (shift >= 32) {
      shift -= 32;
      src += 16;
      held = v128.load(src);
      if (shift > 0) value = v128.or(value, i32x4.shl(held, step - shift));
    }
    v128.store(to, v128.and(value, mask));
  }
  return i32x4.extract_lane(last, 0);
}

// @ts-ignore: decorator
@inline
function row(at: usize, dst: usize, out: usize, last: v128, zigzag: bool, plain: bool, divide: bool, offset: v128, scale: v128, base: v128, tick: v128): v128 {
  const u = i32x4.add(prefixSums(residuals4(at, zigzag, offset)), last);
  v128.store(dst, u);
  let low = f64x2.convert_low_i32x4_s(u);
  let high = f64x2.convert_low_i32x4_s(i8x16.shuffle(u, u, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  if (!plain) {
    low = f64x2.add(base, f64x2.mul(tick, low));
    high = f64x2.add(base, f64x2.mul(tick, high));
  }
  if (divide) {
    low = f64x2.div(low, scale);
    high = f64x2.div(high, scale);
  }
  v128.store(out, low);
  v128.store(out, high, 16);
  return lastLane(u);
}

function fuseAny(at: usize, dst: usize, out: usize, n: i32, zigzag: bool, first: i32, offset: i32, exponent: i32, base: f64, tick: f64): i32 {
  const offsets = i32x4.splat(offset);
  const scale = f64x2.splat(tenTo(exponent));
  const bases = f64x2.splat(base);
  const ticks = f64x2.splat(tick);
  const plain = base == 0 && tick == 1;
  if (exponent > 0) {
    if (plain) {
      if (zigzag) return fuse(at, dst, out, n, true, true, true, first, offsets, scale, bases, ticks);
      return fuse(at, dst, out, n, false, true, true, first, offsets, scale, bases, ticks);
    }
    if (zigzag) return fuse(at, dst, out, n, true, false, true, first, offsets, scale, bases, ticks);
    return fuse(at, dst, out, n, false, false, true, first, offsets, scale, bases, ticks);
  }
  if (zigzag) return fuse(at, dst, out, n, true, false, false, first, offsets, scale, bases, ticks);
  return fuse(at, dst, out, n, false, false, false, first, offsets, scale, bases, ticks);
}

/** PREDICT_DELTA of narrow integers to `dst`, and their doubles (FORM_DIVIDE, or integers where `exponent` is 0) to OUT. */
export function deltaDoubles(dst: usize, n: i32, zigzag: bool, first: i32, offset: i32, exponent: i32, base: f64, tick: f64): void {
  words = 0;
  fuseAny(PLANE_A, dst, OUT, n, zigzag, first, offset, exponent, base, tick);
}

/** The same from a packed stream, a vector at a time: its residuals never leave the first-level cache. */
export function packedDeltaDoubles(src: i32, end: i32, dst: usize, n: i32, zigzag: bool, first: i32, offset: i32, exponent: i32, base: f64, tick: f64): i32 {
  let last = first;
  let plane = PLANE_A;
  let at = unpackNext(src, end, plane, 0, min(VECTOR, n));
  for (let from = 0; from < n && at >= 0; from += VECTOR) {
    const other = plane == PLANE_A ? PLANE_A + 8192 : PLANE_A;
    const rest = n - from - VECTOR;
    let planes = 0;
    words = 0;
    if (rest >= VECTOR) {
      planes = beginNext(at, end);
      if (planes < 0) return planes;
      width = nextWidth();
      if (width > 0 && width < 32) words = planes;
      target = other;
    }
    last = fuseAny(plane, dst + (<usize>from << 2), OUT + (<usize>from << 3), min(VECTOR, n - from), zigzag, last, offset, exponent, base, tick);
    if (words != 0) at = finishNext(planes, other);
    else if (rest > 0) at = unpackNext(at, end, other, 0, min(VECTOR, rest));
    plane = other;
  }
  return at;
}
