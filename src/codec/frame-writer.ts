/** Writes a frame front to back: header at once, every block as soon as it is full, index and footer at the end. */
import { bytesOf, createArray, type TypedArray } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import { ByteWriter } from './byte-stream.js';
import { cappedEncoder } from './capped-encoder.js';
import { BLOCK_ROWS, type BlockEncoder } from './codec.js';
import { type CompressionOptions, resolveCompression } from './compression-options.js';
import { crc32c } from './crc32c.js';
import { LIMITS, PAGE_BLOCKS, TIMESTAMP } from './frame-format.js';
import type { FrameSchema } from './frame-header.js';
import { encodeHeader } from './frame-header-writer.js';
import { rowBytesOf, timestampDtype, writeFooter } from './frame-index.js';
import { blockEncoder } from './levels.js';
import { requireColumns, requireSchema } from './schema.js';
import { timeSpan } from './time-span.js';

/** Takes the next bytes of a frame. They are valid during the call only: write or copy them. */
export type ByteSink = (bytes: Uint8Array) => void;

export interface FrameWriterOptions extends CompressionOptions {
  /** Rows of a full block, default 16,384; at most 2^20, and at most 256 MiB in all columns together. */
  readonly blockRows?: number;
}

/** Entries of consecutive blocks in the index, which a reader over a network requests alone. */
export interface IndexPage {
  /** Where they begin in the frame, in bytes. */
  readonly offset: number;
  /** First row of their first block, and where its first chunk begins. */
  readonly row: number;
  readonly chunk: number;
  /** CRC-32C of the entries. */
  readonly checksum: number;
}

export class FrameWriter {
  readonly #encode: BlockEncoder;
  /** Rows of a full block. */
  readonly blockRows: number;
  readonly #timeColumn: number;
  readonly #timeBytes: TypedArray | undefined;
  /** The block entries of the index; what stands before them depends on totals and is written at the end. */
  readonly #entries = new ByteWriter();
  /** Where pages begin: in the entries, among the rows, and among the chunks. */
  readonly #pageStarts: { readonly entry: number; readonly row: number; readonly chunk: number }[] = [];
  #pages: readonly IndexPage[] = [];
  #pending: TypedArray[] | undefined;
  #pendingRows = 0;
  #rows = 0;
  #blocks = 0;
  #length = 0;
  #contentChecksum = 0;
  #ascending = true;
  #latest: number | bigint = Number.NEGATIVE_INFINITY;
  #finished = false;

  readonly #sink: ByteSink;
  readonly #schema: FrameSchema;

  /** `encode` codes the blocks; default: as level and algorithm say. It is no option: those are the caller's. */
  constructor(sink: ByteSink, schema: FrameSchema, options: FrameWriterOptions = {}, encode?: BlockEncoder) {
    this.#sink = sink;
    this.#schema = schema;
    requireSchema(schema);
    const { level, algorithm } = resolveCompression(options);
    this.blockRows = resolveBlockRows(schema, options.blockRows);
    this.#encode = cappedEncoder(encode ?? blockEncoder(algorithm, level));
    this.#timeColumn = schema.columns.findIndex(({ name }) => name === TIMESTAMP);
    const timeDtype = timestampDtype(schema);
    this.#timeBytes = timeDtype && createArray(timeDtype, 1);
    this.#emit(encodeHeader(schema));
  }

  /**
   * Adds rows: one array per column of the schema, of its dtype, all equally long. Any number of rows at a time; they
   * are gathered into full blocks.
   */
  write(columns: readonly TypedArray[]): void {
    const rows = this.#requireRows(columns);
    let from = 0;
    while (from < rows) {
      const left = rows - from;
      if (this.#pendingRows === 0 && left >= this.blockRows) {
        // A whole block, straight from the caller's arrays.
        this.writeBlock(slices(columns, from, from + this.blockRows));
        from += this.blockRows;
        continue;
      }
      const count = Math.min(left, this.blockRows - this.#pendingRows);
      this.#pending ??= this.#schema.columns.map(({ dtype }) => createArray(dtype, this.blockRows));
      this.#pending.forEach((target, i) => {
        setElements(target, columns[i].subarray(from, from + count), this.#pendingRows);
      });
      this.#pendingRows += count;
      from += count;
      if (this.#pendingRows === this.blockRows) this.#flushPending();
    }
  }

  /**
   * Adds one block exactly as given, at most `blockRows` rows; rows gathered so far become a block of their own first.
   */
  writeBlock(columns: readonly TypedArray[]): void {
    const rows = this.#requireRows(columns);
    if (rows > this.blockRows) {
      throw new AtcError('ARGUMENT', `a block holds at most ${this.blockRows} rows, got ${rows}`);
    }
    this.#flushPending();
    if (rows > 0) this.#emitBlock(columns, rows);
  }

  /**
   * Ends the frame and returns its length in bytes. `shape` is that of an array, default `[elements]`; the frame of a
   * writer that was not finished is not readable.
   */
  finish(shape?: readonly number[]): number {
    this.#requireOpen();
    this.#flushPending();
    const index = new ByteWriter(this.#entries.length + 64);
    index.varint(this.#length);
    index.varint(this.#rows);
    if (this.#schema.kind === 'array') writeShape(index, shape ?? [this.#rows], this.#rows);
    if (this.#timeColumn >= 0) index.u8(this.#ascending ? 1 : 0);
    index.varint(this.#blocks);
    this.#pages = this.#pagesFrom(this.#length + index.length);
    index.bytes(this.#entries.view());
    if (index.length > LIMITS.indexBytes) {
      throw new AtcError(
        'ARGUMENT',
        `index of ${index.length} bytes, at most ${LIMITS.indexBytes}; write larger blocks`,
      );
    }
    writeFooter(index, this.#contentChecksum);
    this.#finished = true;
    this.#emit(index.view());
    return this.#length;
  }

  /** Of a finished frame. */
  get pages(): readonly IndexPage[] {
    return this.#pages;
  }

  /** Of a finished frame: number of its blocks, and its length in bytes. */
  get size(): { readonly blocks: number; readonly bytes: number } {
    return { blocks: this.#blocks, bytes: this.#length };
  }

  #pagesFrom(offset: number): IndexPage[] {
    const entries = this.#entries.view();
    return this.#pageStarts.map(({ entry, row, chunk }, k) => {
      const end = this.#pageStarts[k + 1]?.entry ?? entries.length;
      return { offset: offset + entry, row, chunk, checksum: crc32c(entries.subarray(entry, end)) };
    });
  }

  #flushPending(): void {
    if (this.#pendingRows === 0) return;
    const rows = this.#pendingRows;
    this.#pendingRows = 0;
    this.#emitBlock(slices(this.#pending as TypedArray[], 0, rows), rows);
  }

  #emitBlock(columns: readonly TypedArray[], rows: number): void {
    const chunks = this.#encode({ schema: this.#schema.columns, rows, columns });
    if (this.#blocks % PAGE_BLOCKS === 0) {
      this.#pageStarts.push({ entry: this.#entries.length, row: this.#rows, chunk: this.#length });
    }
    this.#entries.varint(rows);
    if (this.#timeColumn >= 0) this.#addTimeSpan(columns[this.#timeColumn]);
    for (const { bytes, wireId, refs } of chunks) {
      this.#entries.varint(bytes.length);
      this.#entries.varint(wireId);
      this.#entries.varint(refs.length);
      for (const ref of refs) this.#entries.varint(ref);
      this.#entries.u32(crc32c(bytes));
      this.#emit(bytes);
    }
    this.#rows += rows;
    this.#blocks++;
  }

  #addTimeSpan(timestamps: TypedArray): void {
    const { min, max, ascending } = timeSpan(timestamps);
    this.#ascending &&= ascending && min >= this.#latest;
    this.#latest = max;
    const slot = this.#timeBytes as TypedArray;
    for (const bound of [min, max]) {
      slot[0] = bound;
      this.#entries.bytes(bytesOf(slot));
    }
  }

  #emit(bytes: Uint8Array): void {
    if (!this.#finished) this.#contentChecksum = crc32c(bytes, this.#contentChecksum);
    this.#length += bytes.length;
    this.#sink(bytes);
  }

  #requireOpen(): void {
    if (this.#finished) throw new AtcError('CLOSED', 'this frame is finished; begin a new writer for more rows');
  }

  #requireRows(columns: readonly TypedArray[]): number {
    this.#requireOpen();
    return requireColumns(this.#schema.columns, columns);
  }
}

function resolveBlockRows(schema: FrameSchema, asked: number | undefined): number {
  const most = Math.min(LIMITS.blockRows, Math.floor(LIMITS.blockBytes / Math.max(1, rowBytesOf(schema))));
  const rows = asked ?? Math.min(BLOCK_ROWS, most);
  if (!Number.isInteger(rows) || rows < 1 || rows > most) {
    throw new AtcError('ARGUMENT', `blockRows must be 1 to ${most} for these columns, got ${shown(rows)}`);
  }
  return rows;
}

function slices(columns: readonly TypedArray[], from: number, to: number): TypedArray[] {
  return columns.map((column) => column.subarray(from, to));
}

/** Copies bytes, not values: NaN payloads survive. Both arrays have the same dtype. */
function setElements(target: TypedArray, source: TypedArray, at: number): void {
  bytesOf(target).set(bytesOf(source), at * target.BYTES_PER_ELEMENT);
}

function writeShape(index: ByteWriter, shape: readonly number[], elements: number): void {
  const isList = Array.isArray(shape) && shape.length <= LIMITS.dimensions;
  const legal = isList && shape.every((side) => Number.isSafeInteger(side) && side >= 0);
  if (!legal || shape.reduce((product, side) => product * side, 1) !== elements) {
    throw new AtcError(
      'ARGUMENT',
      `shape ${legal ? `[${shape}]` : shown(shape)} does not hold exactly the ${elements} elements given`,
    );
  }
  index.varint(shape.length);
  for (const side of shape) index.varint(side);
}
