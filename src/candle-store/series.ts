/**
 * Candles of one symbol and interval on disk, written in batches of any size and order by several processes, with gaps.
 * The first candle that is written for a timestamp stays. Reading and writing are synchronous: a window is found in
 * microseconds.
 */
import { timeProblem } from '../arguments.js';
import { AtcError, isAtcError, shown } from '../errors.js';
import { emitMemoryEvent } from '../events.js';
import { secondsProblem } from '../formats/row-times.js';
import type { CandleEntry } from './entry.js';
import { gatherRows } from './gather.js';
import type { JsonCandles } from './json-candles.js';
import type { StoredCandle } from './row-shape.js';
import { compact } from './series-compaction.js';
import { SeriesFiles, type SeriesSettings } from './series-files.js';

/** Documents are larger than rows: a journal is also full at this size. */
const MAX_JOURNAL_BYTES = 1 << 20;
/** Other processes can seal a journal between a look at it and a write; so often in a row they do not. */
const MAX_ATTEMPTS = 64;

/** The candles of one exchange, symbol and interval: first write wins, several processes may write. */
export class CandleSeries {
  readonly #files: SeriesFiles;

  /** Opened by `CandleStore.series`. `legacy`: candles that a host wrote before, which are read and stored here. */
  readonly #settings: SeriesSettings;
  readonly #legacy: JsonCandles | undefined;

  constructor(
    /** Of this series alone. */
    readonly directory: string,
    settings: SeriesSettings,
    legacy: JsonCandles | undefined,
  ) {
    this.#settings = settings;
    this.#legacy = legacy;
    this.#files = new SeriesFiles(directory, settings);
  }

  /**
   * The candles at `from`, `from + stepMs`, …, `limit` of them, as fresh objects; undefined when one of them is
   * missing. What other processes have written is looked for before a candle is called missing. Times in UTC ms.
   */
  read(from: number, stepMs: number, limit: number): StoredCandle[] | undefined {
    for (const [name, value] of Object.entries({ from, stepMs, limit }) as [string, unknown][]) {
      if (typeof value === 'number') continue;
      throw new AtcError('ARGUMENT', `read: ${name} must be a number, got ${shown(value)}`);
    }
    const adopted: CandleEntry[] = [];
    const found = this.#files.guarded(() => {
      adopted.length = 0;
      return this.#collect(from, stepMs, limit, adopted);
    });
    if (found !== undefined && adopted.length > 0) this.#adopt(adopted);
    return found;
  }

  /**
   * Adds candles; returns how many were new. A timestamp that is there already, here or among the legacy files, keeps
   * its first candle. When this returns the candles survive the death of the process. ARGUMENT for a timestamp that is
   * no finite number.
   */
  write(candles: Iterable<StoredCandle>): number {
    if (typeof (candles as Iterable<StoredCandle> | undefined | null)?.[Symbol.iterator] !== 'function') {
      throw new AtcError('ARGUMENT', `candles must be a list or another iterable, got ${shown(candles)}`);
    }
    const entries = Array.from(candles, (candle) => ({ timestamp: requireTime(candle), candle }));
    const problem = secondsProblem(entries.map(({ timestamp }) => timestamp).sort((a, b) => a - b));
    if (problem !== undefined) throw new AtcError('ARGUMENT', problem, { column: 'timestamp' });
    return this.#writeEntries(entries, this.#legacy?.present === true ? this.#legacy : undefined);
  }

  /** The same for candles whose timestamp is known apart from them, as that of legacy files is by their names. */
  keep(entries: readonly CandleEntry[]): number {
    if (!Array.isArray(entries)) {
      throw new AtcError('ARGUMENT', `keep: a list of { timestamp, candle } is needed, got ${shown(entries)}`);
    }
    for (const entry of entries) {
      requireTime(entry);
      if (typeof entry.candle === 'object' && entry.candle !== null) continue;
      throw new AtcError('ARGUMENT', `keep: an entry is { timestamp, candle }, got ${shown(entry)}`);
    }
    return this.#writeEntries(entries, undefined);
  }

  /** True when a candle is there, legacy files left out. */
  has(timestamp: number): boolean {
    return this.#files.guarded(() => {
      if (this.#files.has(timestamp)) return true;
      this.#files.refresh();
      return this.#files.has(timestamp);
    });
  }

  /**
   * Resolves when what this process has written is as safe as the store's durability says, whichever journals it is in;
   * many callers share one sync.
   *
   * @throws AtcError IO when a sync fails, and from then on: what the system was to write may be lost, and a second
   * sync would not report it. The next `write` or `seal`, or a `write` of the same candles in a store that is opened
   * anew, writes the rows into a new file; `flush` resolves after that.
   */
  async flush(): Promise<void> {
    if (this.#settings.durability !== 'power') return;
    const { unsynced } = this.#files;
    unsynced.requireRewritten();
    if (unsynced.isDoubtful) this.seal();
    await unsynced.sync();
  }

  /** Every stored candle, legacy files left out, in ascending order. */
  *candles(): Generator<StoredCandle> {
    for (const [, candle] of this.entries()) yield candle;
  }

  /** The same with the timestamp each one is stored under. */
  *entries(): Generator<readonly [number, StoredCandle]> {
    const { tables, documents } = this.#files.guarded(() => {
      this.#files.refresh();
      const { segments, journals } = this.#files;
      return gatherRows([...segments, ...journals.map(({ rows }) => rows)]);
    });
    const cursors = tables.map((table) => ({ table, row: 0 }));
    let document = 0;
    for (;;) {
      let next: (typeof cursors)[number] | undefined;
      let at = documents[document]?.[0] ?? Number.POSITIVE_INFINITY;
      for (const cursor of cursors) {
        if (cursor.row === cursor.table.length || cursor.table.timestamps[cursor.row] > at) continue;
        at = cursor.table.timestamps[cursor.row];
        next = cursor;
      }
      if (next !== undefined) yield [at, next.table.candle(next.row++)];
      else if (document < documents.length) yield [at, JSON.parse(documents[document++][1]) as StoredCandle];
      else return;
    }
  }

  /** Number of candles. */
  get length(): number {
    return this.#files.guarded(() => {
      this.#files.refresh();
      const { segments, journals } = this.#files;
      return [...segments.map(({ rows }) => rows), ...journals.map(({ rows }) => rows.length)].reduce(
        (a, b) => a + b,
        0,
      );
    });
  }

  /** Compresses what the journal holds now, instead of when it is full: for a batch that is done. */
  seal(): void {
    this.#files.guarded(() => {
      this.#files.refresh();
      const { current } = this.#files;
      if (current !== undefined && current.rows.length > 0) current.seal();
      compact(this.#files, this.#settings);
    });
    this.#files.unsynced.rewritten();
  }

  /** Closes files and frees memory. The series stays usable: the next call opens it again. */
  close(): void {
    this.#files.close();
  }

  #collect(from: number, stepMs: number, limit: number, adopted: CandleEntry[]): StoredCandle[] | undefined {
    const files = this.#files;
    const found: StoredCandle[] = [];
    let refreshed = false;
    let legacy: JsonCandles | undefined;
    for (let i = 0; i < limit; i++) {
      const timestamp = from + i * stepMs;
      let candle = files.get(timestamp);
      if (candle === undefined && !refreshed) {
        refreshed = true;
        files.refresh();
        candle = files.get(timestamp);
        if (candle === undefined && this.#legacy?.present === true) legacy = this.#legacy;
      }
      if (candle === undefined) {
        candle = legacy?.read(timestamp);
        if (candle === undefined) return undefined;
        adopted.push({ timestamp, candle });
      }
      found.push(candle);
    }
    return found;
  }

  #adopt(entries: readonly CandleEntry[]): void {
    const { service } = this.#settings;
    for (const { timestamp } of entries) emitMemoryEvent('legacy', { service, key: `${this.directory} ${timestamp}` });
    this.#writeEntries(entries, undefined);
  }

  #writeEntries(entries: readonly CandleEntry[], legacy: JsonCandles | undefined): number {
    let written = 0;
    for (let from = 0; from < entries.length; from += this.#settings.sealRows) {
      written += this.#writeChunk(entries.slice(from, from + this.#settings.sealRows), legacy);
    }
    this.#writeAnew();
    return written;
  }

  /** After a sync that failed. The candles of this call are written by now: should this fail, `flush` reports it. */
  #writeAnew(): void {
    const { unsynced } = this.#files;
    if (!unsynced.needsRewrite) return;
    try {
      this.seal();
    } catch (error) {
      if (!isAtcError(error, 'IO')) throw error;
      unsynced.notRewritten(error);
    }
  }

  #writeChunk(entries: readonly CandleEntry[], legacy: JsonCandles | undefined): number {
    const files = this.#files;
    return files.guarded(() => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        files.refresh();
        const fresh = this.#missing(entries, legacy);
        if (fresh.length === 0) return 0;
        const journal = files.forWriting();
        if (journal === undefined || !files.append(journal, fresh)) {
          files.load();
          continue;
        }
        const full = journal.rows.length >= this.#settings.sealRows || journal.byteLength >= MAX_JOURNAL_BYTES;
        if (full) this.seal();
        return fresh.length;
      }
      const message = `${this.directory} is sealed by other processes faster than this one can write; try again`;
      throw new AtcError('IO', message, { path: this.directory });
    });
  }

  /** Those whose timestamp is not there yet, each once. A legacy candle replaces the new one. */
  #missing(entries: readonly CandleEntry[], legacy: JsonCandles | undefined): CandleEntry[] {
    const fresh: CandleEntry[] = [];
    const seen = entries.length > 1 ? new Set<number>() : undefined;
    for (const entry of entries) {
      const { timestamp } = entry;
      if (seen?.has(timestamp)) continue;
      if (this.#files.has(timestamp)) {
        this.#noteRepeated(timestamp);
        continue;
      }
      seen?.add(timestamp);
      const earlier = legacy?.read(timestamp);
      fresh.push(earlier === undefined ? entry : { timestamp, candle: earlier });
    }
    return fresh;
  }

  /** The caller may count on a candle that is there already, so `flush` covers the journal that it is in. */
  #noteRepeated(timestamp: number): void {
    if (this.#settings.durability !== 'power') return;
    const journal = this.#files.journalOf(timestamp);
    if (journal !== undefined) this.#files.unsynced.repeated(journal.generation);
  }
}

function requireTime(candle: { readonly timestamp?: unknown }): number {
  const timestamp: unknown = candle?.timestamp;
  const problem = timeProblem(timestamp);
  if (problem !== undefined) throw new AtcError('ARGUMENT', problem, { column: 'timestamp' });
  if (typeof timestamp === 'number' && Number.isFinite(timestamp)) return timestamp;
  throw new AtcError('ARGUMENT', `a candle needs a finite timestamp in ms, got ${shown(timestamp)}`, {
    column: 'timestamp',
  });
}
