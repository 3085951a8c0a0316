/** A segment in a frame on a server: its index is read once, of its chunks those that are asked for. */
import { bisect } from '../../bisect.js';
import { ByteReader } from '../../codec/byte-stream.js';
import { ChunkRoom } from '../../codec/chunk-room.js';
import type { ColumnSchema } from '../../codec/codec.js';
import { FOOTER_BYTES } from '../../codec/frame-format.js';
import { encodeHeader, type FrameSchema } from '../../codec/frame-header.js';
import { type BlockEntries, readIndex } from '../../codec/frame-index.js';
import { withRefs } from '../../codec/refs.js';
import { StoredBlock } from '../../codec/stored-block.js';
import type { TypedArray } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import type { RemoteFile } from '../../remote/remote-file.js';
import { FRAME_CHECK_FROM_END, type Segment } from '../catalogue.js';
import { Once } from './abortable.js';
import type { ChunkAddress } from './chunk-store.js';
import type { LoadChunks, LocatedBlock, RemoteSegment } from './segment.js';

/** Bytes that the index of a frame is expected to take, per block and per chunk. */
const ENTRY_BYTES = { block: 20, chunk: 10 } as const;
const EXPECTED_BLOCK_ROWS = 8192;

export class FrameSegment implements RemoteSegment {
  readonly #file: RemoteFile;
  readonly #schema: readonly ColumnSchema[];
  readonly #segment: Segment;
  readonly #index = new Once(() => this.#readIndex());

  constructor(file: RemoteFile, schema: readonly ColumnSchema[], segment: Segment) {
    this.#file = file;
    this.#schema = schema;
    this.#segment = segment;
  }

  async blocksOfRows(_: readonly number[], from: number, to: number, signal?: AbortSignal): Promise<LocatedBlock[]> {
    if (from >= to) return [];
    const { start = 0 } = this.#segment;
    const entries = await this.#index.get(signal);
    const { firstRow, blocks } = entries;
    const first = bisect(0, blocks, (k) => firstRow[k + 1] > start + from);
    const end = bisect(0, blocks, (k) => firstRow[k] >= start + to);
    return this.#located(entries, first, end);
  }

  async blocksOfTimes(
    _: readonly number[],
    fromMs: number,
    toMs: number,
    __: LoadChunks,
    signal?: AbortSignal,
  ): Promise<LocatedBlock[]> {
    const entries = await this.#index.get(signal);
    const { minTimestamps, maxTimestamps, blocks } = entries;
    if (minTimestamps === undefined || maxTimestamps === undefined) return this.#located(entries, 0, blocks);
    const first = bisect(0, blocks, (k) => maxTimestamps[k] >= fromMs);
    const end = bisect(0, blocks, (k) => minTimestamps[k] >= toMs);
    return this.#located(entries, Math.min(first, Math.max(0, end - 1)), end);
  }

  #located(entries: BlockEntries, first: number, end: number): LocatedBlock[] {
    const { start = 0, rows } = this.#segment;
    const blocks: LocatedBlock[] = [];
    for (let block = first; block < end; block += 1) {
      const from = Math.max(0, entries.firstRow[block] - start);
      const to = Math.min(rows, entries.firstRow[block + 1] - start);
      if (from < to) blocks.push(new FrameBlock(this.#file, this.#schema, entries, block, start, from, to));
    }
    return blocks;
  }

  async #readIndex(): Promise<BlockEntries> {
    const { start = 0, rows, check } = this.#segment;
    const columns = this.#schema.length;
    const blocks = Math.ceil((start + rows) / EXPECTED_BLOCK_ROWS) + 1;
    const expected = FOOTER_BYTES + 32 + blocks * (ENTRY_BYTES.block + ENTRY_BYTES.chunk * columns);
    const path = this.#file.location.shown;
    let end = await this.#file.readEnd(expected);
    const byteLength = end.byteLength ?? end.bytes.length;
    const footer = new ByteReader(
      end.bytes,
      byteLength - end.bytes.length,
      path,
      Math.max(0, end.bytes.length - FOOTER_BYTES),
    );
    const indexBytes = end.bytes.length < FOOTER_BYTES ? 0 : footer.u32() + FOOTER_BYTES;
    if (indexBytes > end.bytes.length && indexBytes <= byteLength) {
      const missing = await this.#file.read(byteLength - indexBytes, byteLength - end.bytes.length);
      end = { bytes: joined(missing, end.bytes), byteLength };
    }
    const offset = byteLength - end.bytes.length;
    const source = {
      path,
      byteLength,
      // What lies before is not there: an index that claims to be longer is refused by its reader.
      read: (at: number, length: number) =>
        end.bytes.subarray(Math.max(0, at - offset), Math.max(0, at - offset + length)),
    };
    const schema: FrameSchema = { kind: 'table', columns: this.#schema };
    const header = encodeHeader(schema);
    const index = readIndex(source, schema, header.length);
    const checksum = new DataView(end.bytes.buffer, end.bytes.byteOffset).getUint32(
      end.bytes.length - FRAME_CHECK_FROM_END,
      true,
    );
    if (check !== undefined && checksum !== check) throw this.#another('its checksum is another one');
    // Version 1 of the catalogue binds nothing: then the header says which columns they are.
    if (check === undefined && !sameBytes(await this.#file.read(0, header.length), header)) {
      throw this.#another('it has other columns');
    }
    if (index.rows < start + rows) throw this.#another(`it has ${index.rows} rows`);
    return index;
  }

  #another(what: string): AtcError {
    const path = this.#file.location.shown;
    const text = `${path} is not the file that the catalogue names: ${what}`;
    return new AtcError('CORRUPT', `${text}; publish the dataset again, or open it again`, { path });
  }
}

class FrameBlock implements LocatedBlock {
  #stored: StoredBlock | undefined;
  #bytesOf: ((address: ChunkAddress) => Uint8Array) | undefined;
  readonly #file: RemoteFile;
  readonly #schema: readonly ColumnSchema[];
  readonly #entries: BlockEntries;
  readonly #block: number;
  readonly #start: number;

  constructor(
    file: RemoteFile,
    schema: readonly ColumnSchema[],
    entries: BlockEntries,
    block: number,
    start: number,
    readonly from: number,
    readonly to: number,
  ) {
    this.#file = file;
    this.#schema = schema;
    this.#entries = entries;
    this.#block = block;
    this.#start = start;
  }

  chunksOf(columns: readonly number[]): ChunkAddress[] {
    const first = this.#block * this.#schema.length;
    const needed = new Set(columns.flatMap((column) => [...withRefs(this.#entries.refs, first, column)]));
    return [...needed].map((column) => this.#address(column));
  }

  decode(column: number, from: number, out: TypedArray, bytesOf: (address: ChunkAddress) => Uint8Array): void {
    this.#bytesOf = bytesOf;
    this.#stored ??= this.#open();
    this.#stored.decode(column, this.#start + from - this.#entries.firstRow[this.#block], out);
  }

  #open(): StoredBlock {
    const { firstRow, wireIds, refs } = this.#entries;
    const columns = this.#schema.length;
    const frame = {
      source: { path: this.#file.location.shown },
      index: this.#entries,
      columns: this.#schema,
      rowsOf: (block: number) => firstRow[block + 1] - firstRow[block],
      chunk: (block: number, column: number) => {
        const at = block * columns + column;
        return { wireId: wireIds[at], refs: refs[at], bytes: this.#bytesOf!(this.#address(column)) };
      },
    };
    return new StoredBlock(frame, this.#block, new ChunkRoom());
  }

  #address(column: number): ChunkAddress {
    const { offsets, lengths, checksums } = this.#entries;
    const at = this.#block * this.#schema.length + column;
    const { name } = this.#schema[column];
    return {
      file: this.#file,
      offset: offsets[at],
      length: lengths[at],
      checksum: checksums[at],
      what: `the chunk of column "${name}", block ${this.#block},`,
      column: name,
    };
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}
