/**
 * Changes to one symbol, in ascending order of time, as patches: rows [from, to) of the present table give way to new
 * segments. What is not in a patch stays in the files it is in.
 */
import { bisect } from '../bisect.js';
import { BLOCK_ROWS } from '../codec/codec.js';
import { bytesOf, createArray, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { Segment, SymbolEntry } from './catalogue.js';
import type { GroupSchema } from './grouping.js';
import { OpenPatch } from './open-patch.js';
import { type RowSpan, sliceSegment } from './segment-slices.js';
import type { SegmentFormat, SegmentPlace } from './segment-writer.js';
import type { SegmentedSource } from './segmented-source.js';
import { entryOf } from './writer.js';

/**
 * What happens to a row whose timestamp is there already. `append`: rows come after the last one, or it is ARGUMENT.
 * `upsert`: it replaces that one. `skip`: that one stays. `refuse`: CORRUPT unless both are the same bits.
 */
export type AmendMode = 'append' | 'upsert' | 'skip' | 'refuse';

interface Patch {
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
}

/** Present rows that stay, within one segment. */
interface KeptRows {
  readonly index: number;
  readonly span: RowSpan;
}

/** Unchanged rows between two changes that are rather written again than left as a segment of their own. */
const MAX_BRIDGED_ROWS = 256;

export class SymbolAmendment {
  readonly #patches: Patch[] = [];
  #open: OpenPatch | undefined;
  readonly #timestampAt: number;
  readonly #rows: number;
  readonly #symbol: string;
  readonly #schema: GroupSchema;
  readonly #present: SegmentedSource | undefined;
  readonly #place: SegmentPlace;
  readonly #format: SegmentFormat;
  readonly #mode: AmendMode;

  /** `present` is undefined for a new symbol. */
  constructor(
    symbol: string,
    schema: GroupSchema,
    present: SegmentedSource | undefined,
    place: SegmentPlace,
    format: SegmentFormat,
    mode: AmendMode,
  ) {
    this.#symbol = symbol;
    this.#schema = schema;
    this.#present = present;
    this.#place = place;
    this.#format = format;
    this.#mode = mode;

    this.#timestampAt = schema.findIndex(({ name }) => name === 'timestamp');
    this.#rows = present?.length ?? 0;
  }

  /** Rows in ascending order of time, over all calls; at most a block each. */
  write(columns: readonly TypedArray[]): void {
    const times = columns[this.#timestampAt];
    const lastMs = this.#present?.entry.lastMs ?? Number.NEGATIVE_INFINITY;
    const known = bisect(0, times.length, (row) => Number(times[row]) > lastMs);
    if (known > 0) {
      if (this.#mode === 'append') {
        throw new AtcError(
          'ARGUMENT',
          `${this.#symbol}: the candle of ${isoTime(Number(times[0]))} is not after the last one there ` +
            `(${isoTime(lastMs)}); append takes later candles only, upsert replaces those that are there`,
        );
      }
      this.#upsert(columns.map((column) => column.subarray(0, known)));
    }
    if (known < times.length) this.#replace(this.#rows, this.#rows, columns, known, times.length);
  }

  /** Rows [from, to) into segments of their own, as compaction wants it. Yields the rows done, block by block. */
  *rewrite(from: number, to: number): Generator<number> {
    this.#closePatch();
    const patch = new OpenPatch(this.#schema, from, this.#place, this.#format);
    yield* this.#copyBlocks(patch, from, to);
    patch.seal();
    this.#patches.push({ from, to, segments: patch.finish() });
  }

  /** The entry after the changes. */
  finish(): SymbolEntry {
    this.#closePatch();
    const parts: (Patch | KeptRows)[] = [];
    let row = 0;
    for (const patch of this.#patches) {
      parts.push(...this.#keptRows(row, patch.from), patch);
      row = patch.to;
    }
    parts.push(...this.#keptRows(row, this.#rows));
    const { empty } = this.#present?.entry ?? {};
    const segments = entryOf(this.#symbol, this.#schema, this.#segmentsOf(parts));
    return empty === undefined ? segments : { ...segments, empty };
  }

  /** Memory that rows on their way take. */
  get heldBytes(): number {
    return this.#open?.heldBytes ?? 0;
  }

  /** Writes rows on their way out, at the price of a segment that could have been joined with others. */
  relieve(): void {
    this.#open?.relieve();
  }

  get isChanged(): boolean {
    return this.#patches.length > 0 || this.#open !== undefined;
  }

  /** All rows of `columns` lie within the present times. */
  #upsert(columns: readonly TypedArray[]): void {
    const present = this.#present!;
    const times = columns[this.#timestampAt];
    const all = this.#schema.map((_, k) => k);
    const buffers = this.#schema.map(({ dtype }) => createArray(dtype, Math.min(BLOCK_ROWS, this.#rows)));
    for (let row = 0; row < times.length; ) {
      const first = present.lowerBound(Number(times[row]));
      const count = Math.min(BLOCK_ROWS, this.#rows - first);
      const there = buffers.map((buffer) => buffer.subarray(0, count));
      present.readInto(all, first, there);
      const thereTimes = there[this.#timestampAt];
      const lastThere = Number(thereTimes[count - 1]);
      for (let at = 0; row < times.length && Number(times[row]) <= lastThere; row += 1) {
        const ms = Number(times[row]);
        while (Number(thereTimes[at]) < ms) at += 1;
        const isReplaced = Number(thereTimes[at]) === ms;
        if (isReplaced && (this.#mode === 'skip' || sameRow(columns, row, there, at))) continue;
        if (isReplaced && this.#mode === 'refuse') throw this.#conflict(ms);
        this.#replace(first + at, first + at + (isReplaced ? 1 : 0), columns, row, row + 1);
      }
    }
  }

  #conflict(ms: number): AtcError {
    return new AtcError(
      'CORRUPT',
      `${this.#symbol}: the candle of ${isoTime(ms)} is there already with other values; nothing was changed. ` +
        'Take the new ones with upsert, or leave those that are there with skip',
    );
  }

  /** Replaces the present rows [from, to) with rows [start, end) of `columns`. */
  #replace(from: number, to: number, columns: readonly TypedArray[], start: number, end: number): void {
    if (this.#open !== undefined && from - this.#open.to > MAX_BRIDGED_ROWS) this.#closePatch();
    if (this.#open === undefined) this.#open = new OpenPatch(this.#schema, from, this.#place, this.#format);
    this.#copyPresent(this.#open, this.#open.to, from);
    this.#open.write(columns, start, end);
    this.#open.to = to;
  }

  #copyPresent(patch: OpenPatch, from: number, to: number): void {
    for (const _ of this.#copyBlocks(patch, from, to));
  }

  *#copyBlocks(patch: OpenPatch, from: number, to: number): Generator<number> {
    if (from === to) return;
    const all = this.#schema.map((_, k) => k);
    const buffers = this.#schema.map(({ dtype }) => createArray(dtype, Math.min(BLOCK_ROWS, to - from)));
    for (let row = from; row < to; ) {
      const count = Math.min(BLOCK_ROWS, to - row);
      const block = buffers.map((buffer) => buffer.subarray(0, count));
      this.#present!.readInto(all, row, block);
      patch.write(block, 0, count);
      row += count;
      yield row - from;
    }
    patch.to = to;
  }

  #closePatch(): void {
    const patch = this.#open;
    if (patch === undefined) return;
    this.#open = undefined;
    let { from } = patch;
    const { short } = patch;
    if (short !== undefined) from = this.#absorbFrom(from, short.rows);
    if (from === patch.from) {
      this.#patches.push({ from, to: patch.to, segments: patch.finish() });
      return;
    }
    const joined = new OpenPatch(this.#schema, from, this.#place, this.#format);
    this.#copyPresent(joined, from, patch.from);
    joined.write(short!.content(), 0, short!.rows);
    this.#patches.push({ from, to: patch.to, segments: joined.finish() });
  }

  /**
   * Where to begin so that a short segment takes up the shorter ones before it. As in a log-structured merge tree: a
   * segment is only written again together with at least half as many new rows, so one candle at a time costs O(log
   * rows) writes a row and leaves O(log rows) segments; segments of more than a block are never touched.
   */
  #absorbFrom(from: number, rows: number): number {
    const segments = this.#present?.entry.segments ?? [];
    const floor = this.#patches[this.#patches.length - 1]?.to ?? 0;
    let start = from;
    let sum = rows;
    for (let k = segments.length - 1; k >= 0; k -= 1) {
      const first = this.#present!.firstRowOf(k);
      if (first >= start) continue;
      const isNeighbour = first + segments[k].rows === start && first >= floor;
      if (!isNeighbour || segments[k].rows > 2 * sum || segments[k].rows + sum > BLOCK_ROWS) break;
      start = first;
      sum += segments[k].rows;
    }
    return start;
  }

  /** The present rows [from, to), by segment. */
  *#keptRows(from: number, to: number): Generator<KeptRows> {
    if (from === to) return;
    const present = this.#present!;
    for (let index = present.segmentOf(from); index < present.entry.segments.length; index += 1) {
      const first = present.firstRowOf(index);
      if (first >= to) return;
      const { rows } = present.entry.segments[index];
      yield { index, span: [Math.max(from, first) - first, Math.min(to, first + rows) - first] };
    }
  }

  /** All that stays of a segment is cut at once: the checksums of its parts are computed together. */
  #segmentsOf(parts: readonly (Patch | KeptRows)[]): Segment[] {
    const kept = new Map<number, RowSpan[]>();
    for (const part of parts) {
      if ('index' in part) kept.set(part.index, [...(kept.get(part.index) ?? []), part.span]);
    }
    const slices = new Map<RowSpan, Segment>();
    for (const [index, spans] of kept) {
      const segment = this.#present!.entry.segments[index];
      const isWhole = spans.length === 1 && spans[0][1] - spans[0][0] === segment.rows;
      const cut = isWhole ? [segment] : sliceSegment(this.#schema, segment, this.#present!.segment(index), spans);
      cut.forEach((slice, k) => {
        slices.set(spans[k], slice);
      });
    }
    return parts.flatMap((part) => ('index' in part ? [slices.get(part.span)!] : part.segments));
  }
}

function sameRow(a: readonly TypedArray[], rowOfA: number, b: readonly TypedArray[], rowOfB: number): boolean {
  return a.every((column, k) => {
    const other = bytesOf(b[k].subarray(rowOfB, rowOfB + 1));
    return bytesOf(column.subarray(rowOfA, rowOfA + 1)).every((byte, i) => byte === other[i]);
  });
}

function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms}` : date.toISOString();
}
