/**
 * One flat memory both kernel sets work in: the WASM instance's memory, or a plain buffer of the same layout for the TypeScript
 * reference. Kernels get byte offsets into it. It is made once per process and holds one block at a time, so decoding a block
 * allocates nothing.
 *
 * INPUT stands before the planes on purpose: a bit reader of damaged bytes may run past the end of the chunk, at most
 * MAX_OVERREAD bytes, and still reads inside the arena; the position is checked afterwards.
 */

/** Rows of the largest block a kernel accepts. */
export const MAX_ROWS = 16_384;
/** Bytes of the largest chunk a kernel accepts; an encoder stores a column rather than exceed 8 bytes a row. */
export const MAX_INPUT = 1 << 18;

const KIB = 1024;
/** tANS decoding table (4,096 entries of 8 bytes) and small tables. */
export const TABLE = 4 * KIB;
/** tANS symbol order while a table is built: 4,096 class indexes of 2 bytes. */
export const SPREAD = 36 * KIB;
/** Class list of a table under construction: class and count, two u32 each, at most 4,096. */
export const CLASSES = 44 * KIB;
/** Vectors of constants of a loop. Those known beforehand lie below TABLE. */
export const CONSTANTS = 76 * KIB;
/** CRC-32C tables, 8 KiB, and working memory. */
export const CRC_TABLES = 80 * KIB;
export const CRC_WORK = 88 * KIB;
export const INPUT = 128 * KIB;
const PLANES = INPUT + MAX_INPUT;
/** Bytes of one 32-bit plane. */
export const PLANE_BYTES = MAX_ROWS * 4 + KIB;
/** Bytes of a low and a high plane. */
export const PAIR_BYTES = 2 * PLANE_BYTES;
/** Offsets of the three pairs of planes (low words, then high words): main stream, second stream, symbols. */
export const PLANE_A = PLANES;
export const PLANE_B = PLANES + PAIR_BYTES;
export const PLANE_C = PLANES + 2 * PAIR_BYTES;
/** Elements of a decoded block on their way to the caller. */
export const OUT = PLANES + 3 * PAIR_BYTES;
const OUT_BYTES = MAX_ROWS * 8;
/** Decoded integers of whole columns, kept for the columns predicted from them. */
export const SLOTS = OUT + OUT_BYTES;
export const SLOT_BYTES = MAX_ROWS * 8;
export const SLOT_COUNT = 8;
/** Narrow integers of a column and its refs on their way through an encoder; kernels read up to 8 bytes before them. */
export const UNITS_U = SLOTS + SLOT_COUNT * SLOT_BYTES + KIB;
export const UNITS_A = UNITS_U + PLANE_BYTES;
export const UNITS_B = UNITS_A + PLANE_BYTES;
export const ARENA_BYTES = UNITS_B + PLANE_BYTES + 64 * KIB;

/** The arena through typed arrays; all start at offset 0. */
export interface Arena {
  readonly buffer: ArrayBuffer;
  readonly view: DataView;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  /** OUT as a whole block. */
  readonly out: Float64Array;
  /**
   * The view whose bytes a checksum has just left at INPUT, so that a decoder of the same view need not copy them again. It counts
   * once: whoever looks at it or writes to INPUT takes it away.
   */
  staged: Uint8Array | undefined;
}

/** Brings the bytes of a chunk to INPUT. */
export function stage(arena: Arena, bytes: Uint8Array): void {
  if (arena.staged !== bytes) arena.u8.set(bytes, INPUT);
  arena.staged = undefined;
}

export function arenaOver(buffer: ArrayBuffer): Arena {
  return {
    buffer,
    view: new DataView(buffer),
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    i64: new BigInt64Array(buffer),
    f64: new Float64Array(buffer),
    f32: new Float32Array(buffer),
    out: new Float64Array(buffer, OUT, MAX_ROWS),
    staged: undefined,
  };
}

/** Counters by magnitude class where the histogram kernel leaves them. */
export function classCounts({ u32 }: Arena, wide: boolean, mantissaBits: number): Uint32Array {
  const classes = ((wide ? 64 : 32) - mantissaBits + 1) << mantissaBits;
  return u32.subarray(CLASSES >> 2, (CLASSES >> 2) + classes);
}
