/**
 * Patched bit-packing. A stream is a sequence of vectors of 1,024 values (the last one shorter):
 *
 *   u8 width w (0..64) · uvarint exceptions · [u8 width of the high parts, if there are exceptions]
 *   the low 32 bits at min(w, 32) bits, the bits above 32 at w - 32 bits: each a plane in 4-lane vertical layout
 *   exceptions: 10-bit positions, then high parts (value >> w), bit fields without gaps, padded to a byte
 *
 * 4-lane vertical layout: value i lies in lane i % 4, row i / 4; a lane is a run of little-endian 32-bit words holding
 * its values one after the other at w bits, and word k of the four lanes lie side by side as 16 bytes.
 */
import type { Arena } from '../arena.js';
import { VECTOR } from '../offsets.js';
import { bitsAt } from './bits.js';

/** Exceptions a vector may have; more would never be smaller than a wider vector. */
const MAX_EXCEPTIONS = 1023;

export function packedPlaneBytes(count: number, width: number): number {
  return ((((count + 3) >> 2) * width + 31) >> 5) * 16;
}

/** Header of the vector that readVector was given last. */
const vector = { width: 0, exceptions: 0, highWidth: 0, lowBytes: 0, highBytes: 0, patchBytes: 0 };

/**
 * Reads the header of a vector of `count` values: the offset of its planes, or the negative of the offset that is
 * damaged.
 */
function readVector(u8: Uint8Array, src: number, end: number, count: number, wide: boolean): number {
  if (src + 2 > end) return -src;
  const width = u8[src];
  let exceptions = u8[src + 1];
  let at = src + 2;
  if (exceptions >= 128) exceptions = (exceptions & 127) | (u8[at++] << 7);
  const highWidth = exceptions > 0 ? u8[at++] : 0;
  if (width + highWidth > (wide ? 64 : 32) || exceptions > Math.min(count, MAX_EXCEPTIONS)) return -src;
  const lowWidth = Math.min(width, 32);
  vector.width = width;
  vector.exceptions = exceptions;
  vector.highWidth = highWidth;
  vector.lowBytes = packedPlaneBytes(count, lowWidth);
  vector.highBytes = packedPlaneBytes(count, width - lowWidth);
  vector.patchBytes = (exceptions * (10 + highWidth) + 7) >> 3;
  return at + vector.lowBytes + vector.highBytes + vector.patchBytes > end ? -at : at;
}

/** The offset behind the first `n` values, which are whole vectors, or the negative of the offset that is damaged. */
export function skipVectors(u8: Uint8Array, src: number, end: number, n: number, wide: boolean): number {
  let at = src;
  for (let from = 0; from < n && at >= 0; from += VECTOR) {
    at = readVector(u8, at, end, VECTOR, wide);
    if (at >= 0) at += vector.lowBytes + vector.highBytes + vector.patchBytes;
  }
  return at;
}

export function unpackStream(arena: Arena, src: number, end: number, dst: number, highDst: number, n: number): number {
  const { u8, u32 } = arena;
  const wide = highDst !== 0;
  let at = src;
  for (let from = 0; from < n; from += VECTOR) {
    const count = Math.min(VECTOR, n - from);
    const low = (dst >> 2) + from;
    const high = (highDst >> 2) + from;
    at = readVector(u8, at, end, count, wide);
    if (at < 0) return at;
    const { width, exceptions, highWidth, lowBytes, highBytes, patchBytes } = vector;
    unpackPlane(arena, at, low, count, Math.min(width, 32));
    if (wide) {
      if (width > 32) unpackPlane(arena, at + lowBytes, high, count, width - 32);
      else u32.fill(0, high, high + count);
    }
    at += lowBytes + highBytes;
    if (exceptions > 0 && !patch(arena, at, low, wide ? high : -1, count, exceptions, width, highWidth)) return -at;
    at += patchBytes;
  }
  return at;
}

function unpackPlane(arena: Arena, src: number, dst: number, count: number, width: number): void {
  const { u32, view } = arena;
  if (width === 0) {
    u32.fill(0, dst, dst + count);
    return;
  }
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1;
  for (let i = 0; i < count; i++) {
    const bit = (i >> 2) * width;
    const word = src + (bit >> 5) * 16 + (i & 3) * 4;
    const shift = bit & 31;
    let value = view.getUint32(word, true) >>> shift;
    if (shift + width > 32) value |= view.getUint32(word + 16, true) << (32 - shift);
    u32[dst + i] = value & mask;
  }
}

function patch(
  { u32, view }: Arena,
  src: number,
  low: number,
  high: number,
  count: number,
  exceptions: number,
  width: number,
  highWidth: number,
): boolean {
  for (let k = 0; k < exceptions; k++) {
    const position = bitsAt(view, src * 8 + k * 10, 10);
    if (position >= count) return false;
    const field = src * 8 + exceptions * 10 + k * highWidth;
    const first = bitsAt(view, field, Math.min(highWidth, 32));
    const second = highWidth > 32 ? bitsAt(view, field + 32, highWidth - 32) : 0;
    if (width < 32) {
      u32[low + position] |= first << width;
      if (high >= 0) {
        const carried = width === 0 ? 0 : first >>> (32 - width);
        u32[high + position] |= carried | (second << width);
      }
    } else if (high >= 0) u32[high + position] |= width === 64 ? 0 : first << (width - 32);
  }
  return true;
}
