// Patched bit-packing; the layout is described in src/kernels/reference/unpack.ts.
import { bitsAt } from './bit-reader';
import { VECTOR } from './offsets';
import {
  signed1,
  signed2,
  signed3,
  signed4,
  signed5,
  signed6,
  signed7,
  signed8,
  signed9,
  signed10,
  signed11,
  signed12,
  signed13,
  signed14,
  signed15,
  signed16,
  signed17,
  signed18,
  signed19,
  signed20,
  unpack1,
  unpack2,
  unpack3,
  unpack4,
  unpack5,
  unpack6,
  unpack7,
  unpack8,
  unpack9,
  unpack10,
  unpack11,
  unpack12,
  unpack13,
  unpack14,
  unpack15,
  unpack16,
  unpack17,
  unpack18,
  unpack19,
  unpack20,
} from './widths';

// @ts-ignore: decorator
@inline
function planeBytes(count: i32, width: i32): i32 {
  return ((((count + 3) >> 2) * width + 31) >> 5) << 4;
}

function zeros(dst: usize, count: i32): void {
  memory.fill(dst, 0, <usize>count << 2);
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

/** A whole vector; the usual widths have functions of their own. */
function unpackVector(src: usize, dst: usize, width: i32): void {
  switch (width) {
    case 1:
      return unpack1(src, dst);
    case 2:
      return unpack2(src, dst);
    case 3:
      return unpack3(src, dst);
    case 4:
      return unpack4(src, dst);
    case 5:
      return unpack5(src, dst);
    case 6:
      return unpack6(src, dst);
    case 7:
      return unpack7(src, dst);
    case 8:
      return unpack8(src, dst);
    case 9:
      return unpack9(src, dst);
    case 10:
      return unpack10(src, dst);
    case 11:
      return unpack11(src, dst);
    case 12:
      return unpack12(src, dst);
    case 13:
      return unpack13(src, dst);
    case 14:
      return unpack14(src, dst);
    case 15:
      return unpack15(src, dst);
    case 16:
      return unpack16(src, dst);
    case 17:
      return unpack17(src, dst);
    case 18:
      return unpack18(src, dst);
    case 19:
      return unpack19(src, dst);
    case 20:
      return unpack20(src, dst);
    default:
      unpackPlane(src, dst, VECTOR, width);
  }
}

/** Widest vector that signedVector takes. */
const SIGNED_WIDTH: i32 = 20;

/** A whole vector of zigzag values at 1..SIGNED_WIDTH bits to signed ones. */
function signedVector(src: usize, dst: usize, width: i32): void {
  switch (width) {
    case 1:
      return signed1(src, dst);
    case 2:
      return signed2(src, dst);
    case 3:
      return signed3(src, dst);
    case 4:
      return signed4(src, dst);
    case 5:
      return signed5(src, dst);
    case 6:
      return signed6(src, dst);
    case 7:
      return signed7(src, dst);
    case 8:
      return signed8(src, dst);
    case 9:
      return signed9(src, dst);
    case 10:
      return signed10(src, dst);
    case 11:
      return signed11(src, dst);
    case 12:
      return signed12(src, dst);
    case 13:
      return signed13(src, dst);
    case 14:
      return signed14(src, dst);
    case 15:
      return signed15(src, dst);
    case 16:
      return signed16(src, dst);
    case 17:
      return signed17(src, dst);
    case 18:
      return signed18(src, dst);
    case 19:
      return signed19(src, dst);
    default:
      signed20(src, dst);
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

// Header of the vector that parse() read last.
let width: i32 = 0;
let exceptions: i32 = 0;
let highWidth: i32 = 0;
let patchBytes: i32 = 0;

/**
 * Reads the header of a vector of `count` values: the offset of its planes, or the negative of the offset that is
 * damaged.
 */
function parse(at: i32, end: i32, count: i32, limit: i32): i32 {
  if (at + 2 > end) return -at;
  const header = at;
  width = <i32>load<u8>(at);
  exceptions = <i32>load<u8>(at + 1);
  at += 2;
  if (exceptions >= 128) exceptions = (exceptions & 127) | (<i32>load<u8>(at++) << 7);
  highWidth = 0;
  if (exceptions > 0) highWidth = <i32>load<u8>(at++);
  if (width + highWidth > limit || exceptions > min(count, VECTOR - 1)) return -header;
  patchBytes = (exceptions * (10 + highWidth) + 7) >> 3;
  const lowWidth = min(width, 32);
  if (at + planeBytes(count, lowWidth) + planeBytes(count, width - lowWidth) + patchBytes > end) return -at;
  return at;
}

/**
 * Or's the exceptions behind the planes, which end at `at`; the offset after them, or the negative of the offset that
 * is damaged.
 */
function finish(at: i32, low: usize, high: usize, count: i32): i32 {
  if (exceptions > 0 && !patch(at, low, high, count, exceptions, width, highWidth)) return -at;
  return at + patchBytes;
}

/**
 * One vector at `at` to `low` (and `high`, 0 for narrow streams): the offset after it, or the negative of the offset
 * that is damaged.
 */
export function unpackNext(at: i32, end: i32, low: usize, high: usize, count: i32): i32 {
  const planes = parse(at, end, count, high != 0 ? 64 : 32);
  if (planes < 0) return planes;
  const lowWidth = min(width, 32);
  const lowBytes = planeBytes(count, lowWidth);
  if (count == VECTOR) unpackVector(planes, low, lowWidth);
  else unpackPlane(planes, low, count, lowWidth);
  if (high != 0) unpackPlane(planes + lowBytes, high, count, width - lowWidth);
  return finish(planes + lowBytes + planeBytes(count, width - lowWidth), low, high, count);
}

/** patch() for a vector whose zigzag is undone already: bits above a magnitude are xor-ed, as its sign was. */
function patchSigned(src: u32, dst: usize): void {
  let field = src * 8 + exceptions * 10;
  const shift = width - 1;
  const bits = highWidth;
  let previous: u32 = 0;
  for (let at = src * 8, end = field; at < end; at += 10, field += bits) {
    const position = bitsAt(at, 10) + 1;
    const place = dst + (position << 2) - 4;
    const high = bitsAt(field, bits);
    const r = load<i32>(place);
    if (position > previous) store<i32>(place, r ^ (high << shift));
    else {
      // Not ascending, which no encoder does: one may be there twice, and or-ing is not xor-ing then.
      const z = <u32>((r << 1) ^ (r >> 31)) | (high << width);
      store<i32>(place, <i32>((z >> 1) ^ -(z & 1)));
    }
    previous = max(previous, position);
  }
}

/** `count` coded values at `at` to residuals, in place; whole groups of four. */
export function toResiduals(at: usize, count: i32, zigzag: bool, offset: i32): void {
  const end = at + (<usize>((count + 3) >> 2) << 4);
  if (zigzag) {
    for (; at < end; at += 16) {
      const z = v128.load(at);
      v128.store(at, v128.xor(i32x4.shr_u(z, 1), i32x4.shr_s(i32x4.shl(z, 31), 31)));
    }
  } else if (offset != 0) {
    const offsets = i32x4.splat(offset);
    for (; at < end; at += 16) v128.store(at, i32x4.add(v128.load(at), offsets));
  }
}

/** One narrow vector to residuals at `dst`: the offset after it, or the negative of the offset that is damaged. */
export function residualsNext(at: i32, end: i32, dst: usize, count: i32, zigzag: bool, offset: i32): i32 {
  if (!zigzag || count < VECTOR) {
    at = unpackNext(at, end, dst, 0, count);
    if (at >= 0) toResiduals(dst, count, zigzag, offset);
    return at;
  }
  const planes = parse(at, end, VECTOR, 32);
  if (planes < 0) return planes;
  const patches = planes + planeBytes(VECTOR, width);
  if (width > 0 && width <= SIGNED_WIDTH) {
    signedVector(planes, dst, width);
    if (exceptions > 0) patchSigned(patches, dst);
    return patches + patchBytes;
  }
  unpackPlane(planes, dst, VECTOR, width);
  const after = finish(patches, dst, 0, VECTOR);
  if (after >= 0) toResiduals(dst, VECTOR, true, 0);
  return after;
}

/** How far the residuals of the vector read last can add up, either way. */
export function reachOf(count: i32, zigzag: bool, offset: i32): f64 {
  const plain = <f64>count * <f64>((<u64>1) << width) + <f64>exceptions * <f64>((<u64>1) << (width + highWidth));
  return zigzag ? plain / 2 + 1 : plain + <f64>count * abs(<f64>offset) + 1;
}

/** `highDst` is 0 for narrow streams. Offset after the stream, or the negative of the offset that is damaged. */
export function unpack(src: i32, end: i32, dst: usize, highDst: usize, n: i32): i32 {
  let at = src;
  for (let from = 0; from < n && at >= 0; from += VECTOR) {
    const high = highDst != 0 ? highDst + (<usize>from << 2) : 0;
    at = unpackNext(at, end, dst + (<usize>from << 2), high, min(VECTOR, n - from));
  }
  return at;
}
