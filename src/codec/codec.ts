/**
 * The seam between frames and the ways of coding numbers. A table is cut into blocks of at most BLOCK_ROWS rows; every
 * column of a block becomes one chunk, coded by one codec. A chunk may be predicted from other columns of the same
 * block: it names them in `refs`, and a reader of that chunk is given those chunks too.
 */
import type { Dtype, TypedArray } from '../dtype.js';

/** Rows coded together. 4,096 would cost up to 5 % of the ratio, 65,536 would gain at most 1.5 %. */
export const BLOCK_ROWS = 16_384;

/** `auto`: the numeric codec. `lz4`, `zlib`: byte shuffle and that coder. */
export type CompressionAlgorithm = 'auto' | 'lz4' | 'zlib';
/** 0 stores; 1-4 favour speed; 5 is the default; 9 is the smallest. */
export type CompressionLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** A column without its values. */
export interface ColumnSchema {
  /** Unique within its table. */
  readonly name: string;
  /** Of one element. */
  readonly dtype: Dtype;
}

/** One block on its way to bytes. `columns[i]` belongs to `schema[i]`; all hold `rows` elements. */
export interface Block {
  readonly schema: readonly ColumnSchema[];
  readonly rows: number;
  readonly columns: readonly TypedArray[];
}

/** One column of one block, coded. */
export interface Chunk {
  /** Wire id of the codec that made it. */
  readonly wireId: number;
  /** Indexes of the columns of the same block that must be decodable to decode this one; no cycles. */
  readonly refs: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * What a decoder may look at besides its own bytes. One is created per block and shared by the columns read from it.
 */
export interface BlockReader {
  readonly schema: readonly ColumnSchema[];
  readonly rows: number;
  /** The checked chunk of a column: the column itself or one of its refs. Throws CORRUPT for any other. */
  chunk(column: number): Chunk;
  /** Where a codec caches what it decoded of a column (integers before scaling, say) for the others of the block. */
  readonly memo: Map<number, unknown>;
}

/** Decodes the chunks of one wire id. Anything unexpected is thrown as CORRUPT with the offset inside the chunk. */
export interface ChunkDecoder {
  readonly wireId: number;
  readonly name: string;
  /** Fills `out`, which has the column's dtype and exactly `block.rows` elements. */
  decode(block: BlockReader, column: number, out: TypedArray): void;
  /**
   * Fills `out` with the rows from `from` on, fewer than the block has. Absent: the whole block is decoded for any of
   * its rows.
   */
  decodeRows?(block: BlockReader, column: number, from: number, out: TypedArray): void;
}

/** What an encoder of a single column competes with. */
export interface EncodeAttempt {
  readonly level: CompressionLevel;
  /** The smallest chunk of the column so far; absent: the column would be stored as it is. */
  readonly best?: Chunk;
  /** Bytes of that: a longer or equal result is of no use. */
  readonly below: number;
}

/** The chunk of a column, without refs, or undefined where this codec does not make it shorter than `attempt.below`. */
export type ColumnEncoder = (values: TypedArray, attempt: EncodeAttempt) => Uint8Array | undefined;

/** One way of coding the columns of a block, as `column-codecs.ts` lists them. */
export interface ColumnCodec extends ChunkDecoder {
  /** Its number on disk: 0 to 65,535, never reused, never with a second meaning. */
  readonly wireId: number;
  /** In error messages and reports. */
  readonly name: string;
  /** Lowest level of `auto` that tries it on a column of this dtype; Infinity for a dtype it does not take. */
  fromLevel(dtype: Dtype): number;
  /**
   * Encodes one column alone. Absent for codecs whose encoder would burden a process that only reads
   * (`large-encoders.ts`), for those that code the columns of a block together, and for those that are only read.
   */
  readonly encode?: ColumnEncoder;
}

/** Codes all columns of a block; returns one chunk per column, in the order of the schema. */
export type BlockEncoder = (block: Block) => Chunk[];
