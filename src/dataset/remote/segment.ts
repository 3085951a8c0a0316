/** Segments of a remote dataset: which blocks hold some rows, and what has to be loaded to decode them. */
import type { TypedArray } from '../../dtype.js';
import type { ChunkAddress } from './chunk-store.js';

/** Loads chunks; the function that is returned has their bytes. */
export type LoadChunks = (wanted: readonly ChunkAddress[]) => Promise<(address: ChunkAddress) => Uint8Array>;

/** Rows of a segment that are stored together. */
export interface LocatedBlock {
  /** Rows of the segment, half-open. */
  readonly from: number;
  readonly to: number;
  /** What has to be loaded to decode these columns. */
  chunksOf(columns: readonly number[]): readonly ChunkAddress[];
  /** Decodes rows [from, from + out.length) of the segment, which are in the block; `bytesOf` has what was loaded. */
  decode(column: number, from: number, out: TypedArray, bytesOf: (address: ChunkAddress) => Uint8Array): void;
}

/** A segment whose files are on a server. */
export interface RemoteSegment {
  /** Blocks that hold rows [from, to) of the segment, in order; only these columns of them can be decoded. */
  blocksOfRows(
    columns: readonly number[],
    from: number,
    to: number,
    load: LoadChunks,
    signal?: AbortSignal,
  ): Promise<readonly LocatedBlock[]>;
  /**
   * Blocks in which the first row at `fromMs` or later and the first one at `toMs` or later can be, and all between.
   */
  blocksOfTimes(
    columns: readonly number[],
    fromMs: number,
    toMs: number,
    load: LoadChunks,
    signal?: AbortSignal,
  ): Promise<readonly LocatedBlock[]>;
}
