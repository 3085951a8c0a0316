/**
 * Random access to a frame: header and index are read and checked when it is opened, chunks when they are asked for,
 * and only those. Every chunk is checked against its CRC before a decoder sees it.
 */

import { bisect } from '../bisect.js';
import { dtypeOf, itemSize, type TypedArray, viewAs } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import { ChunkRoom } from './chunk-room.js';
import type { Chunk, ColumnSchema } from './codec.js';
import { columnIndexes } from './column-indexes.js';
import { corrupt } from './corrupt.js';
import { crc32c } from './crc32c.js';
import { readExactly, TIMESTAMP } from './frame-format.js';
import { type FrameKind, type FrameSchema, readHeader } from './frame-header.js';
import { type FrameIndex, readIndex } from './frame-index.js';
import type { FrameSource } from './frame-source.js';
import { StoredBlock } from './stored-block.js';

/** A day of minutes lies in one block or two. */
const RECENT_BLOCKS = 2;

export class FrameReader {
  readonly schema: FrameSchema;
  /** Where everything lies, for tools that look inside a frame. */
  readonly index: FrameIndex;
  /** Bytes of the header: where the chunks begin. */
  readonly headerLength: number;
  // One block's worth of bytes for rows that are decoded but not asked for; made on first use.
  #partial: ArrayBuffer | undefined;
  /**
   * The blocks decoded from last, newest first: when the columns of a day are read one after the other, each chunk is
   * read once, and what columns share (the closes that highs and lows are coded against) decoded once.
   */
  #recent: readonly StoredBlock[] = [];

  /**
   * Throws CORRUPT for damage in header, index or footer, FORMAT_VERSION for a frame of a later version. The source
   * must stay as it is while the reader is used.
   */
  constructor(readonly source: FrameSource) {
    const { schema, byteLength } = readHeader(source);
    this.schema = schema;
    this.headerLength = byteLength;
    this.index = readIndex(source, schema, byteLength);
  }

  get kind(): FrameKind {
    return this.schema.kind;
  }

  get columns(): readonly ColumnSchema[] {
    return this.schema.columns;
  }

  get rows(): number {
    return this.index.rows;
  }

  get blocks(): number {
    return this.index.blocks;
  }

  /** First row of a block; of `blocks` itself: the number of rows. */
  firstRow(block: number): number {
    return this.index.firstRow[block];
  }

  rowsOf(block: number): number {
    return this.index.firstRow[block + 1] - this.index.firstRow[block];
  }

  /** The block that holds a row. */
  blockOf(row: number): number {
    const { firstRow, blocks } = this.index;
    return bisect(0, blocks, (block) => firstRow[block + 1] > row);
  }

  /** Releases everything decoded: a reader that is idle costs its index only. */
  rest(): void {
    this.#recent = [];
    this.#partial = undefined;
  }

  /** Positions of the named columns; ARGUMENT, with the nearest name, for one that is not there. */
  columnIndexes(names: readonly string[]): number[] {
    return columnIndexes(this.schema, names);
  }

  /** Bytes that decoding these columns of rows [from, to) takes. */
  decodedBytes(columns: readonly number[], from = 0, to = this.rows): number {
    return columns.reduce((sum, column) => sum + itemSize(this.columns[column].dtype) * (to - from), 0);
  }

  /**
   * Decodes columns of one block. `out[i]` is of the dtype of `columns[i]` and at least as long as the block; it may be
   * reused from block to block. After an error its content is unspecified. Returns the block's rows. ARGUMENT for
   * arrays that do not fit.
   */
  decodeBlock(block: number, columns: readonly number[], out: readonly TypedArray[]): number {
    if (!Number.isInteger(block) || block < 0 || block >= this.blocks) {
      throw new AtcError('ARGUMENT', `block ${block} of a frame with ${this.blocks}`);
    }
    const rows = this.rowsOf(block);
    this.#requireTargets(columns, out, rows);
    const reader = this.#stored(block);
    columns.forEach((column, i) => {
      reader.decode(column, 0, out[i].length === rows ? out[i] : out[i].subarray(0, rows));
    });
    return rows;
  }

  /**
   * Decodes rows [from, to) of some columns into the beginning of `out`: only the blocks that overlap are read, and of
   * those only the rows that the wanted ones depend on are decoded. A chunk is checked whole, however few of its rows
   * are wanted.
   */
  decodeRows(columns: readonly number[], from: number, to: number, out: readonly TypedArray[]): void {
    requireRange(from, to, this.rows);
    this.#requireTargets(columns, out, to - from);
    if (from === to) return;
    for (let block = this.blockOf(from); block < this.blocks && this.firstRow(block) < to; block++) {
      const first = this.firstRow(block);
      const low = Math.max(from, first);
      const high = Math.min(to, this.firstRow(block + 1));
      const reader = this.#stored(block);
      columns.forEach((column, i) => {
        const isWhole = low === from && high - from === out[i].length;
        reader.decode(column, low - first, isWhole ? out[i] : out[i].subarray(low - from, high - from));
      });
    }
  }

  /**
   * The first row whose timestamp is `at` or later, `rows` if there is none: a bisection of the index, then of one
   * decoded block. UNSUPPORTED for a table without ascending timestamps.
   */
  rowAt(at: number | bigint): number {
    if (typeof at !== 'number' && typeof at !== 'bigint') {
      throw new AtcError('ARGUMENT', `a time to look up must be a number, got ${shown(at)}`);
    }
    const { maxTimestamps, ascending } = this.index;
    if (maxTimestamps === undefined || !ascending) {
      const why = maxTimestamps === undefined ? `has no column "${TIMESTAMP}"` : 'has timestamps that go back in time';
      throw new AtcError('UNSUPPORTED', `the table ${why}, so a time cannot be looked up; use row numbers`, {
        path: this.source.path,
      });
    }
    const block = bisect(0, this.blocks, (i) => maxTimestamps[i] >= at);
    if (block === this.blocks) return this.rows;
    const first = this.firstRow(block);
    if ((this.index.minTimestamps as TypedArray)[block] >= at) return first;
    const [column] = this.columnIndexes([TIMESTAMP]);
    const timestamps = this.#partialBlock(column, this.rowsOf(block));
    this.decodeBlock(block, [column], [timestamps]);
    return first + bisect(0, timestamps.length, (i) => timestamps[i] >= at);
  }

  /** Reads and checks one chunk; into the room where the source can, else it is a view or a copy of its own. */
  chunk(block: number, column: number, room?: ChunkRoom): Chunk {
    const { offsets, lengths, checksums, wireIds, refs } = this.index;
    const i = block * this.columns.length + column;
    const bytes = this.#bytesAt(offsets[i], lengths[i], room);
    if (crc32c(bytes) !== checksums[i]) {
      const what = `chunk of column "${this.columns[column].name}", block ${block}, does not match its checksum`;
      throw corrupt(what, offsets[i], this.source.path);
    }
    return { wireId: wireIds[i], refs: refs[i], bytes };
  }

  #bytesAt(offset: number, length: number, room: ChunkRoom | undefined): Uint8Array {
    if (room === undefined || this.source.readInto === undefined) return readExactly(this.source, offset, length);
    const bytes = room.take(length);
    this.source.readInto(offset, bytes);
    return bytes;
  }

  #stored(block: number): StoredBlock {
    const found = this.#recent.find((one) => one.block === block);
    if (found !== undefined) return found;
    const room = this.#recent[RECENT_BLOCKS - 1]?.room ?? new ChunkRoom();
    room.reset();
    const opened = new StoredBlock(this, block, room);
    this.#recent = [opened, ...this.#recent.slice(0, RECENT_BLOCKS - 1)];
    return opened;
  }

  #requireTargets(columns: readonly number[], out: readonly TypedArray[], rows: number): void {
    columns.forEach((column, i) => {
      const schema = this.columns[column];
      if (schema === undefined)
        throw new AtcError('ARGUMENT', `column ${column} of a frame with ${this.columns.length}`);
      if (dtypeOf(out[i]) !== schema.dtype || out[i].length < rows) {
        const given = `${dtypeOf(out[i]) ?? 'nothing'} of ${out[i]?.length ?? 0}`;
        throw new AtcError(
          'ARGUMENT',
          `column "${schema.name}" needs ${schema.dtype} of at least ${rows} elements to decode into, got ${given}`,
          { column: schema.name },
        );
      }
    });
  }

  #partialBlock(column: number, rows: number): TypedArray {
    const { dtype } = this.columns[column];
    const bytes = rows * itemSize(dtype);
    if (this.#partial === undefined || this.#partial.byteLength < bytes) this.#partial = new ArrayBuffer(bytes);
    return viewAs(dtype, this.#partial, 0, rows);
  }
}

/** ARGUMENT unless 0 <= from <= to <= rows. */
export function requireRange(from: number, to: number, rows: number): void {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from > to || to > rows) {
    throw new AtcError('ARGUMENT', `rows [${shown(from)}, ${shown(to)}) are not inside [0, ${rows})`);
  }
}
