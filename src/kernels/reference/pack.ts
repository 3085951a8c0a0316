/**
 * Patched bit-packing, encoder side (layout: unpack.ts). Widths minimise the bytes of a vector, exceptions included.
 */
import type { Arena } from '../arena.js';
import { VECTOR } from '../offsets.js';
import { packedPlaneBytes } from './unpack.js';

/** Value i of a vector is at these word indexes plus i; `high` is -1 for narrow streams. */
interface Vector {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

interface Widths {
  readonly width: number;
  readonly exceptions: number;
  readonly highWidth: number;
}

function bitLength({ u32 }: Arena, { low, high }: Vector, i: number): number {
  const top = high < 0 ? 0 : u32[high + i];
  return top !== 0 ? 64 - Math.clz32(top) : 32 - Math.clz32(u32[low + i]);
}

function vectorBytes(count: number, { width, exceptions, highWidth }: Widths): number {
  const low = Math.min(width, 32);
  const header = 2 + (exceptions >= 128 ? 1 : 0) + (exceptions > 0 ? 1 : 0);
  const patches = (exceptions * (10 + highWidth) + 7) >> 3;
  return header + packedPlaneBytes(count, low) + packedPlaneBytes(count, width - low) + patches;
}

const counts = new Uint32Array(65);

function chooseWidths(arena: Arena, vector: Vector): Widths {
  counts.fill(0);
  for (let i = 0; i < vector.count; i++) counts[bitLength(arena, vector, i)]++;
  let most = 64;
  while (most > 0 && counts[most] === 0) most--;
  let best: Widths = { width: most, exceptions: 0, highWidth: 0 };
  let bestBytes = vectorBytes(vector.count, best);
  let exceptions = 0;
  for (let width = most - 1; width >= 0; width--) {
    exceptions += counts[width + 1];
    // From here on the patches alone take more than the best so far.
    if (exceptions * (10 + most - width) > bestBytes * 8 || exceptions > VECTOR - 1) break;
    const widths = { width, exceptions, highWidth: most - width };
    const bytes = vectorBytes(vector.count, widths);
    if (bytes < bestBytes) {
      best = widths;
      bestBytes = bytes;
    }
  }
  return best;
}

/** Or's `width` (0..32) bits into zeroed bytes, at any bit position. */
function putBits({ u8 }: Arena, position: number, value: number, width: number): void {
  let bit = position;
  let rest = value;
  for (let left = width; left > 0; ) {
    const shift = bit & 7;
    const taken = Math.min(8 - shift, left);
    u8[bit >>> 3] |= (rest & ((1 << taken) - 1)) << shift;
    rest >>>= taken;
    left -= taken;
    bit += taken;
  }
}

function packPlane(arena: Arena, src: number, dst: number, count: number, width: number): void {
  const { u8, u32, view } = arena;
  u8.fill(0, dst, dst + packedPlaneBytes(count, width));
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1;
  for (let i = 0; i < count; i++) {
    const value = u32[src + i] & mask;
    const bit = (i >> 2) * width;
    const word = dst + (bit >> 5) * 16 + (i & 3) * 4;
    const shift = bit & 31;
    view.setUint32(word, view.getUint32(word, true) | (value << shift), true);
    if (shift + width > 32) view.setUint32(word + 16, value >>> (32 - shift), true);
  }
}

function packVector(arena: Arena, vector: Vector, dst: number): number {
  const { u8, u32 } = arena;
  const { low, high, count } = vector;
  const { width, exceptions, highWidth } = chooseWidths(arena, vector);
  let at = dst;
  u8[at++] = width;
  u8[at++] = exceptions < 128 ? exceptions : (exceptions & 127) | 128;
  if (exceptions >= 128) u8[at++] = exceptions >> 7;
  if (exceptions > 0) u8[at++] = highWidth;
  const lowWidth = Math.min(width, 32);
  if (lowWidth > 0) packPlane(arena, low, at, count, lowWidth);
  at += packedPlaneBytes(count, lowWidth);
  if (width > 32) packPlane(arena, high, at, count, width - 32);
  at += packedPlaneBytes(count, width - lowWidth);
  const patchBytes = (exceptions * (10 + highWidth) + 7) >> 3;
  u8.fill(0, at, at + patchBytes);
  let position = at * 8;
  let field = position + exceptions * 10;
  for (let i = 0; i < count && exceptions > 0; i++) {
    if (bitLength(arena, vector, i) <= width) continue;
    putBits(arena, position, i, 10);
    position += 10;
    const value = ((high < 0 ? 0n : BigInt(u32[high + i]) << 32n) | BigInt(u32[low + i])) >> BigInt(width);
    putBits(arena, field, Number(value & 0xffffffffn), Math.min(highWidth, 32));
    if (highWidth > 32) putBits(arena, field + 32, Number(value >> 32n), highWidth - 32);
    field += highWidth;
  }
  return at + patchBytes;
}

/**
 * n values of the planes at `src` (and `highSrc`, 0 for narrow streams) as a packed stream to `dst`; the offset after
 * it.
 */
export function packStream(arena: Arena, src: number, highSrc: number, n: number, dst: number): number {
  let at = dst;
  for (let from = 0; from < n; from += VECTOR) {
    const high = highSrc === 0 ? -1 : (highSrc >> 2) + from;
    at = packVector(arena, { low: (src >> 2) + from, high, count: Math.min(VECTOR, n - from) }, at);
  }
  return at;
}
