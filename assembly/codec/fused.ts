// Delta chain and division in one pass: the divider is the bottleneck, so everything else hides behind it.
import { OUT, PLANE_A } from './layout';
import { lastLane, prefixSums, residuals4 } from './predict';
import { tenTo } from './decimal';

// @ts-ignore: decorator
@inline
function fuse(dst: usize, n: i32, zigzag: bool, plain: bool, divide: bool, first: i32, offset: v128, scale: v128, base: v128, tick: v128): void {
  let last = i32x4.splat(first);
  let out = OUT;
  const end = dst + (<usize>((n + 3) >> 2) << 4);
  for (let at = PLANE_A; dst < end; dst += 16, at += 16, out += 32) {
    const u = i32x4.add(prefixSums(residuals4(at, zigzag, offset)), last);
    v128.store(dst, u);
    last = lastLane(u);
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
  }
}

/** PREDICT_DELTA of narrow integers to `dst`, and their doubles (FORM_DIVIDE, or integers where `exponent` is 0) to OUT. */
export function deltaDoubles(dst: usize, n: i32, zigzag: bool, first: i32, offset: i32, exponent: i32, base: f64, tick: f64): void {
  const offsets = i32x4.splat(offset);
  const scale = f64x2.splat(tenTo(exponent));
  const bases = f64x2.splat(base);
  const ticks = f64x2.splat(tick);
  const plain = base == 0 && tick == 1;
  if (exponent > 0) {
    if (plain) {
      if (zigzag) fuse(dst, n, true, true, true, first, offsets, scale, bases, ticks);
      else fuse(dst, n, false, true, true, first, offsets, scale, bases, ticks);
    } else if (zigzag) fuse(dst, n, true, false, true, first, offsets, scale, bases, ticks);
    else fuse(dst, n, false, false, true, first, offsets, scale, bases, ticks);
  } else if (zigzag) fuse(dst, n, true, false, false, first, offsets, scale, bases, ticks);
  else fuse(dst, n, false, false, false, first, offsets, scale, bases, ticks);
}
