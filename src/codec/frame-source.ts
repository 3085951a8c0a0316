/** Where a frame's bytes come from. The file implementation lives in io/; this one is memory. */
export interface FrameSource {
  /** Named in errors. */
  readonly path?: string;
  readonly byteLength: number;
  /**
   * Bytes [offset, offset + length), always inside the source. They stay as they are while the
   * caller looks at them: a view of memory or of a map, or a fresh copy, not a buffer that the next read overwrites.
   */
  read(offset: number, length: number): Uint8Array;
  /** The same into bytes of the caller's, all of them. For sources whose `read` has to make a copy. */
  readInto?(offset: number, target: Uint8Array): void;
}

/** A frame in memory; reads are views, nothing is copied. */
export function memorySource(bytes: Uint8Array, path?: string): FrameSource {
  return {
    path,
    byteLength: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}
