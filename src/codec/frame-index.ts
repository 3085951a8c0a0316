/**
 * The index: how many rows, and for every block its rows, time span, and one entry per column (length, codec, refs,
 * CRC-32C). Chunks lie one after the other without gaps, so their offsets are sums and need no bytes. The footer closes
 * the frame.
 */
import { bytesOf, createArray, type Dtype, itemSize, type TypedArray } from '../dtype.js';
import { ByteReader, type ByteWriter } from './byte-stream.js';
import { corrupt } from './corrupt.js';
import { crc32c, crc32cOfStart } from './crc32c.js';
import { CRC_BYTES, END_MAGIC, FOOTER_BYTES, LIMITS, readExactly, TIMESTAMP } from './frame-format.js';
import type { FrameSchema } from './frame-header.js';
import type { FrameSource } from './frame-source.js';
import { checkRefs } from './refs.js';

/** Consecutive blocks. Chunk `i` of the arrays is column `i % columns` of block `floor(i / columns)`. */
export interface BlockEntries {
  readonly blocks: number;
  /** First row of every block, and after the last one the row after it. */
  readonly firstRow: Float64Array;
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  readonly wireIds: Uint16Array;
  readonly checksums: Uint32Array;
  readonly refs: ReadonlyArray<readonly number[]>;
  /** Smallest and largest timestamp of every block, of the column's dtype; NaN where a block has none to compare. */
  readonly minTimestamps?: TypedArray;
  readonly maxTimestamps?: TypedArray;
}

/** All blocks of a frame. */
export interface FrameIndex extends BlockEntries {
  readonly rows: number;
  /** Of an array; a table has none. */
  readonly shape?: readonly number[];
  /** Whether timestamps never decrease over the whole table, so that they can be bisected. */
  readonly ascending: boolean;
  /** Where the index begins: everything before it is covered by `contentChecksum`. */
  readonly offset: number;
  readonly contentChecksum: number;
}

/** The dtype of the column whose time span is indexed, if the schema has one. */
export function timestampDtype(schema: FrameSchema): Dtype | undefined {
  return schema.columns.find(({ name }) => name === TIMESTAMP)?.dtype;
}

/** Bytes of one row, decoded. */
export function rowBytesOf(schema: FrameSchema): number {
  return schema.columns.reduce((sum, { dtype }) => sum + itemSize(dtype), 0);
}

/** Appends the footer to a written index. */
export function writeFooter(index: ByteWriter, contentChecksum: number): void {
  index.u32(index.length);
  index.u32(contentChecksum);
  index.u32(crc32c(index.view()));
  index.bytes(END_MAGIC);
}

/** Reads and checks footer and index of a frame whose header ends at `headerLength`. */
export function readIndex(source: FrameSource, schema: FrameSchema, headerLength: number): FrameIndex {
  const { path, byteLength } = source;
  const footerOffset = byteLength - FOOTER_BYTES;
  if (footerOffset < headerLength) throw corrupt('frame is cut short: there is no footer', byteLength, path);
  const footerBytes = readExactly(source, footerOffset, FOOTER_BYTES);
  const footer = new ByteReader(footerBytes, footerOffset, path);
  const indexLength = footer.u32();
  const contentChecksum = footer.u32();
  const checksum = footer.u32();
  if (!END_MAGIC.every((byte, i) => footerBytes[FOOTER_BYTES - END_MAGIC.length + i] === byte)) {
    throw corrupt('frame is cut short or its end is damaged', byteLength - END_MAGIC.length, path);
  }
  if (indexLength > LIMITS.indexBytes || indexLength > footerOffset - headerLength) {
    throw corrupt(`index of ${indexLength} bytes does not fit the frame`, footerOffset, path);
  }
  const offset = footerOffset - indexLength;
  // One read for index and footer: the checksum runs over both.
  const bytes = readExactly(source, offset, indexLength + FOOTER_BYTES);
  const checked = indexLength + FOOTER_BYTES - CRC_BYTES - END_MAGIC.length;
  if (crc32cOfStart(bytes, checked) !== checksum) throw corrupt('index does not match its checksum', offset, path);
  const reader = new ByteReader(bytes, offset, path, 0, indexLength);
  const index = decodeIndex(reader, schema, headerLength, { offset, contentChecksum }, path);
  if (reader.remaining > 0) throw corrupt(`${reader.remaining} bytes too many in the index`, reader.offset, path);
  return index;
}

function decodeIndex(
  reader: ByteReader,
  schema: FrameSchema,
  headerLength: number,
  footer: { offset: number; contentChecksum: number },
  path: string | undefined,
): FrameIndex {
  const declared = reader.varint(LIMITS.rows, 'index offset');
  if (declared !== footer.offset) {
    throw corrupt(
      `frame was written with its index at byte ${declared}, here it begins elsewhere`,
      footer.offset,
      path,
    );
  }
  const rowsOffset = reader.offset;
  const rows = reader.varint(LIMITS.rows, 'row count');
  const shape = schema.kind === 'array' ? decodeShape(reader, rows, path) : undefined;
  const timeDtype = timestampDtype(schema);
  const ascending = timeDtype !== undefined && reader.varint(1, 'ascending flag') === 1;

  const blocks = reader.varint(mostBlocksIn(reader.remaining, schema), 'block count');
  const entries = decodeEntries(reader, schema, blocks, { row: 0, offset: headerLength }, path);
  const last = entries.firstRow[blocks];
  if (last !== rows) throw corrupt(`blocks hold ${last} rows, not ${rows}`, rowsOffset, path);
  if (entries.end !== footer.offset)
    throw corrupt(`chunks end at ${entries.end}, not before the index`, entries.end, path);
  return { ...entries, rows, shape, ascending, ...footer };
}

/** A block takes at least its row count, two timestamps, and per column two varints, a count of refs and a checksum. */
export function mostBlocksIn(bytes: number, schema: FrameSchema): number {
  const columns = schema.columns.length;
  const timeDtype = timestampDtype(schema);
  const timeBytes = timeDtype === undefined ? 0 : itemSize(timeDtype);
  return columns === 0 ? 0 : Math.floor(bytes / (1 + 2 * timeBytes + columns * 7));
}

/** The entries of `blocks` blocks, the first of which begins at this row and byte; `end` is where their chunks end. */
export function decodeEntries(
  reader: ByteReader,
  schema: FrameSchema,
  blocks: number,
  first: { readonly row: number; readonly offset: number },
  path: string | undefined,
): BlockEntries & { readonly end: number } {
  const columns = schema.columns.length;
  const rowBytes = rowBytesOf(schema);
  const timeDtype = timestampDtype(schema);
  const timeBytes = timeDtype === undefined ? 0 : itemSize(timeDtype);
  const chunks = blocks * columns;
  const firstRow = new Float64Array(blocks + 1);
  const offsets = new Float64Array(chunks);
  const lengths = new Uint32Array(chunks);
  const wireIds = new Uint16Array(chunks);
  const checksums = new Uint32Array(chunks);
  const refs: Array<readonly number[]> = new Array(chunks);
  const sizes = schema.columns.map(({ dtype }) => itemSize(dtype));
  const times = timeDtype && { min: createArray(timeDtype, blocks), max: createArray(timeDtype, blocks) };

  firstRow[0] = first.row;
  let chunkOffset = first.offset;
  for (let block = 0, chunk = 0; block < blocks; block++) {
    const blockRows = reader.varint(LIMITS.blockRows, 'rows of a block');
    if (blockRows === 0 || blockRows * rowBytes > LIMITS.blockBytes) {
      throw corrupt(`a block of ${blockRows} rows of ${rowBytes} bytes`, reader.offset, path);
    }
    firstRow[block + 1] = firstRow[block] + blockRows;
    if (times) {
      bytesOf(times.min).set(reader.bytes(timeBytes), block * timeBytes);
      bytesOf(times.max).set(reader.bytes(timeBytes), block * timeBytes);
    }
    const firstChunk = chunk;
    let isLikeLast = block > 0;
    for (let column = 0; column < columns; column++) {
      // Raw is the cap: no codec may make a chunk longer than its column.
      lengths[chunk] = reader.varint(blockRows * sizes[column], 'length of a chunk');
      offsets[chunk] = chunkOffset;
      chunkOffset += lengths[chunk];
      wireIds[chunk] = reader.varint(LIMITS.wireId, 'codec of a chunk');
      const found = decodeRefs(reader, columns);
      const last = block > 0 ? refs[chunk - columns] : found;
      refs[chunk] = isSameList(found, last) ? last : found;
      if (refs[chunk] !== last) isLikeLast = false;
      checksums[chunk++] = reader.u32();
    }
    const cycle = isLikeLast ? undefined : checkRefs(refs, firstChunk, columns);
    if (cycle !== undefined) throw corrupt(`refs of block ${block}: ${cycle}`, reader.offset, path);
  }
  return {
    blocks,
    firstRow,
    offsets,
    lengths,
    wireIds,
    checksums,
    refs,
    minTimestamps: times?.min,
    maxTimestamps: times?.max,
    end: chunkOffset,
  };
}

const NO_REFS: readonly number[] = [];

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}

function decodeRefs(reader: ByteReader, columns: number): readonly number[] {
  const count = reader.varint(columns, 'count of refs');
  if (count === 0) return NO_REFS;
  return Array.from({ length: count }, () => reader.varint(columns - 1, 'column of a ref'));
}

function decodeShape(reader: ByteReader, rows: number, path: string | undefined): readonly number[] {
  const { offset } = reader;
  const count = reader.varint(LIMITS.dimensions, 'number of dimensions');
  const shape: number[] = [];
  let elements = 1;
  for (let i = 0; i < count; i++) {
    shape.push(reader.varint(LIMITS.rows, 'length of a dimension'));
    elements *= shape[i];
  }
  if (elements !== rows) {
    throw corrupt(`shape [${shape}] does not hold ${rows} elements`, offset, path);
  }
  return shape;
}
