// Patched bit-packing, encoder side; see src/kernels/reference/pack.ts.
import { CLASSES, VECTOR } from './layout';

/** Bit-length counts of a vector: four histograms side by side, so that equal neighbours do not wait for each other. */
const COUNTS: usize = CLASSES;
const COUNT_STRIDE: usize = 80 * 4;

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

/** Or's a field of up to 32 bits into zeroed memory. */
// @ts-ignore: decorator
@inline
function putBits(bit: u32, value: u32): void {
  const at = <usize>(bit >> 3);
  store<u64>(at, load<u64>(at) | (<u64>value << <u64>(bit & 7)));
}

function packVector(low: usize, high: usize, count: i32, at: usize): usize {
  countLengths(low, high, count);
  let most = 64;
  while (most > 0 && countOf(most) == 0) most--;
  let width = most;
  let exceptions = 0;
  let highWidth = 0;
  let bytes = vectorBytes(count, most, 0, 0);
  let above = 0;
  for (let w = most - 1; w >= 0; w--) {
    above += countOf(w + 1);
    if (above * 10 > bytes * 8 || above > VECTOR - 1) break;
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
  memory.fill(at, 0, patchBytes + 8);
  let position = <u32>at * 8;
  let field = position + exceptions * 10;
  for (let i = 0; i < count; i++) {
    if (bitLength(low, high, i) <= width) continue;
    putBits(position, i);
    position += 10;
    let value = <u64>load<u32>(low + (<usize>i << 2));
    if (high != 0) value |= <u64>load<u32>(high + (<usize>i << 2)) << 32;
    value >>= <u64>width;
    putBits(field, <u32>value);
    if (highWidth > 32) putBits(field + 32, <u32>(value >> 32));
    field += highWidth;
  }
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
