// Patched bit-packing, encoder side; see src/kernels/reference/pack.ts.
import { CLASSES, VECTOR } from './offsets';

/** Bit-length counts of a vector: four histograms side by side, so that equal neighbours do not wait for each other. */
const COUNTS: usize = CLASSES;
const COUNT_STRIDE: usize = 80 * 4;
/** By width, how many values are longer; three entries before the first may be written. */
const LONGER: usize = CLASSES + 64;
/** The exceptions of a vector, shifted down, 64 bits each. */
const PATCHES: usize = CLASSES + 4096;

// @ts-ignore: decorator
@inline
function planeBytes(count: i32, width: i32): i32 {
  return ((((count + 3) >> 2) * width + 31) >> 5) << 4;
}

// @ts-ignore: decorator
@inline
function vectorBytes(count: i32, width: i32, exceptions: i32, highWidth: i32): i32 {
  const low = min(width, 32);
  const header = 2 + i32(exceptions >= 128) + i32(exceptions > 0);
  return header + planeBytes(count, low) + planeBytes(count, width - low) + ((exceptions * (10 + highWidth) + 7) >> 3);
}

// @ts-ignore: decorator
@inline
function bitLength(low: usize, high: usize, i: i32): i32 {
  const at = <usize>i << 2;
  if (high != 0) {
    const top = load<u32>(high + at);
    if (top != 0) return 64 - clz<u32>(top);
  }
  return 32 - clz<u32>(load<u32>(low + at));
}

function countLengths(low: usize, high: usize, count: i32): void {
  memory.fill(COUNTS, 0, 4 * COUNT_STRIDE);
  for (let i = 0; i < count; i++) {
    const at = COUNTS + <usize>(i & 3) * COUNT_STRIDE + (<usize>bitLength(low, high, i) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** Bit length of the largest of `count` narrow values. */
function longest(low: usize, count: i32): i32 {
  let seen = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) seen = v128.or(seen, v128.load(low + (<usize>i << 2)));
  let all = i32x4.extract_lane(seen, 0) | i32x4.extract_lane(seen, 1) | i32x4.extract_lane(seen, 2) | i32x4.extract_lane(seen, 3);
  for (; i < count; i++) all |= load<i32>(low + (<usize>i << 2));
  return 32 - clz<u32>(all);
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

/**
 * How many of `count` narrow values are longer than w, w - 1, w - 2 and w - 3 bits, to LONGER (w below 32; meaningless
 * below width 0).
 */
function countLonger(low: usize, count: i32, w: i32): void {
  // Unsigned comparison by a signed one of numbers with the top bit turned over.
  const bias = i32x4.splat(i32.MIN_VALUE);
  const limitA = v128.xor(i32x4.splat((1 << w) - 1), bias);
  const limitB = v128.xor(i32x4.splat((1 << (w - 1)) - 1), bias);
  const limitC = v128.xor(i32x4.splat((1 << (w - 2)) - 1), bias);
  const limitD = v128.xor(i32x4.splat((1 << (w - 3)) - 1), bias);
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const v = v128.xor(v128.load(low + (<usize>i << 2)), bias);
    a = i32x4.sub(a, i32x4.gt_s(v, limitA));
    b = i32x4.sub(b, i32x4.gt_s(v, limitB));
    c = i32x4.sub(c, i32x4.gt_s(v, limitC));
    d = i32x4.sub(d, i32x4.gt_s(v, limitD));
  }
  let longerA = lanes(a);
  let longerB = lanes(b);
  let longerC = lanes(c);
  let longerD = lanes(d);
  for (; i < count; i++) {
    const z = load<u32>(low + (<usize>i << 2));
    longerA += i32(z >> w != 0);
    longerB += i32(z >> (w - 1) != 0);
    longerC += i32(z >> (w - 2) != 0);
    longerD += i32(z >> (w - 3) != 0);
  }
  const at = LONGER + (<usize>w << 2);
  store<i32>(at, longerA);
  store<i32>(at - 4, longerB);
  store<i32>(at - 8, longerC);
  store<i32>(at - 12, longerD);
}

// @ts-ignore: decorator
@inline
function countOf(length: i32): i32 {
  const at = COUNTS + (<usize>length << 2);
  return (
    load<i32>(at) + load<i32>(at, COUNT_STRIDE) + load<i32>(at, 2 * COUNT_STRIDE) + load<i32>(at, 3 * COUNT_STRIDE)
  );
}

function packPlane(src: usize, dst: usize, count: i32, width: i32): void {
  if (width == 0) return;
  const mask = i32x4.splat(width == 32 ? -1 : (1 << width) - 1);
  let words = i32x4.splat(0);
  let shift = 0;
  let left = count;
  for (; left > 0; left -= 4, src += 16) {
    let value = v128.and(v128.load(src), mask);
    if (left < 4) {
      // Beyond the last value the lanes are zero.
      const lanes = v128.load(src);
      value = v128.and(v128.and(lanes, mask), i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)));
    }
    words = v128.or(words, i32x4.shl(value, shift));
    shift += width;
    if (shift >= 32) {
      v128.store(dst, words);
      dst += 16;
      shift -= 32;
      words = shift > 0 ? i32x4.shr_u(value, width - shift) : i32x4.splat(0);
    }
  }
  if (shift > 0) v128.store(dst, words);
}

/** Positions and values of the values longer than `width` bits, as bit fields to `dst`. */
function packExceptions(low: usize, high: usize, count: i32, width: i32, exceptions: i32, highWidth: i32, dst: usize): void {
  let held: u64 = 0;
  let bits = 0;
  let value = PATCHES;
  for (let i = 0; i < count; i += 4) {
    // Exceptions are rare: four values are looked at at once.
    const at = <usize>i << 2;
    const longer = high != 0 ? v128.or(longerLanes(low + at, width), longerHigh(high + at, width)) : longerLanes(low + at, width);
    let mask = i32x4.bitmask(longer);
    if (i + 4 > count) mask &= (1 << (count - i)) - 1;
    for (; mask != 0; mask &= mask - 1) {
      const k = i + ctz(mask);
      held |= <u64>k << <u64>bits;
      bits += 10;
      store<u64>(dst, held);
      dst += bits >> 3;
      held >>= <u64>(bits & ~7);
      bits &= 7;
      let z = <u64>load<u32>(low + (<usize>k << 2));
      if (high != 0) z |= <u64>load<u32>(high + (<usize>k << 2)) << 32;
      store<u64>(value, z >> <u64>width);
      value += 8;
    }
  }
  for (let k = 0; k < exceptions; k++) {
    const z = load<u64>(PATCHES + (<usize>k << 3));
    // At most 7 bits are held after a store, so 57 more fit: a wider field goes in halves.
    const first = min(highWidth, 32);
    held |= (z & ((<u64>1 << <u64>first) - 1)) << <u64>bits;
    bits += first;
    store<u64>(dst, held);
    dst += bits >> 3;
    held >>= <u64>(bits & ~7);
    bits &= 7;
    if (highWidth <= 32) continue;
    held |= (z >> 32) << <u64>bits;
    bits += highWidth - 32;
    store<u64>(dst, held);
    dst += bits >> 3;
    held >>= <u64>(bits & ~7);
    bits &= 7;
  }
  store<u64>(dst, held);
}

/** Which of four low words have bits at `width` and above. */
// @ts-ignore: decorator
@inline
function longerLanes(at: usize, width: i32): v128 {
  if (width >= 32) return i32x4.splat(0);
  return i32x4.ne(i32x4.shr_u(v128.load(at), width), i32x4.splat(0));
}

/** The same for the high words of values, bit 0 of which is bit 32 of a value. */
// @ts-ignore: decorator
@inline
function longerHigh(at: usize, width: i32): v128 {
  return i32x4.ne(i32x4.shr_u(v128.load(at), max(width - 32, 0)), i32x4.splat(0));
}

function packVector(low: usize, high: usize, count: i32, at: usize): usize {
  let most = 64;
  if (high == 0) most = longest(low, count);
  else {
    countLengths(low, high, count);
    while (most > 0 && countOf(most) == 0) most--;
  }
  let width = most;
  let exceptions = 0;
  let highWidth = 0;
  let bytes = vectorBytes(count, most, 0, 0);
  let above = 0;
  for (let w = most - 1; w >= 0; w--) {
    if (high != 0) above += countOf(w + 1);
    else {
      // Counted four widths at a time, when the first of them is asked for: few are, as a rule.
      if (((most - 1 - w) & 3) == 0) countLonger(low, count, w);
      above = load<i32>(LONGER + (<usize>w << 2));
    }
    // From here on the patches alone take more than the best so far.
    if (above * (10 + most - w) > bytes * 8 || above > VECTOR - 1) break;
    const size = vectorBytes(count, w, above, most - w);
    if (size < bytes) {
      width = w;
      exceptions = above;
      highWidth = most - w;
      bytes = size;
    }
  }
  store<u8>(at++, width);
  if (exceptions >= 128) {
    store<u8>(at++, (exceptions & 127) | 128);
    store<u8>(at++, exceptions >> 7);
  } else store<u8>(at++, exceptions);
  if (exceptions > 0) store<u8>(at++, highWidth);
  const lowWidth = min(width, 32);
  packPlane(low, at, count, lowWidth);
  at += planeBytes(count, lowWidth);
  if (width > 32) {
    packPlane(high, at, count, width - 32);
    at += planeBytes(count, width - 32);
  }
  if (exceptions == 0) return at;
  const patchBytes = <usize>((exceptions * (10 + highWidth) + 7) >> 3);
  packExceptions(low, high, count, width, exceptions, highWidth, at);
  return at + patchBytes;
}

/** n values of the plane pair at `src` as a packed stream to `dst`; the offset after it. */
export function pack(src: usize, highSrc: usize, n: i32, dst: usize): usize {
  let at = dst;
  for (let from = 0; from < n; from += VECTOR) {
    const high = highSrc != 0 ? highSrc + (<usize>from << 2) : 0;
    at = packVector(src + (<usize>from << 2), high, min(VECTOR, n - from), at);
  }
  return at;
}
