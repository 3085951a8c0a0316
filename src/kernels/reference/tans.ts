/**
 * tANS encoder (format and decoder: untans.ts). Codes backwards, so that the decoder runs forwards. Tables, left in the
 * arena by the caller: at TABLE per class, 8 bytes: u16 count · u16 state bits of the highest state · i32 first -
 * count; at SPREAD u16 the state after coding, at first + (x >> bits) - count.
 */
import { type Arena, classCounts } from '../arena.js';
import { PLANE_A, PLANE_B, PLANE_BYTES, SPREAD, TABLE } from '../offsets.js';

/** Class of a value; see untans.ts. */
export function classOf(low: number, high: number, mantissaBits: number): number {
  const bits = high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
  if (bits <= mantissaBits + 1) return low;
  const shift = bits - 1 - mantissaBits;
  const top = shift >= 32 ? high >>> (shift - 32) : shift === 0 ? low : (high << (32 - shift)) | (low >>> shift);
  return ((bits - mantissaBits) << mantissaBits) | (top & ((1 << mantissaBits) - 1));
}

function lowAt({ u32 }: Arena, i: number): number {
  return u32[(PLANE_A >> 2) + i];
}

function highAt({ u32 }: Arena, i: number, wide: boolean): number {
  return wide ? u32[((PLANE_A + PLANE_BYTES) >> 2) + i] : 0;
}

export function histogramOfRows(arena: Arena, n: number, wide: boolean, mantissaBits: number): Uint32Array {
  const counts = classCounts(arena, wide, mantissaBits).fill(0);
  for (let i = 0; i < n; i++) counts[classOf(lowAt(arena, i), highAt(arena, i, wide), mantissaBits)]++;
  return counts;
}

/**
 * Backward pass: state bits and their number (<< 16) of value i to plane B; leaves the decoder's first states in `x`.
 */
function codeStates(arena: Arena, n: number, wide: boolean, mantissaBits: number, size: number, x: number[]): void {
  const { u16, i32, u32 } = arena;
  for (let i = n - 1; i >= 0; i--) {
    const entry = (TABLE >> 2) + 2 * classOf(lowAt(arena, i), highAt(arena, i, wide), mantissaBits);
    const count = u16[2 * entry];
    const state = x[i & 3];
    let bits = u16[2 * entry + 1];
    if (state < count << bits) bits--;
    u32[(PLANE_B >> 2) + i] = (state & ((1 << bits) - 1)) | (bits << 16);
    x[i & 3] = size + u16[(SPREAD >> 1) + i32[entry + 1] + (state >> bits)];
  }
}

/** n values of plane A behind their class table to `dst`; the offset after them. */
export function tansStream(
  arena: Arena,
  n: number,
  wide: boolean,
  mantissaBits: number,
  tableLog: number,
  dst: number,
): number {
  const { u8, u32 } = arena;
  const size = 1 << tableLog;
  const x = [size, size, size, size];
  if (tableLog > 0) codeStates(arena, n, wide, mantissaBits, size, x);
  else u32.fill(0, PLANE_B >> 2, (PLANE_B >> 2) + n);
  let bit = dst * 8;
  const put = (value: number, width: number) => {
    let rest = value;
    for (let left = width; left > 0; ) {
      const shift = bit & 7;
      const taken = Math.min(8 - shift, left);
      const field = (rest & ((1 << taken) - 1)) << shift;
      u8[bit >>> 3] = shift === 0 ? field : u8[bit >>> 3] | field;
      rest >>>= taken;
      left -= taken;
      bit += taken;
    }
  };
  for (const state of x) put(state - size, tableLog);
  for (let i = 0; i < n; i++) {
    const low = lowAt(arena, i);
    const high = highAt(arena, i, wide);
    const bits = high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
    const raw = Math.max(0, bits - 1 - mantissaBits);
    put(low, Math.min(raw, 32));
    if (raw > 32) put(high, raw - 32);
    const field = u32[(PLANE_B >> 2) + i];
    put(field & 0xffff, field >>> 16);
  }
  return (bit + 7) >> 3;
}
