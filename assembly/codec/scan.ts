// Small scans of an encoder over whole columns; see src/kernels/reference/scan.ts.
import { CLASSES, OUT, UNITS_U } from './offsets';

/** Smallest and largest of the n doubles at `src` (no NaN), to CLASSES. */
export function extremes(src: usize, n: i32): void {
  let least = f64x2.splat(load<f64>(src));
  let most = least;
  const end = src + (<usize>(n & ~1) << 3);
  for (let at = src; at < end; at += 16) {
    const x = v128.load(at);
    least = f64x2.pmin(least, x);
    most = f64x2.pmax(most, x);
  }
  let low = min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
  let high = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  if (n & 1) {
    low = min(low, load<f64>(end));
    high = max(high, load<f64>(end));
  }
  store<f64>(CLASSES, low);
  store<f64>(CLASSES, high, 8);
}

/**
 * The first row from `from` on whose double in OUT, less `base`, is no multiple of `divisor`; n where there is none.
 */
export function indivisible(from: i32, n: i32, base: f64, divisor: f64): i32 {
  const bases = f64x2.splat(base);
  const divisors = f64x2.splat(divisor);
  // From the pair of `from` on: what stands before it was found divisible, or the caller looks again.
  for (let i = from & ~1; i < n; i += 2) {
    const x = f64x2.sub(v128.load(OUT + (<usize>i << 3)), bases);
    const multiple = f64x2.eq(f64x2.mul(f64x2.floor(f64x2.div(x, divisors)), divisors), x);
    if (i64x2.all_true(multiple)) continue;
    if (i >= from && i64x2.extract_lane(multiple, 0) == 0) return i;
    if (i + 1 < n && i64x2.extract_lane(multiple, 1) == 0) return i + 1;
  }
  return n;
}

/** (x - base) / tick of the n doubles in OUT as i32 to UNITS_U; all are whole and below 2^31. */
export function narrow(n: i32, base: f64, tick: f64): void {
  const bases = f64x2.splat(base);
  const ticks = f64x2.splat(tick);
  const end = OUT + (<usize>n << 3);
  let dst = UNITS_U;
  if (tick == 1) for (let at = OUT; at < end; at += 32, dst += 16) store4(dst, f64x2.sub(v128.load(at), bases), f64x2.sub(v128.load(at, 16), bases));
  else {
    for (let at = OUT; at < end; at += 32, dst += 16) {
      store4(dst, f64x2.div(f64x2.sub(v128.load(at), bases), ticks), f64x2.div(f64x2.sub(v128.load(at, 16), bases), ticks));
    }
  }
}

/** Four whole doubles as 32-bit integers; up to three of them lie beyond the rows, in room that planes have. */
// @ts-ignore: decorator
@inline
function store4(dst: usize, a: v128, b: v128): void {
  const low = i32x4.trunc_sat_f64x2_s_zero(a);
  const high = i32x4.trunc_sat_f64x2_s_zero(b);
  v128.store(dst, i64x2.shuffle(low, high, 0, 2));
}

/** Whether `bytes` bytes at OUT and at `other` are the same; a multiple of 4. */
export function equal(other: usize, bytes: i32): bool {
  const whole = OUT + <usize>(bytes & ~15);
  let at = OUT;
  for (; at < whole; at += 16, other += 16) {
    if (v128.any_true(v128.xor(v128.load(at), v128.load(other)))) return false;
  }
  for (const end = OUT + bytes; at < end; at++, other++) if (load<u8>(at) != load<u8>(other)) return false;
  return true;
}
