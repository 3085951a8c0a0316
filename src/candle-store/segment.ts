/**
 * A segment as it is read: the index when it is opened, blocks when they are asked for, through a cache that all series
 * share. A packed segment holds no descriptor between reads (a store may have thousands); a mapped one holds its map.
 */
import { dirname } from 'node:path';
import { bisect } from '../bisect.js';
import { corrupt } from '../codec/corrupt.js';
import { crc32c } from '../codec/crc32c.js';
import { FrameReader } from '../codec/frame-reader.js';
import type { FrameSource } from '../codec/frame-source.js';
import { decompressPrices } from '../codec/prices.js';
import { viewAs } from '../dtype.js';
import { isAtcError } from '../errors.js';
import { type FileReader, openFileReader } from '../io/file-reader.js';
import type { MappedFile } from '../io/mapping.js';
import { type MappingBackendChoice, openMapped } from '../io/select-backend.js';
import type { BlockCache, LoadedBlock } from './block-cache.js';
import { MAX_RECORD_BYTES, parseDocuments } from './journal-record.js';
import { internShape, isShape, type RowShape, type StoredCandle } from './row-shape.js';
import { RowTable } from './row-table.js';
import {
  decodeSegmentEnd,
  type PartEntry,
  SEGMENT_FOOTER_BYTES,
  SEGMENT_HEADER_BYTES,
  type SegmentEnd,
  type SegmentOrigin,
  segmentEndLength,
} from './segment-layout.js';
import type { SegmentName } from './series-listing.js';
import { seriesIdentity } from './series-path.js';

interface SegmentPart {
  readonly first: number;
  readonly last: number;
  readonly blocks: number;
  /** Timestamp of a block's last row. */
  lastOf(block: number): number;
  load(block: number): LoadedBlock;
}

interface OpenPart extends SegmentPart {
  /** Of its first block in the cache. */
  readonly key: number;
}

export class Segment {
  readonly rows: number;
  readonly #entries: readonly PartEntry[];
  readonly #parts: OpenPart[];
  #documents: Map<number, string> | undefined;
  #mapped: MappedFile | undefined;

  /** Throws CORRUPT or FORMAT_VERSION for its index, IO when it was deleted. */
  readonly #path: string;
  readonly #cache: BlockCache;
  readonly #backend: MappingBackendChoice;

  constructor(
    readonly name: SegmentName,
    path: string,
    cache: BlockCache,
    backend: MappingBackendChoice,
  ) {
    this.#path = path;
    this.#cache = cache;
    this.#backend = backend;
    const { parts, origin } = this.#reading(readEnd);
    if (origin !== undefined) requireOrigin(origin, name, path);
    this.#entries = parts;
    this.#parts = this.#entries.flatMap((entry) => this.#partOf(entry));
    this.rows = this.#entries.reduce((sum, { rows }) => sum + rows, 0);
  }

  has(timestamp: number): boolean {
    return this.#locate(timestamp) !== undefined || this.#documentAt(timestamp) !== undefined;
  }

  get(timestamp: number): StoredCandle | undefined {
    const found = this.#locate(timestamp);
    if (found !== undefined) return found.candle(found.find(timestamp));
    const text = this.#documentAt(timestamp);
    return text === undefined ? undefined : (JSON.parse(text) as StoredCandle);
  }

  /** Every block, in the order of its part: what a merge and an export read. */
  get tables(): Iterable<RowTable> {
    return this.#loadTables();
  }

  *#loadTables(): Generator<RowTable> {
    for (const part of this.#parts) {
      for (let block = 0; block < part.blocks; block++) yield part.load(block).table;
    }
  }

  get documents(): ReadonlyMap<number, string> {
    return (this.#documents ??= this.#readDocuments());
  }

  close(): void {
    for (const part of this.#parts) this.#cache.drop(part.key, part.blocks);
    this.#mapped?.close();
    this.#mapped = undefined;
  }

  /** The block that holds a timestamp. */
  #locate(timestamp: number): RowTable | undefined {
    for (const part of this.#parts) {
      if (timestamp < part.first || timestamp > part.last) continue;
      const block = bisect(0, part.blocks, (i) => part.lastOf(i) >= timestamp);
      if (block === part.blocks) continue;
      const table = this.#cache.get(part.key + block, () => part.load(block));
      if (table.find(timestamp) >= 0) return table;
    }
    return undefined;
  }

  #documentAt(timestamp: number): string | undefined {
    const has = this.#entries.some(
      (one) => one.kind === 'documents' && timestamp >= one.first && timestamp <= one.last,
    );
    return has ? this.documents.get(timestamp) : undefined;
  }

  #partOf(entry: PartEntry): OpenPart[] {
    if (entry.kind === 'documents') return [];
    const part = entry.kind === 'mapped' ? this.#mappedPart(entry) : this.#packedPart(entry);
    return [{ ...part, first: entry.first, last: entry.last, key: this.#cache.register() }];
  }

  #packedPart(entry: PartEntry & { kind: 'packed' }): Omit<SegmentPart, 'first' | 'last'> {
    const { lastOfBlocks } = entry;
    let open: FileReader | undefined;
    let frame: FrameReader | undefined;
    const source = {
      path: this.#path,
      byteLength: entry.byteLength,
      read: (offset: number, length: number) => (open as FileReader).read(entry.offset + offset, length),
    };
    return {
      blocks: lastOfBlocks.length,
      lastOf: (block) => lastOfBlocks[block],
      load: (block) =>
        this.#reading((file) => {
          open = file;
          frame ??= openFrame(source, entry, this.#path);
          const rows = frame.rowsOf(block);
          const out = frame.columns.map(() => this.#cache.column(rows));
          const all = frame.columns.map((_, column) => column);
          frame.decodeBlock(block, all, out);
          return { table: new RowTable(internShape(frame.columns.map(({ name }) => name)), out) };
        }),
    };
  }

  #mappedPart(entry: PartEntry & { kind: 'mapped' }): Omit<SegmentPart, 'first' | 'last'> {
    const { shape, blockRows, blocks } = entry;
    return {
      blocks: blocks.length,
      lastOf: (block) => blocks[block].last,
      load: (block) => {
        const rows = Math.min(blockRows, entry.rows - block * blockRows);
        const offset = entry.offset + block * blockRows * shape.length * 8;
        const length = rows * shape.length * 8;
        const file = (this.#mapped ??= openMapped(this.#path, 'r', this.#backend));
        if (offset + length > file.byteLength) {
          throw corrupt(`a segment of ${file.byteLength} bytes ends before its block ${block}`, offset, this.#path);
        }
        const bytes = file.window(offset, length);
        if (crc32c(bytes) !== blocks[block].checksum) {
          throw corrupt(`block ${block} of a segment does not match its checksum`, offset, this.#path);
        }
        return { table: tableOver(bytes, shape, rows), release: () => this.#mapped?.release(offset, length) };
      },
    };
  }

  #readDocuments(): Map<number, string> {
    return this.#reading((file) => {
      const documents = new Map<number, string>();
      for (const { kind, offset, byteLength } of this.#entries) {
        if (kind !== 'documents') continue;
        const parsed = parseDocuments(documentBytesOf(file, offset, byteLength));
        if (parsed === undefined) throw corrupt('the documents of a segment are cut off', offset, this.#path);
        for (const [timestamp, text] of parsed) documents.set(timestamp, text);
      }
      return documents;
    });
  }

  #reading<Result>(use: (file: FileReader) => Result): Result {
    const file = openFileReader(this.#path);
    try {
      return use(file);
    } finally {
      file.close();
    }
  }
}

const TAIL_BYTES = 4096;

function openFrame(source: FrameSource, entry: PartEntry & { kind: 'packed' }, path: string): FrameReader {
  const frame = new FrameReader(source);
  const asExpected = frame.kind === 'table' && frame.rows === entry.rows && frame.blocks === entry.lastOfBlocks.length;
  if (
    asExpected &&
    isShape(frame.columns.map(({ name }) => name)) &&
    frame.columns.every((one) => one.dtype === 'float64')
  ) {
    return frame;
  }
  throw corrupt('a part is no frame of candles with the rows that the index says', entry.offset, path);
}

/**
 * Documents may decode to as much as one record of a journal holds, or to as much as deflate makes of their bytes: a
 * frame that claims more is none that was written here.
 */
const MAX_INFLATION = 1040;
/** Writers stop merging far below. */
const MAX_DOCUMENT_BYTES = 2 ** 30;

/** The frame in memory does not know its file: the error gets path and offset. */
function documentBytesOf(file: FileReader, offset: number, byteLength: number): Uint8Array {
  const maxBytes = Math.min(MAX_DOCUMENT_BYTES, Math.max(MAX_RECORD_BYTES, byteLength * MAX_INFLATION));
  try {
    return decompressPrices(file.read(offset, byteLength), { maxBytes }) as Uint8Array;
  } catch (cause) {
    if (!isAtcError(cause, 'CORRUPT') && !isAtcError(cause, 'ARGUMENT')) throw cause;
    throw corrupt('the documents of a segment are damaged', offset + (cause.offset ?? 0), file.path, cause);
  }
}

/** A file of another series, or under another name, is as wrong as a damaged one. */
function requireOrigin({ series, first, last }: SegmentOrigin, name: SegmentName, file: string): void {
  if (series === seriesIdentity(dirname(file)) && first === name.first && last === name.last) return;
  throw corrupt(
    `a segment of ${JSON.stringify(series)}, journals ${first} to ${last}, that was moved or renamed`,
    0,
    file,
  );
}

function readEnd(file: FileReader): SegmentEnd {
  const { path, byteLength } = file;
  if (byteLength < SEGMENT_HEADER_BYTES + SEGMENT_FOOTER_BYTES) {
    throw corrupt(`a segment of candles has ${byteLength} bytes`, 0, path);
  }
  // Nearly always one read: an index is a few bytes for every block.
  const tail = Math.min(byteLength, TAIL_BYTES);
  let end = file.read(byteLength - tail, tail);
  const endBytes = segmentEndLength(end.subarray(tail - SEGMENT_FOOTER_BYTES), byteLength, path);
  end = endBytes <= tail ? end.subarray(tail - endBytes) : file.read(byteLength - endBytes, endBytes);
  return decodeSegmentEnd(file.read(0, SEGMENT_HEADER_BYTES), end, byteLength, path);
}

function tableOver(bytes: Uint8Array, shape: RowShape, rows: number): RowTable {
  // A copy (no mapping here) may begin anywhere; a map begins at the block, which is aligned.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const columns = shape.map((_, i) => viewAs('float64', aligned.buffer, aligned.byteOffset + i * rows * 8, rows));
  return new RowTable(shape, columns, rows);
}
