/**
 * The candles of one symbol while they are fetched: what is known, what is asked for, what waits in the journal to
 * become part of the dataset.
 */
import path from 'node:path';
import { seriesPath } from '../candle-store/series-path.js';
import type { KnownRows } from '../dataset/amend.js';
import type { DirectoryDataset } from '../dataset/directory-dataset.js';
import { batchOfColumns } from '../formats/batch.js';
import { refuseLinks } from '../io/own-path.js';
import { acquireLock, type ProcessLock } from '../io/process-lock.js';
import { Changes } from './changes.js';
import { coalesced } from './empty-spans.js';
import type { Interval } from './interval.js';
import { addRuns, changedRows, knownRows } from './known-rows.js';
import { type Page, rowsWithin, sameBits, WIDTH } from './page.js';
import { PageJournal } from './page-journal.js';
import { PendingRows, type RowLane } from './pending-rows.js';
import { markSource, requireSource } from './source-name.js';
import { requireSpacing } from './spacing.js';
import { type Span, SpanSet } from './span-set.js';

export interface SymbolPlace {
  readonly directory: string;
  readonly source: string;
  readonly symbol: string;
  readonly interval: Interval;
  /** Opens that are wanted; before the end all of them are closed. */
  readonly range: Span;
  /** Before it a source that has nothing for a span will have nothing later. UTC ms. */
  readonly settledMs: number;
  /** Known-empty spans are asked for once more. */
  readonly retryEmpty: boolean;
}

/** Rows and spans on their way into the dataset. */
export interface Move extends KnownRows {
  /** They are there, or still wait. */
  end(isDone: boolean): void;
}

const LOCK = 'fetch';

export class SymbolHistory {
  /** New rows of this run. */
  added = 0;
  readonly changes = new Changes();
  readonly #place: SymbolPlace;
  readonly #dataset: DirectoryDataset;
  readonly #lock: ProcessLock;
  readonly #own: string;
  readonly #journal: PageJournal;
  /** What has a row; what has a row or is known to have none. */
  readonly #rows: SpanSet;
  readonly #known: SpanSet;
  readonly #claimed = new SpanSet();
  readonly #pending = new PendingRows();
  /** Asked for since the last fold; what has no row there is empty. */
  #asked: Span[] = [];
  /** Nothing came for it yet, and nothing later. */
  #doubtful: Span[] = [];
  #latest: number;
  #phase: number | undefined;
  #count: number;

  private constructor(place: SymbolPlace, dataset: DirectoryDataset, lock: ProcessLock, own: string) {
    this.#place = place;
    this.#dataset = dataset;
    this.#lock = lock;
    this.#own = own;
    this.#journal = new PageJournal(own);
    const { rows, empty, lastMs, count } = knownRows(dataset, place.symbol, place.interval);
    this.#rows = rows;
    this.#known = new SpanSet(rows);
    if (!place.retryEmpty) for (const [from, to] of empty) this.#known.add(from, to);
    this.#latest = lastMs ?? Number.NEGATIVE_INFINITY;
    this.#phase = lastMs;
    this.#count = count;
    this.#replay();
  }

  /** Waits for another process that fetches the same symbol; takes up what a process that died has left. */
  static async open(place: SymbolPlace, dataset: DirectoryDataset, signal: AbortSignal): Promise<SymbolHistory> {
    const { directory, source, symbol, interval } = place;
    const name = { exchange: source, symbol, interval: interval.text };
    const root = path.join(directory, 'fetch');
    const own = seriesPath(root, name);
    refuseLinks(directory, path.relative(directory, own).split(path.sep).join('/'));
    requireSource(root, name);
    const lock = await acquireLock(own, LOCK, signal);
    try {
      // What another process has fetched until now.
      dataset.refresh();
      return new SymbolHistory(place, dataset, lock, own);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Candles that are due and not known, by the length of the interval. */
  get missing(): number {
    const { interval, range } = this.#place;
    let candles = 0;
    for (const [from, to] of this.#gaps(...range)) candles += Math.ceil((to - from) / interval.longestMs);
    return candles;
  }

  /** Candles of the symbol in all. */
  get count(): number {
    return this.#count;
  }

  get pendingRows(): number {
    return this.#pending.length;
  }

  /** The next span to ask for, at most `maxMs` long; undefined when all is known or asked for by others. */
  claim(maxMs: number): Span | undefined {
    for (const [from, to] of this.#gaps(...this.#place.range)) {
      for (const [a, b] of this.#claimed.without(from, to)) {
        const span: Span = [a, Math.min(b, a + maxMs)];
        this.#claimed.add(...span);
        return span;
      }
    }
    return undefined;
  }

  release([from, to]: Span): void {
    this.#claimed.remove(from, to);
  }

  /** The first time in [from, to) that nothing is known of. */
  firstUnknown(from: number, to: number): number | undefined {
    for (const [at] of this.#gaps(from, to)) return at;
    return undefined;
  }

  openLane(): RowLane {
    return this.#pending.openLane();
  }

  /**
   * Takes a page in: new rows, and what its answer says about spans. When this returns, it survives the death of the
   * process. CORRUPT for candles of another interval.
   */
  take(page: Page, lane: RowLane, proven: Span | undefined, doubtful: Span | undefined): void {
    const [since, end] = this.#place.range;
    const rows = this.#newRows(rowsWithin(page.values, since, end));
    if (page.values.length > 0) this.#latest = Math.max(this.#latest, page.values[page.values.length - WIDTH]);
    const asked = (proven === undefined ? [] : [proven])
      .concat(this.#settle(doubtful))
      .map(([from, to]): Span => [from, Math.min(to, end)])
      .filter(([from, to]) => from < to);
    this.#journal.append(rows, asked);
    this.#apply(rows, lane);
    for (const [from, to] of asked) this.#known.add(from, to);
    this.#asked.push(...asked);
    this.added += rows.length / WIDTH;
  }

  /** What is to become part of the dataset; undefined when there is nothing. */
  beginMove(): Move | undefined {
    // Without a candle the dataset does not know the symbol: what is known of it stays in the journal.
    if (this.#count === 0 || (this.#pending.length === 0 && this.#asked.length === 0)) return undefined;
    const { symbol } = this.#place;
    markSource(this.#own);
    const removeJournals = this.#journal.rotate();
    const asked = this.#asked.length;
    const empty = this.#emptyOf(this.#asked);
    const rows = batchOfColumns({ symbol, columns: this.#pending.beginMove() });
    const end = (isDone: boolean) => {
      this.#pending.endMove(isDone);
      if (!isDone) return;
      removeJournals();
      this.#asked = this.#asked.slice(asked);
    };
    return { symbol, rows, empty, end };
  }

  close(): void {
    this.#journal.close();
    this.#lock.release();
  }

  #replay(): void {
    const { rows, asked } = this.#journal.read();
    const lane = this.openLane();
    for (const values of rows) this.#apply(this.#newRows(values), lane);
    this.#asked.push(...asked);
    if (!this.#place.retryEmpty) for (const [from, to] of asked) this.#known.add(from, to);
  }

  #apply(rows: Float64Array, lane: RowLane): void {
    if (rows.length === 0) return;
    const { shortestMs } = this.#place.interval;
    lane.table.insertRows(rows);
    for (const set of [this.#rows, this.#known]) addRuns(set, rows, WIDTH, shortestMs);
    this.#count += rows.length / WIDTH;
    this.#phase ??= rows[0];
    this.#latest = Math.max(this.#latest, rows[rows.length - WIDTH]);
  }

  /** Those whose time is not there yet; the others are compared, and the first ones stay. */
  #newRows(values: Float64Array): Float64Array {
    const { symbol, interval } = this.#place;
    const times = new Float64Array(values.length / WIDTH);
    for (let row = 0; row < times.length; row++) times[row] = values[row * WIDTH];
    requireSpacing(symbol, times, interval, this.#phase);
    const isNew = times.length === 0 || this.#rows.isEmpty(times[0], times[times.length - 1] + 1);
    if (isNew) return values;
    const [fresh, stored]: [number[], number[]] = [[], []];
    for (let at = 0; at < values.length; at += WIDTH) {
      const row = values.subarray(at, at + WIDTH);
      const pending = this.#rows.has(row[0]) ? this.#pending.find(row[0]) : undefined;
      if (!this.#rows.has(row[0])) fresh.push(...row);
      else if (pending === undefined) stored.push(...row);
      else if (!sameBits(pending, 0, row, 0)) this.changes.note(symbol, pending, row);
    }
    for (const [there, offered] of changedRows(this.#dataset, symbol, Float64Array.from(stored))) {
      this.changes.note(symbol, there, offered);
    }
    return Float64Array.from(fresh);
  }

  /** Spans without an answer that are certain now: a later candle has come, or the time is long past. */
  #settle(doubtful: Span | undefined): Span[] {
    if (doubtful !== undefined) {
      this.#doubtful.push(doubtful);
      // It counts for this run, whether it is remembered or not.
      this.#known.add(...doubtful);
    }
    const isCertain = ([, to]: Span) => to <= this.#latest || to <= this.#place.settledMs;
    const certain = this.#doubtful.filter(isCertain);
    this.#doubtful = this.#doubtful.filter((span) => !isCertain(span));
    return certain;
  }

  #emptyOf(asked: readonly Span[]): Span[] {
    const { symbol, interval } = this.#place;
    const found = asked.flatMap((span) => [...this.#rows.without(...span)]);
    const present = this.#dataset.entry(symbol)?.empty ?? [];
    return coalesced(
      found.filter(([from, to]) => to - from >= interval.shortestMs),
      present,
    );
  }

  /** What of [from, to) is unknown. Too short for a candle before one that is there is no gap. */
  *#gaps(from: number, to: number): Generator<Span> {
    const { shortestMs } = this.#place.interval;
    for (const [a, b] of this.#known.without(from, to)) {
      if (b - a >= shortestMs || !this.#rows.has(b)) yield [a, b];
    }
  }
}
