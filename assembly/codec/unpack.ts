// Patched bit-packing; the layout is described in src/kernels/reference/unpack.ts.
import { VECTOR, bitsAt } from './layout';

// @ts-ignore: decorator
@inline
function planeBytes(count: i32, width: i32): i32 {
  return ((((count + 3) >> 2) * width + 31) >> 5) << 4;
}

function zeros(dst: usize, count: i32): void {
  memory.fill(dst, 0, <usize>count << 2);
}

/** Four lanes at once; writes whole groups of four, planes have room for that. */
function unpackPlane(src: usize, dst: usize, count: i32, width: i32): void {
  if (width == 0) return zeros(dst, count);
  const end = dst + (<usize>((count + 3) >> 2) << 4);
  if (width == 32) {
    memory.copy(dst, src, end - dst);
    return;
  }
  const mask = i32x4.splat((1 << width) - 1);
  let words = v128.load(src);
  let shift = 0;
  while (dst < end) {
    let value = i32x4.shr_u(words, shift);
    shift += width;
    if (shift >= 32) {
      shift -= 32;
      src += 16;
      words = v128.load(src);
      if (shift > 0) value = v128.or(value, i32x4.shl(words, width - shift));
    }
    v128.store(dst, v128.and(value, mask));
    dst += 16;
  }
}

function patch(src: u32, low: usize, high: usize, count: i32, exceptions: i32, width: i32, highWidth: i32): bool {
  const fields = src * 8 + exceptions * 10;
  for (let k = 0; k < exceptions; k++) {
    const position = bitsAt(src * 8 + k * 10, 10);
    if (<i32>position >= count) return false;
    const field = fields + k * highWidth;
    let value = <u64>bitsAt(field, min(highWidth, 32));
    if (highWidth > 32) value |= <u64>bitsAt(field + 32, highWidth - 32) << 32;
    value = width == 64 ? 0 : value << width;
    const at = position << 2;
    store<u32>(low + at, load<u32>(low + at) | <u32>value);
    if (high != 0) store<u32>(high + at, load<u32>(high + at) | <u32>(value >> 32));
  }
  return true;
}

/** `highDst` is 0 for narrow streams. Offset after the stream, or the negative of the bad place. */
export function unpack(src: i32, end: i32, dst: usize, highDst: usize, n: i32): i32 {
  let at = src;
  const limit = highDst != 0 ? 64 : 32;
  for (let from = 0; from < n; from += VECTOR) {
    const count = min(VECTOR, n - from);
    const low = dst + (<usize>from << 2);
    const high = highDst != 0 ? highDst + (<usize>from << 2) : 0;
    if (at + 2 > end) return -at;
    const header = at;
    const width = <i32>load<u8>(at);
    let exceptions = <i32>load<u8>(at + 1);
    at += 2;
    if (exceptions >= 128) exceptions = (exceptions & 127) | (<i32>load<u8>(at++) << 7);
    let highWidth = 0;
    if (exceptions > 0) highWidth = <i32>load<u8>(at++);
    if (width + highWidth > limit || exceptions > min(count, VECTOR - 1)) return -header;
    const lowWidth = min(width, 32);
    const lowBytes = planeBytes(count, lowWidth);
    const highBytes = planeBytes(count, width - lowWidth);
    const patchBytes = (exceptions * (10 + highWidth) + 7) >> 3;
    if (at + lowBytes + highBytes + patchBytes > end) return -at;
    unpackPlane(at, low, count, lowWidth);
    if (high != 0) unpackPlane(at + lowBytes, high, count, width - lowWidth);
    at += lowBytes + highBytes;
    if (exceptions > 0 && !patch(at, low, high, count, exceptions, width, highWidth)) return -at;
    at += patchBytes;
  }
  return at;
}
