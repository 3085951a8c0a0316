/** A frame that a page looks into: a packed file of a dataset, a compressed array. */

import { requireOptions } from '../arguments.js';
import type { ColumnSchema } from '../codec/codec.js';
import { type DecodeLimit, decodeColumns } from '../codec/decode-columns.js';
import { FrameReader, requireRange } from '../codec/frame-reader.js';
import { memorySource } from '../codec/frame-source.js';
import type { Columns, TypedArray } from '../dtype.js';
import { type FrameInput, frameBytes } from './frame-bytes.js';

/** Which part of a frame is decoded; only the blocks it needs are. */
export interface DecodeFrameOptions extends DecodeLimit {
  /** Only these, in this order; default all. */
  readonly columns?: readonly string[];
  /** First row, default 0. */
  readonly from?: number;
  /** Row after the last, default the number of rows. */
  readonly to?: number;
}

/** How a frame is opened. */
export interface OpenFrameOptions {
  /** Most bytes of the compressed frame, default 1 GiB: a bound for streams from strangers. */
  readonly maxBytes?: number;
}

const MOST_BYTES = 2 ** 30;

/** An opened frame. Header and index are checked; chunks are when they are decoded. */
export class Frame {
  readonly #reader: FrameReader;

  /** @internal */
  constructor(bytes: Uint8Array) {
    this.#reader = new FrameReader(memorySource(bytes));
  }

  /** A table has named columns, an array one column with the name ''. */
  get kind(): 'array' | 'table' {
    return this.#reader.kind;
  }

  /** Names and element types, in order. */
  get columns(): readonly ColumnSchema[] {
    return this.#reader.columns;
  }

  /** Of the table; elements of the array. */
  get rows(): number {
    return this.#reader.rows;
  }

  /** Lengths of the dimensions of an array, C order; a table has none. */
  get shape(): readonly number[] | undefined {
    return this.#reader.index.shape;
  }

  /**
   * One column whole, or rows [from, to) of it, in a fresh array. Throws CORRUPT for damaged bytes, FORMAT_VERSION for
   * those of a later version, ARGUMENT for an unknown column or rows outside the frame.
   */
  column(name: string, { from = 0, to = this.rows, maxBytes }: Omit<DecodeFrameOptions, 'columns'> = {}): TypedArray {
    return this.decode({ columns: [name], from, to, maxBytes })[name];
  }

  /** Columns by name, in fresh arrays; an array frame has the one name ''. Throws what `column` does. */
  decode(options: DecodeFrameOptions = {}): Columns {
    requireOptions(options, 'decode');
    const { columns = this.columns.map(({ name }) => name), from = 0, to = this.rows } = options;
    requireRange(from, to, this.rows);
    const decoded = decodeColumns(this.#reader, this.#reader.columnIndexes(columns), from, to, {
      maxBytes: options.maxBytes,
    });
    return Object.fromEntries(columns.map((name, i) => [name, decoded[i]]));
  }

  /**
   * The first row whose timestamp (UTC ms in datasets) is `timestamp` or later, `rows` if there is none; one block is
   * decoded at most. UNSUPPORTED for a table without ascending timestamps.
   */
  rowAt(timestamp: number | bigint): number {
    return this.#reader.rowAt(timestamp);
  }
}

/**
 * Reads a frame from an ArrayBuffer, a view of one, a ReadableStream, a Response or a Blob. Throws CORRUPT for damage
 * in its header or index, FORMAT_VERSION for a later version, IO for a failed Response, ARGUMENT for other inputs or
 * more than `maxBytes`.
 */
export async function openFrame(input: FrameInput, options: OpenFrameOptions = {}): Promise<Frame> {
  requireOptions(options, 'openFrame');
  return new Frame(await frameBytes(input, options.maxBytes ?? MOST_BYTES));
}
