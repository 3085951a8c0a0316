/**
 * Pages that are fetched and not in the dataset yet: a record for the new rows of a page and one for the spans that the
 * source was asked for, in a single append. Their form is that of a candle store's journal (docs/candle-store.md). One
 * process at a time writes for a symbol, each into files of its own.
 */
import path from 'node:path';
import { bindingOf, encodeRows, MAX_RECORD_BYTES, scanRecords } from '../candle-store/journal-record.js';
import { OHLCV_SHAPE, type RowShape } from '../candle-store/row-shape.js';
import { journalName } from '../candle-store/series-listing.js';
import { seriesIdentity } from '../candle-store/series-path.js';
import { corrupt } from '../codec/corrupt.js';
import { emitMemoryEvent } from '../events.js';
import { AppendLog } from '../io/append-log.js';
import { entryNames, removeFile } from '../io/directory-entries.js';
import { isRealFile } from '../io/own-path.js';
import type { Span } from './span-set.js';

/**
 * A span that the source was asked for: what of it has no row has no candle there. It counts only behind the record of
 * the rows that came with it, of which it names number and first time: where those are damaged the span is asked again.
 */
const SPAN_SHAPE: RowShape = ['timestamp', 'until', 'rows', 'first'];
const NAME = /^journal-(\d{8,15})\.atcj$/;

/** What a journal holds, in the order in which it was written. */
export interface JournalContent {
  /** Row after row, six values each. */
  readonly rows: readonly Float64Array[];
  readonly asked: readonly Span[];
}

export class PageJournal {
  /** The number of the next file: files up to the one before it can be removed together. */
  #generation: number;
  #log: AppendLog | undefined;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#generation = Math.max(0, ...this.#generations()) + 1;
  }

  /** What earlier processes left. Damage is an event; the rows in it are fetched again. */
  read(): JournalContent {
    const rows: Float64Array[] = [];
    const asked: Span[] = [];
    for (const generation of this.#generations()) {
      const log = AppendLog.openExisting(this.#pathOf(generation));
      if (log === undefined) continue;
      try {
        readLog(log, this.#bindingOf(generation), rows, asked);
      } finally {
        log.close();
      }
    }
    return { rows, asked };
  }

  /** When this returns, rows and spans survive the death of the process. */
  append(rows: Float64Array, asked: readonly Span[]): void {
    const binding = this.#bindingOf(this.#generation);
    const records: Uint8Array[] = [];
    if (rows.length > 0) records.push(encodeRows(OHLCV_SHAPE, rows, binding));
    if (asked.length > 0) {
      const page = [rows.length / OHLCV_SHAPE.length, rows.length > 0 ? rows[0] : 0];
      const values = asked.flatMap((span) => [...span, ...page]);
      records.push(encodeRows(SPAN_SHAPE, Float64Array.from(values), binding));
    }
    if (records.length === 0) return;
    this.#log ??= AppendLog.openOrCreate(this.#pathOf(this.#generation));
    this.#log.append(records.length === 1 ? records[0] : Buffer.concat(records));
  }

  /** Ends the file that is written to; returns what removes it and the ones before it. */
  rotate(): () => void {
    this.close();
    const last = this.#generation++;
    return () => {
      for (const generation of this.#generations()) if (generation <= last) removeFile(this.#pathOf(generation));
    };
  }

  close(): void {
    this.#log?.close();
    this.#log = undefined;
  }

  #generations(): number[] {
    const { files } = entryNames(this.#directory);
    const own = files.filter((name) => NAME.test(name) && isRealFile(path.join(this.#directory, name)));
    return own.map((name) => Number(NAME.exec(name)?.[1])).sort((a, b) => a - b);
  }

  #pathOf(generation: number): string {
    return path.join(this.#directory, journalName(generation));
  }

  #bindingOf(generation: number): number {
    return bindingOf(seriesIdentity(this.#directory), generation);
  }
}

function readLog(log: AppendLog, binding: number, rows: Float64Array[], asked: Span[]): void {
  const { byteLength } = log.state();
  let last: Float64Array | undefined;
  for (let at = 0, before = -1; at < byteLength && at > before; ) {
    before = at;
    const bytes = log.read(at, Math.min(byteLength, at + MAX_RECORD_BYTES));
    const { records, consumed, damagedAt } = scanRecords(bytes, { path: log.path, binding }, at);
    for (const record of records) {
      if (record.kind !== 'rows') continue;
      const { shape, values } = record;
      if (shape === OHLCV_SHAPE) rows.push((last = values));
      else if (shape.length === SPAN_SHAPE.length && shape.every((name, i) => name === SPAN_SHAPE[i])) {
        for (let i = 0; i < values.length; i += SPAN_SHAPE.length) {
          const [from, until, count, first] = values.subarray(i, i + SPAN_SHAPE.length);
          const isWhole = count === 0 || (last?.length === count * OHLCV_SHAPE.length && last[0] === first);
          if (isWhole) asked.push([from, until]);
        }
      }
    }
    for (const offset of damagedAt) {
      const error = corrupt('bytes that are no record of this journal were skipped', at + offset, log.path);
      emitMemoryEvent('corrupt', { service: 'history', error });
    }
    at += consumed;
  }
}
