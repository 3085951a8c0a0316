/** A segment in a frame on a server: the parts of its index that are needed, and of its chunks those asked for. */
import { bisect } from '../../bisect.js';
import { ByteReader } from '../../codec/byte-stream.js';
import type { ColumnSchema } from '../../codec/codec.js';
import { corrupt } from '../../codec/corrupt.js';
import { FOOTER_BYTES, PAGE_BLOCKS } from '../../codec/frame-format.js';
import { type BlockEntries, decodeEntries } from '../../codec/frame-index.js';
import type { RemoteFile } from '../../remote/remote-file.js';
import type { Segment, SegmentIndex } from '../catalogue.js';
import { Once } from './abortable.js';
import type { ChunkAddress } from './chunk-store.js';
import { FrameBlock } from './frame-block.js';
import type { LoadChunks, LocatedBlock, RemoteSegment } from './segment.js';
import { locatedAt, readWholeIndex } from './whole-index.js';

/** Entries of blocks that follow each other. */
type Entries = readonly BlockEntries[];

export class FrameSegment implements RemoteSegment {
  readonly #file: RemoteFile;
  readonly #schema: readonly ColumnSchema[];
  readonly #segment: Omit<Segment, 'crc32c'>;
  readonly #whole: Once<BlockEntries>;
  readonly #pages = new Map<number, BlockEntries>();

  constructor(file: RemoteFile, schema: readonly ColumnSchema[], segment: Omit<Segment, 'crc32c'>) {
    this.#file = file;
    this.#schema = schema;
    this.#segment = segment;
    this.#whole = new Once(() => readWholeIndex(file, schema, segment));
  }

  async blocksOfRows(
    _: readonly number[],
    from: number,
    to: number,
    load: LoadChunks,
    signal?: AbortSignal,
  ): Promise<LocatedBlock[]> {
    if (from >= to) return [];
    const { start = 0, index } = this.#segment;
    const [low, high] = [start + from, start + to];
    const entries =
      index === undefined
        ? [await this.#whole.get(signal)]
        : await this.#load(index, load, (page) => page.row, low, high);
    return entries.flatMap((part) => {
      const { firstRow, blocks } = part;
      const first = bisect(0, blocks, (k) => firstRow[k + 1] > low);
      return this.#located(
        part,
        first,
        bisect(0, blocks, (k) => firstRow[k] >= high),
      );
    });
  }

  async blocksOfTimes(
    _: readonly number[],
    fromMs: number,
    toMs: number,
    load: LoadChunks,
    signal?: AbortSignal,
  ): Promise<LocatedBlock[]> {
    const { index } = this.#segment;
    const entries =
      index === undefined
        ? [await this.#whole.get(signal)]
        : await this.#load(index, load, (page) => page.ms, fromMs, toMs);
    return entries.flatMap((part) => {
      const { minTimestamps, maxTimestamps, blocks } = part;
      if (minTimestamps === undefined || maxTimestamps === undefined) return this.#located(part, 0, blocks);
      const first = bisect(0, blocks, (k) => maxTimestamps[k] >= fromMs);
      return this.#located(
        part,
        first,
        bisect(0, blocks, (k) => minTimestamps[k] >= toMs),
      );
    });
  }

  /** The pages that hold what lies in [low, high), from the one in which `low` is. */
  async #load(
    { bytes, blocks, pages }: SegmentIndex,
    load: LoadChunks,
    key: (page: { readonly row: number; readonly ms: number }) => number,
    low: number,
    high: number,
  ): Promise<Entries> {
    const keys = pages.map(([, row, , ms]) => key({ row, ms }));
    const first = Math.max(0, bisect(0, keys.length, (k) => keys[k] > low) - 1);
    const end = Math.max(
      first + 1,
      bisect(0, keys.length, (k) => keys[k] >= high),
    );
    const wanted = Array.from({ length: end - first }, (_, k) => first + k);
    const { offset: base = 0 } = this.#segment;
    const addresses = new Map<number, ChunkAddress>();
    for (const k of wanted) {
      if (this.#pages.has(k)) continue;
      const [offset, , , , checksum] = pages[k];
      const length = (pages[k + 1]?.[0] ?? bytes - FOOTER_BYTES) - offset;
      const what = `page ${k} of the index`;
      addresses.set(k, { file: this.#file, offset: base + offset, length, checksum, what, column: '' });
    }
    if (addresses.size > 0) {
      const bytesOf = await load([...addresses.values()]);
      for (const [k, address] of addresses) {
        const count = Math.min(PAGE_BLOCKS, blocks - k * PAGE_BLOCKS);
        this.#pages.set(k, this.#decoded(bytesOf(address), address.offset, count, pages[k]));
      }
    }
    return wanted.map((k) => this.#pages.get(k)!);
  }

  #decoded(bytes: Uint8Array, offset: number, count: number, page: SegmentIndex['pages'][number]): BlockEntries {
    const path = this.#file.location.shown;
    const reader = new ByteReader(bytes, offset, path);
    const [, row, chunk] = page;
    const schema = { kind: 'table', columns: this.#schema } as const;
    const entries = decodeEntries(reader, schema, count, { row, offset: chunk }, path);
    if (reader.remaining > 0) throw corrupt('bytes too many in a page of the index', reader.offset, path);
    return locatedAt(this.#segment.offset ?? 0, entries);
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
}
