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

/** Row `row` of 32, at a width known to the compiler: shifts and word offsets are constants. */
// @ts-ignore: decorator
@inline
function row(src: usize, dst: usize, row: i32, width: i32, mask: v128): void {
  const bit = row * width;
  const shift = bit & 31;
  const word = src + ((bit >> 5) << 4);
  let value = i32x4.shr_u(v128.load(word), shift);
  if (shift + width > 32) value = v128.or(value, i32x4.shl(v128.load(word + 16), 32 - shift));
  v128.store(dst + (row << 4), v128.and(value, mask));
}

// @ts-ignore: decorator
@inline
function rows8(src: usize, dst: usize, from: i32, width: i32, mask: v128): void {
  row(src, dst, from, width, mask);
  row(src, dst, from + 1, width, mask);
  row(src, dst, from + 2, width, mask);
  row(src, dst, from + 3, width, mask);
  row(src, dst, from + 4, width, mask);
  row(src, dst, from + 5, width, mask);
  row(src, dst, from + 6, width, mask);
  row(src, dst, from + 7, width, mask);
}

/** A whole vector at a width known to the compiler: 8 groups of 32 rows, `width` words of four lanes each. */
// @ts-ignore: decorator
@inline
function unpackGroups(src: usize, dst: usize, width: i32): void {
  const mask = i32x4.splat((1 << width) - 1);
  for (const end = dst + (VECTOR << 2); dst < end; dst += 512, src += width << 4) {
    rows8(src, dst, 0, width, mask);
    rows8(src, dst, 8, width, mask);
    rows8(src, dst, 16, width, mask);
    rows8(src, dst, 24, width, mask);
  }
}

/** Any count and width; writes whole groups of four, planes have room for that. */
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

/** A whole vector; the usual widths have code of their own. */
function unpackVector(src: usize, dst: usize, width: i32): void {
  switch (width) {
    case 1:
      return unpackGroups(src, dst, 1);
    case 2:
      return unpackGroups(src, dst, 2);
    case 3:
      return unpackGroups(src, dst, 3);
    case 4:
      return unpackGroups(src, dst, 4);
    case 5:
      return unpackGroups(src, dst, 5);
    case 6:
      return unpackGroups(src, dst, 6);
    case 7:
      return unpackGroups(src, dst, 7);
    case 8:
      return unpackGroups(src, dst, 8);
    case 9:
      return unpackGroups(src, dst, 9);
    case 10:
      return unpackGroups(src, dst, 10);
    case 11:
      return unpackGroups(src, dst, 11);
    case 12:
      return unpackGroups(src, dst, 12);
    case 13:
      return unpackGroups(src, dst, 13);
    case 14:
      return unpackGroups(src, dst, 14);
    case 15:
      return unpackGroups(src, dst, 15);
    case 16:
      return unpackGroups(src, dst, 16);
    case 17:
      return unpackGroups(src, dst, 17);
    case 18:
      return unpackGroups(src, dst, 18);
    case 19:
      return unpackGroups(src, dst, 19);
    case 20:
      return unpackGroups(src, dst, 20);
    default:
      unpackPlane(src, dst, VECTOR, width);
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
    if (count == VECTOR) unpackVector(at, low, lowWidth);
    else unpackPlane(at, low, count, lowWidth);
    if (high != 0) unpackPlane(at + lowBytes, high, count, width - lowWidth);
    at += lowBytes + highBytes;
    if (exceptions > 0 && !patch(at, low, high, count, exceptions, width, highWidth)) return -at;
    at += patchBytes;
  }
  return at;
}
