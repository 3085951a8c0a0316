/** The rows of one symbol of a remote dataset, read in batches of blocks. */
import { bisect } from '../../bisect.js';
import { createArray, type TypedArray } from '../../dtype.js';
import type { ChunkAddress, ChunkStore, GapLimits } from './chunk-store.js';
import type { RemoteSymbol } from './read-catalogue.js';
import type { LocatedBlock, RemoteSegment } from './segment.js';

/** Rows [from, to) of the symbol, decoded: one array per column that was asked for, the caller's own. */
export interface ReadBlock {
  readonly from: number;
  readonly to: number;
  readonly columns: readonly TypedArray[];
}

/** A block, and where its segment begins among the rows of the symbol. */
interface PlacedBlock {
  readonly block: LocatedBlock;
  readonly first: number;
}

/** Bytes of chunks that are fetched together; the next ones are on their way meanwhile. */
const BATCH_BYTES = 1 << 20;
/** Few blocks: between their chunks so much may be read along as another request would take. */
const FEW_BLOCKS = 2;
const SHORT_GAP = 16_384;
/** Share of a longer read that may be gaps. */
const GAP_SHARE = 0.01;
/** What lies between two times is fetched with the timestamps that have to be looked at, up to so much. */
const ALONG_BYTES = 1 << 18;

export class SymbolReader {
  readonly entry: RemoteSymbol;
  readonly #segments: readonly RemoteSegment[];
  readonly #store: ChunkStore;
  readonly #firstRow: number[] = [0];
  readonly #timestampAt: number;

  constructor(entry: RemoteSymbol, segments: readonly RemoteSegment[], store: ChunkStore) {
    this.entry = entry;
    this.#segments = segments;
    this.#store = store;
    for (const { rows } of entry.segments) this.#firstRow.push(this.#firstRow[this.#firstRow.length - 1] + rows);
    this.#timestampAt = entry.columns.findIndex(({ name }) => name === 'timestamp');
  }

  /**
   * The rows whose timestamp lies in [fromMs, toMs). Where the catalogue does not know, timestamps are looked at;
   * chunks of `columns`, which are going to be read, come with them.
   */
  async rowsBetween(
    fromMs: number,
    toMs: number,
    columns: readonly number[],
    signal?: AbortSignal,
  ): Promise<readonly [number, number]> {
    const known = [this.#knownRow(fromMs), this.#knownRow(toMs)];
    if (known[0] !== undefined && known[1] !== undefined) return [known[0], known[1]];
    const wanted = [...new Set([...columns, this.#timestampAt])];
    const blocks: PlacedBlock[] = [];
    for (const k of this.#segmentsBetween(fromMs, toMs)) {
      const load = (addresses: readonly ChunkAddress[]) => this.#store.load(addresses, FEW_GAPS, signal);
      const found = await this.#segments[k].blocksOfTimes(wanted, fromMs, toMs, load, signal);
      for (const block of found) blocks.push({ block, first: this.#firstRow[k] });
    }
    const row = async (ms: number, at: number | undefined) => at ?? this.#rowAt(ms, blocks, signal);
    const along = blocks.flatMap(({ block }) => block.chunksOf(wanted));
    if (bytesIn(along) <= ALONG_BYTES) await this.#store.load(along, FEW_GAPS, signal);
    return [await row(fromMs, known[0]), await row(toMs, known[1])];
  }

  /** Rows [from, to) in order, a block at a time. `isStrict`: what nobody asked for is not read along. */
  async *read(
    columns: readonly number[],
    from: number,
    to: number,
    { signal, isStrict = false }: { readonly signal?: AbortSignal; readonly isStrict?: boolean } = {},
  ): AsyncGenerator<ReadBlock> {
    const stop = new AbortController();
    const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
    const batches = this.#batches(columns, from, to, isStrict, both);
    let next = batches.next();
    try {
      for (;;) {
        const { done, value: batch } = await next;
        if (done === true) return;
        // On its way while this one is used.
        next = batches.next();
        next.catch(() => undefined);
        for (const { block, first } of batch.blocks) {
          signal?.throwIfAborted();
          yield this.#decoded(columns, block, first, from, to, batch.bytesOf);
        }
      }
    } finally {
      // A caller that has seen enough: what is on its way is not waited for.
      stop.abort();
      await batches.return(undefined).catch(() => undefined);
    }
  }

  #decoded(
    columns: readonly number[],
    block: LocatedBlock,
    first: number,
    from: number,
    to: number,
    bytesOf: (address: ChunkAddress) => Uint8Array,
  ): ReadBlock {
    const start = Math.max(from, first + block.from);
    const end = Math.min(to, first + block.to);
    const decoded = columns.map((column) => {
      const out = createArray(this.entry.columns[column].dtype, end - start);
      block.decode(column, start - first, out, bytesOf);
      return out;
    });
    return { from: start, to: end, columns: decoded };
  }

  async *#batches(
    columns: readonly number[],
    from: number,
    to: number,
    isStrict: boolean,
    signal: AbortSignal | undefined,
  ) {
    let blocks: PlacedBlock[] = [];
    let addresses: ChunkAddress[] = [];
    let bytes = 0;
    let isFew = !isStrict;
    const load = async () => {
      const limits =
        isFew && blocks.length <= FEW_BLOCKS ? FEW_GAPS : { maxGap: SHORT_GAP, maxGaps: bytes * GAP_SHARE };
      const loaded = { blocks, bytesOf: await this.#store.load(addresses, limits, signal) };
      [blocks, addresses, bytes, isFew] = [[], [], 0, false];
      return loaded;
    };
    for (let k = 0; k < this.#segments.length; k += 1) {
      const first = this.#firstRow[k];
      const low = Math.max(0, from - first);
      const high = Math.min(this.#firstRow[k + 1], to) - first;
      if (low >= high) continue;
      const ofIndex = (wanted: readonly ChunkAddress[]) => this.#store.load(wanted, FEW_GAPS, signal);
      for (const block of await this.#segments[k].blocksOfRows(columns, low, high, ofIndex, signal)) {
        const needed = block.chunksOf(columns);
        blocks.push({ block, first });
        addresses.push(...needed);
        bytes += bytesIn(needed);
        if (bytes >= BATCH_BYTES) yield await load();
      }
    }
    if (blocks.length > 0) yield await load();
  }

  /** By the facts of the catalogue alone; undefined where files have to be asked. */
  #knownRow(ms: number): number | undefined {
    const { segments } = this.entry;
    const k = bisect(0, segments.length, (at) => segments[at].lastMs >= ms);
    if (k === segments.length) return this.entry.rows;
    const { firstMs, stepMs } = segments[k];
    if (ms <= firstMs) return this.#firstRow[k];
    return stepMs === undefined ? undefined : this.#firstRow[k] + Math.ceil((ms - firstMs) / stepMs);
  }

  #segmentsBetween(fromMs: number, toMs: number): number[] {
    return this.entry.segments.flatMap(({ firstMs, lastMs }, k) => (lastMs >= fromMs && firstMs < toMs ? [k] : []));
  }

  async #rowAt(ms: number, blocks: readonly PlacedBlock[], signal: AbortSignal | undefined): Promise<number> {
    for (const { block, first } of blocks) {
      const bytesOf = await this.#store.load(block.chunksOf([this.#timestampAt]), FEW_GAPS, signal);
      const times = createArray(this.entry.columns[this.#timestampAt].dtype, block.to - block.from);
      block.decode(this.#timestampAt, block.from, times, bytesOf);
      if (Number(times[times.length - 1]) < ms) continue;
      return first + block.from + bisect(0, times.length, (k) => Number(times[k]) >= ms);
    }
    // Behind the last block that could hold it.
    const last = blocks[blocks.length - 1];
    return last === undefined ? this.entry.rows : last.first + last.block.to;
  }
}

const FEW_GAPS: GapLimits = { maxGap: SHORT_GAP, maxGaps: Number.POSITIVE_INFINITY };

function bytesIn(addresses: readonly ChunkAddress[]): number {
  return addresses.reduce((sum, { length }) => sum + length, 0);
}
