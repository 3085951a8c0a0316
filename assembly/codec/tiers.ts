// Two tiers: rows that are multiples of a grain, and rows that are not; see src/kernels/reference/predict.ts.
import { OUT, PLANE_A, PLANE_B, PLANE_C } from './offsets';
import { expectedAt, residualAt } from './predict';

const SAME: i32 = 3;
const PREVIOUS: i32 = 4;
const MAX: i32 = 5;
const MIN: i32 = 6;

/** How many of the n flags in plane C are not 0. */
export function countFlags(n: i32): i32 {
  const whole = <usize>(n >> 2) << 4;
  let counts = i32x4.splat(0);
  // Each lane that is set counts as -1.
  for (let at: usize = 0; at < whole; at += 16) counts = i32x4.add(counts, i32x4.ne(v128.load(PLANE_C + at), i32x4.splat(0)));
  let count = 0;
  for (let i = n & ~3; i < n; i++) count += i32(load<u32>(PLANE_C + (<usize>i << 2)) != 0);
  count -= i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1);
  return count - i32x4.extract_lane(counts, 2) - i32x4.extract_lane(counts, 3);
}

export function predictTiers(wide: bool, kind: i32, dst: usize, a: usize, b: usize, n: i32, zigzag: bool, first: i64, firstDelta: i64, offset: i64, grain: i64): void {
  if (wide) tiers<i64>(kind, dst, a, b, n, zigzag, first, firstDelta, offset, grain);
  else if (kind == SAME || kind == PREVIOUS || kind == MAX || kind == MIN) {
    gather(n);
    predictFromRefs(kind, dst, a, b, n, zigzag, <i32>offset, <i32>grain);
  } else tiers<i32>(kind, dst, a, b, n, zigzag, first, firstDelta, offset, grain);
}

/** Residuals of both planes in the order of the rows, to OUT, where no elements stand yet. */
function gather(n: i32): void {
  let coarse = PLANE_A;
  let fine = PLANE_B;
  for (let i: usize = 0; i < <usize>n; i++) {
    const isFine = usize(load<u32>(PLANE_C + (i << 2)) != 0);
    store<u32>(OUT + (i << 2), load<u32>(isFine ? fine : coarse));
    fine += isFine << 2;
    coarse += (1 - isFine) << 2;
  }
}

/** Added to 2^52, an integer stands in the low bits of the double. */
const LOW_BITS: f64 = 4503599627370496;

/**
 * Narrow rows that are predicted from refs alone, four at a time. All but the division by the grain wraps at 32 bits. A
 * multiple of the grain makes what is divided positive; its quotient by the grain is taken off again.
 */
function predictFromRefs(kind: i32, dst: usize, a: usize, b: usize, n: i32, zigzag: bool, offset: i32, grain: i32): void {
  const up = 2147483648 / <i64>grain + 1;
  const shift = f64x2.splat(<f64>(up * <i64>grain + (<i64>grain >> 1)));
  // A little too great, by less than what a whole quotient is above the one below it: see emit-split.ts.
  const inverse = f64x2.splat((1 / <f64>grain) * 1.00000000000000044409);
  const bits = f64x2.splat(LOW_BITS);
  const ups = i32x4.splat(<i32>up);
  const grains = i32x4.splat(grain);
  const offsets = i32x4.splat(offset);
  const end = dst + (<usize>((n + 3) >> 2) << 4);
  let at: usize = 0;
  for (; dst < end; dst += 16, a += 16, b += 16, at += 16) {
    const z = v128.load(OUT + at);
    let r = zigzag ? v128.xor(i32x4.shr_u(z, 1), i32x4.neg(v128.and(z, i32x4.splat(1)))) : i32x4.add(z, offsets);
    if (kind == MIN) r = i32x4.neg(r);
    let expected: v128;
    if (kind == SAME) expected = v128.load(a);
    else if (kind == PREVIOUS) {
      expected = v128.load(a - 4);
      // Row 0 has none before it.
      if (at == 0) expected = i32x4.replace_lane(expected, 0, load<i32>(a));
    } else if (kind == MAX) expected = i32x4.max_s(v128.load(a), v128.load(b));
    else expected = i32x4.min_s(v128.load(a), v128.load(b));
    const upper = i8x16.shuffle(expected, expected, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
    const low = f64x2.floor(f64x2.mul(f64x2.add(f64x2.convert_low_i32x4_s(expected), shift), inverse));
    const high = f64x2.floor(f64x2.mul(f64x2.add(f64x2.convert_low_i32x4_s(upper), shift), inverse));
    const whole = i8x16.shuffle(f64x2.add(low, bits), f64x2.add(high, bits), 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    const coarse = i32x4.mul(i32x4.add(i32x4.sub(whole, ups), r), grains);
    const isCoarse = i32x4.eq(v128.load(PLANE_C + at), i32x4.splat(0));
    v128.store(dst, v128.bitselect(coarse, i32x4.add(expected, r), isCoarse));
  }
}

// @ts-ignore: decorator
@inline
function roundToGrain(expected: i64, grain: i64): i64 {
  // Without the sum that could leave 64 bits.
  let quotient = expected / grain;
  let rest = expected - quotient * grain;
  if (rest < 0) {
    quotient--;
    rest += grain;
  }
  return quotient + i64(rest >= grain - (grain >> 1));
}

/**
 * Beyond this in magnitude a quotient in doubles may be more than one off. Only the start of a chain can be, and only
 * in hostile bytes.
 */
const SMALL: i64 = 1 << 50;

/** The same where it is small, without an integer division: the estimate is at most one off. */
// @ts-ignore: decorator
@inline
function roundSmall(expected: i64, grain: i64, inverse: f64): i64 {
  if (expected >= SMALL || expected <= -SMALL) return roundToGrain(expected, grain);
  const shifted = expected + (grain >> 1);
  const quotient = <i64>floor(<f64>shifted * inverse);
  const rest = shifted - quotient * grain;
  return quotient + i64(rest >= grain) - i64(rest < 0);
}

// @ts-ignore: decorator
@inline
function tiers<T>(kind: i32, dst: usize, a: usize, b: usize, n: i32, zigzag: bool, first: i64, firstDelta: i64, offset: i64, grain: i64): void {
  const inverse = 1 / <f64>grain;
  let coarse = 0;
  let fine = 0;
  for (let i = 0; i < n; i++) {
    const expected = expectedAt<T>(kind, dst, a, b, i, first, firstDelta);
    const isFine = load<u32>(PLANE_C + (<usize>i << 2)) != 0;
    let r = isFine ? residualAt<T>(PLANE_B, fine++, zigzag, offset) : residualAt<T>(PLANE_A, coarse++, zigzag, offset);
    if (kind == MIN) r = -r;
    let value = expected + r;
    if (!isFine) {
      const rounded = sizeof<T>() == 4 ? roundSmall(expected, grain, inverse) : roundToGrain(expected, grain);
      value = (rounded + r) * grain;
    }
    store<T>(dst + <usize>i * sizeof<T>(), <T>value);
  }
}
