// Residuals back to integers; see src/kernels/reference/predict.ts. Narrow columns four at a time, wide ones one by
// one.
import { PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C } from './offsets';

const DELTA: i32 = 1;
const LINEAR: i32 = 2;
const SAME: i32 = 3;
const PREVIOUS: i32 = 4;
const MAX: i32 = 5;
const MIN: i32 = 6;
const SPREAD: i32 = 7;

// @ts-ignore: decorator
@inline
function residuals4(at: usize, zigzag: bool, offset: v128): v128 {
  const z = v128.load(at);
  return zigzag
    ? v128.xor(i32x4.shr_u(z, 1), i32x4.neg(v128.and(z, i32x4.splat(1))))
    : i32x4.add(z, offset);
}

// @ts-ignore: decorator
@inline
export function prefixSums(x: v128, zero: v128): v128 {
  const one = i32x4.add(x, i8x16.shuffle(zero, x, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
  return i32x4.add(one, i8x16.shuffle(zero, one, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
}

// @ts-ignore: decorator
@inline
export function lastLane(x: v128): v128 {
  return i8x16.shuffle(x, x, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
}

// @ts-ignore: decorator
@inline
function chain(dst: usize, end: usize, first: i32, zigzag: bool, offset: v128): void {
  const zero = i32x4.splat(0);
  let last = i32x4.splat(first);
  for (let at = PLANE_A; dst < end; dst += 16, at += 16) {
    const sums = i32x4.add(prefixSums(residuals4(at, zigzag, offset), zero), last);
    v128.store(dst, sums);
    last = lastLane(sums);
  }
}

// @ts-ignore: decorator
@inline
function predictNarrow(kind: i32, dst: usize, a: usize, b: usize, n: i32, zigzag: bool, first: i32, firstDelta: i32, base: i32): void {
  const offset = i32x4.splat(base);
  const end = dst + (<usize>((n + 3) >> 2) << 4);
  const start = dst;
  if (kind == DELTA) return chain(dst, end, first, zigzag, offset);
  if (kind == SPREAD) {
    chain(dst, end, first, zigzag, offset);
    for (; dst < end; dst += 16, a += 16) v128.store(dst, i32x4.add(v128.load(dst), v128.load(a)));
    return;
  }
  if (kind == LINEAR) {
    let delta = firstDelta;
    let value = 0;
    for (let i = 0; i < n; i++) {
      const z = load<u32>(PLANE_A + (<usize>i << 2));
      const r = zigzag ? <i32>((z >> 1) ^ -(z & 1)) : <i32>z + base;
      if (i == 0) value = first + r;
      else {
        delta += r;
        value += delta;
      }
      store<i32>(dst + (<usize>i << 2), value);
    }
    return;
  }
  let at = PLANE_A;
  if (kind == SAME) {
    for (; dst < end; dst += 16, a += 16, at += 16) {
      v128.store(dst, i32x4.add(v128.load(a), residuals4(at, zigzag, offset)));
    }
  } else if (kind == PREVIOUS) {
    // The load one element before slot a is inside the arena; row 0 is put right afterwards.
    for (; dst < end; dst += 16, at += 16, a += 16) {
      v128.store(dst, i32x4.add(v128.load(a - 4), residuals4(at, zigzag, offset)));
    }
    const first = i32x4.extract_lane(residuals4(PLANE_A, zigzag, offset), 0);
    store<i32>(start, load<i32>(a - (end - start)) + first);
  } else if (kind == MAX) {
    for (; dst < end; dst += 16, a += 16, b += 16, at += 16) {
      v128.store(dst, i32x4.add(i32x4.max_s(v128.load(a), v128.load(b)), residuals4(at, zigzag, offset)));
    }
  } else if (kind == MIN) {
    for (; dst < end; dst += 16, a += 16, b += 16, at += 16) {
      v128.store(dst, i32x4.sub(i32x4.min_s(v128.load(a), v128.load(b)), residuals4(at, zigzag, offset)));
    }
  } else {
    for (; dst < end; dst += 16, at += 16) v128.store(dst, residuals4(at, zigzag, offset));
  }
}

/** Narrow: dst, a, b hold i32. */
export function predict32(kind: i32, dst: usize, a: usize, b: usize, n: i32, zigzag: bool, first: i32, firstDelta: i32, offset: i32): void {
  if (zigzag) predictNarrow(kind, dst, a, b, n, true, first, firstDelta, offset);
  else predictNarrow(kind, dst, a, b, n, false, first, firstDelta, offset);
}

// @ts-ignore: decorator
@inline
export function residualAt<T>(plane: usize, i: i32, zigzag: bool, offset: i64): i64 {
  const at = plane + (<usize>i << 2);
  let z = <u64>load<u32>(at);
  if (sizeof<T>() == 8) z |= <u64>load<u32>(at + PLANE_BYTES) << 32;
  return zigzag ? <i64>((z >> 1) ^ -(z & 1)) : <i64>z + offset;
}

// @ts-ignore: decorator
@inline
function unitAt<T>(slot: usize, i: i32): i64 {
  return <i64>load<T>(slot + <usize>i * sizeof<T>());
}

// @ts-ignore: decorator
@inline
export function expectedAt<T>(kind: i32, dst: usize, a: usize, b: usize, i: i32, first: i64, firstDelta: i64): i64 {
  switch (kind) {
    case DELTA:
      return i > 0 ? unitAt<T>(dst, i - 1) : first;
    case LINEAR:
      if (i == 0) return first;
      if (i == 1) return unitAt<T>(dst, 0) + firstDelta;
      return 2 * unitAt<T>(dst, i - 1) - unitAt<T>(dst, i - 2);
    case SAME:
      return unitAt<T>(a, i);
    case PREVIOUS:
      return unitAt<T>(a, i > 0 ? i - 1 : 0);
    case MAX:
      return max(unitAt<T>(a, i), unitAt<T>(b, i));
    case MIN:
      return min(unitAt<T>(a, i), unitAt<T>(b, i));
    case SPREAD:
      return i > 0 ? unitAt<T>(a, i) + unitAt<T>(dst, i - 1) - unitAt<T>(a, i - 1) : unitAt<T>(a, 0) + first;
    default:
      return 0;
  }
}

/** Wide: dst, a, b hold i64. */
export function predict64(kind: i32, dst: usize, a: usize, b: usize, n: i32, zigzag: bool, first: i64, firstDelta: i64, offset: i64): void {
  if (kind == DELTA) {
    let value = first;
    for (let i = 0; i < n; i++) {
      value += residualAt<i64>(PLANE_A, i, zigzag, offset);
      store<i64>(dst + (<usize>i << 3), value);
    }
    return;
  }
  for (let i = 0; i < n; i++) {
    const r = residualAt<i64>(PLANE_A, i, zigzag, offset);
    const expected = expectedAt<i64>(kind, dst, a, b, i, first, firstDelta);
    store<i64>(dst + (<usize>i << 3), kind == MIN ? expected - r : expected + r);
  }
}

/** `table` holds, per group, the grain (i64) and the index of its next mantissa (i64). */
export function mergeGroups(wide: bool, dst: usize, n: i32, table: usize): void {
  for (let i = 0; i < n; i++) {
    const group = table + (<usize>load<u32>(PLANE_C + (<usize>i << 2)) << 4);
    const k = load<i32>(group + 8);
    store<i32>(group + 8, k + 1);
    const at = PLANE_A + (<usize>k << 2);
    let mantissa = <i64>load<u32>(at);
    if (wide) mantissa |= <i64>load<u32>(at + PLANE_BYTES) << 32;
    const value = mantissa * load<i64>(group);
    if (wide) store<i64>(dst + (<usize>i << 3), value);
    else store<i32>(dst + (<usize>i << 2), <i32>value);
  }
}
