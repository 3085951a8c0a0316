/**
 * One flat memory both kernel sets work in: the WASM instance's memory, or a plain buffer of the same layout for the
 * TypeScript reference. Kernels get byte offsets into it. It is allocated once per process and holds one block at a
 * time, so decoding a block allocates nothing.
 *
 * INPUT stands before the planes on purpose: a bit reader of damaged bytes may run past the end of the chunk, at most
 * MAX_OVERREAD bytes, and still reads inside the arena; the position is checked afterwards.
 */
import { CLASSES, INPUT, MAX_ROWS, OUT } from './offsets.js';

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
   * The view whose bytes a checksum has just left at INPUT, so that a decoder of the same view need not copy them
   * again. It counts once: the one that looks at it or writes to INPUT clears it.
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
