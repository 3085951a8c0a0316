/**
 * A segment: candles that are not written any more, sorted, in one immutable file. Integers and doubles are
 * little-endian.
 *
 *     8 bytes    magic 8b 41 54 53, version 2, three zeros
 *     parts      one per shape, each at a multiple of 64 bytes
 *     index      varint parts; per part: u8 kind, f64 first and last timestamp, varint rows, offset, bytes;
 *                then by kind
 *                  packed     varint blocks, f64 last timestamp of each: a frame (docs/format.md) with its own names,
 *                             index and checksums, which is looked at when a block of it is wanted
 *                  mapped     varint bytes of names, names as a JSON array, varint rows of a block;
 *                             per block f64 first and last timestamp, u32 CRC-32C
 *                  documents  nothing: a frame, one uint8 array in the form of a journal's documents
 *                at last varint bytes of the series, `exchange/symbol/interval` as their directories are named, varint
 *                first and last journal: what the file is bound to (version 1 has none of it)
 *     12 bytes   u32 bytes of the index, u32 CRC-32C of header, index and that number, magic 53 54 41 8c
 *
 * A mapped part is block after block, column after column, float64: what a memory map hands out as it is.
 */
import { ByteReader, ByteWriter } from '../codec/byte-stream.js';
import { corrupt } from '../codec/corrupt.js';
import { crc32c } from '../codec/crc32c.js';
import { AtcError } from '../errors.js';
import { internShape, isShape, OHLCV_SHAPE, type RowShape } from './row-shape.js';

const SEGMENT_MAGIC = Uint8Array.of(0x8b, 0x41, 0x54, 0x53);
const SEGMENT_END_MAGIC = Uint8Array.of(0x53, 0x54, 0x41, 0x8c);
const SEGMENT_VERSION = 2;
const MAX_SERIES_BYTES = 1 << 12;
export const SEGMENT_HEADER_BYTES = 8;
export const SEGMENT_FOOTER_BYTES = 12;
export const PART_ALIGNMENT = 64;
const MAX_INDEX_BYTES = 1 << 24;
const MAX_PARTS = 1 << 16;

const KIND = { packed: 1, mapped: 2, documents: 3 } as const;

export interface BlockSpan {
  readonly first: number;
  readonly last: number;
  readonly checksum: number;
}

/** The series that a segment belongs to and the journals it replaces. */
export interface SegmentOrigin {
  /** `exchange/symbol/interval`, as the directories are named. */
  readonly series: string;
  readonly first: number;
  readonly last: number;
}

interface PartPlace {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  readonly offset: number;
  readonly byteLength: number;
}

export type PartEntry =
  | (PartPlace & { readonly kind: 'documents' })
  | (PartPlace & { readonly kind: 'packed'; readonly lastOfBlocks: Float64Array })
  | (PartPlace & {
      readonly kind: 'mapped';
      readonly shape: RowShape;
      readonly blockRows: number;
      readonly blocks: readonly BlockSpan[];
    });

export function segmentHeader(): Uint8Array {
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  header.set(SEGMENT_MAGIC);
  header[4] = SEGMENT_VERSION;
  return header;
}

/** Index and footer. */
export function encodeSegmentEnd(parts: readonly PartEntry[], { series, first, last }: SegmentOrigin): Uint8Array {
  const out = new ByteWriter();
  out.varint(parts.length);
  for (const part of parts) {
    out.u8(KIND[part.kind]);
    out.bytes(doubles(part.first, part.last));
    for (const value of [part.rows, part.offset, part.byteLength]) out.varint(value);
    if (part.kind === 'documents') continue;
    if (part.kind === 'packed') {
      out.varint(part.lastOfBlocks.length);
      out.bytes(doubles(...part.lastOfBlocks));
      continue;
    }
    const names = new TextEncoder().encode(part.shape === OHLCV_SHAPE ? '' : JSON.stringify(part.shape));
    out.varint(names.length);
    out.bytes(names);
    out.varint(part.blockRows);
    for (const block of part.blocks) {
      out.bytes(doubles(block.first, block.last));
      out.u32(block.checksum);
    }
  }
  const name = new TextEncoder().encode(series);
  out.varint(name.length);
  out.bytes(name);
  out.varint(first);
  out.varint(last);
  out.u32(out.length);
  out.u32(crc32c(out.view(), crc32c(segmentHeader())));
  out.bytes(SEGMENT_END_MAGIC);
  return out.toBytes();
}

/** Bytes of index and footer together, from the last bytes of a file. CORRUPT when they are no end of a segment. */
export function segmentEndLength(footer: Uint8Array, fileBytes: number, path: string): number {
  const at = fileBytes - SEGMENT_FOOTER_BYTES;
  const reader = new ByteReader(footer, at, path);
  const indexBytes = reader.u32();
  if (!SEGMENT_END_MAGIC.every((byte, i) => footer[8 + i] === byte)) {
    throw corrupt('a segment of candles does not end like one', at + 8, path);
  }
  if (indexBytes > MAX_INDEX_BYTES || indexBytes > at - SEGMENT_HEADER_BYTES) {
    throw corrupt(`an index of ${indexBytes} bytes in a segment of ${fileBytes}`, at, path);
  }
  return indexBytes + SEGMENT_FOOTER_BYTES;
}

/** What the end of a segment holds. */
export interface SegmentEnd {
  readonly parts: readonly PartEntry[];
  /** Undefined for version 1. */
  readonly origin: SegmentOrigin | undefined;
}

/** Checks header, index and footer; `end` is what `encodeSegmentEnd` wrote. */
export function decodeSegmentEnd(header: Uint8Array, end: Uint8Array, fileBytes: number, path: string): SegmentEnd {
  const base = fileBytes - end.length;
  const index = end.length - SEGMENT_FOOTER_BYTES;
  if (!SEGMENT_MAGIC.every((byte, i) => header[i] === byte)) throw corrupt('not a segment of candles', 0, path);
  const checksum = new ByteReader(end.subarray(index + 4), base + index + 4, path).u32();
  if (crc32c(end.subarray(0, index + 4), crc32c(header)) !== checksum) {
    throw corrupt('header and index of a segment do not match their checksum', base, path);
  }
  if (header[4] < 1 || header[4] > SEGMENT_VERSION) {
    throw new AtcError(
      'FORMAT_VERSION',
      `segment version ${header[4]} of ${path} is unknown to this version of atc-memory; upgrade to read it`,
      { path, offset: 4 },
    );
  }
  const reader = new ByteReader(end.subarray(0, index), base, path);
  const count = reader.varint(MAX_PARTS, 'number of parts');
  const parts: PartEntry[] = [];
  for (let i = 0; i < count; i++) parts.push(readPart(reader, base, path));
  const origin = header[4] === 1 ? undefined : readOrigin(reader);
  if (reader.remaining > 0) throw corrupt(`${reader.remaining} bytes too many in the index`, reader.offset, path);
  return { parts, origin };
}

function readOrigin(reader: ByteReader): SegmentOrigin {
  const series = new TextDecoder().decode(reader.bytes(reader.varint(MAX_SERIES_BYTES, 'length of a name')));
  const first = reader.varint(Number.MAX_SAFE_INTEGER, 'number of a journal');
  return { series, first, last: reader.varint(Number.MAX_SAFE_INTEGER, 'number of a journal') };
}

function readPart(reader: ByteReader, end: number, path: string): PartEntry {
  const start = reader.offset;
  const kind = reader.u8();
  const [first, last] = readDoubles(reader);
  const rows = reader.varint(Number.MAX_SAFE_INTEGER, 'number of rows');
  const offset = reader.varint(end, 'offset of a part');
  const byteLength = reader.varint(end - offset, 'length of a part');
  const place = { first, last, rows, offset, byteLength };
  if (kind === KIND.packed) return { kind: 'packed', ...place, lastOfBlocks: readBlockEnds(reader) };
  if (kind === KIND.documents) return { kind: 'documents', ...place };
  if (kind !== KIND.mapped) {
    throw new AtcError('FORMAT_VERSION', `part kind ${kind} in ${path} is unknown to this version of atc-memory`, {
      path,
      offset: start,
    });
  }
  const shape = readShape(reader, path);
  const blockRows = reader.varint(1 << 20, 'rows of a block');
  if (rows * shape.length * 8 !== byteLength || blockRows === 0) {
    throw corrupt(`${rows} rows of ${shape.length} columns do not fill a part of ${byteLength} bytes`, start, path);
  }
  const blocks: BlockSpan[] = [];
  for (let row = 0; row < rows; row += blockRows) {
    const [from, to] = readDoubles(reader);
    blocks.push({ first: from, last: to, checksum: reader.u32() });
  }
  return { kind: 'mapped', ...place, shape, blockRows, blocks };
}

function readBlockEnds(reader: ByteReader): Float64Array {
  const count = reader.varint(1 << 20, 'number of blocks');
  // A copy: aligned, and the bytes around it can go.
  return new Float64Array(reader.bytes(count * 8).slice().buffer);
}

function readShape(reader: ByteReader, path: string): RowShape {
  const start = reader.offset;
  const bytes = reader.bytes(reader.varint(1 << 16, 'length of names'));
  if (bytes.length === 0) return OHLCV_SHAPE;
  let names: unknown;
  try {
    names = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw corrupt('the names of a part are no JSON', start, path, cause);
  }
  if (!isShape(names)) throw corrupt('the names of a part are no names of columns', start, path);
  return internShape(names);
}

function doubles(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => {
    view.setFloat64(i * 8, value, true);
  });
  return new Uint8Array(view.buffer);
}

function readDoubles(reader: ByteReader): [number, number] {
  const bytes = reader.bytes(16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return [view.getFloat64(0, true), view.getFloat64(8, true)];
}
