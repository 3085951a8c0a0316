/**
 * Files of one symbol -> one stream in order of time, however far they overlap. A file is opened when the rows have
 * come to its first time, so that files that follow each other are read one after another; those that overlap are
 * merged, in memory that depends on neither their length nor their number. Where files that overlap are ordered by
 * symbol and then by time, their rows are put aside on disk and merged one symbol after another.
 */
import type { SourceOptions } from '../source-options.js';
import { type SymbolRun, SymbolSpill } from './by-symbol.js';
import type { FileBatch, FileRun } from './file-run.js';
import { MergeCursor } from './merge-cursor.js';
import { refuseUnsorted } from './refusals.js';
import { haveSameColumns, sliceRows } from './rows.js';
import { Spill } from './spill.js';

/** Files read at the same time; where more overlap, those that are open are merged into one on disk. */
const MAX_OPEN = 8;

type Outcome = 'taken' | 'replaced' | 'open';
type Options = Pick<SourceOptions, 'duplicates' | 'keepsRepeats'>;

/**
 * Rows of one symbol and time in several files: equal ones are taken once and counted, of others `duplicates` decides,
 * in the order of the files; without it they follow each other, to be refused behind this. Trades are not merged:
 * several may be equal. A file whose own rows are not in order is CORRUPT where that would be taken for an overlap.
 */
export async function* mergeRuns(runs: readonly FileRun[], options: Options): AsyncGenerator<FileBatch> {
  if (runs.length === 1) yield* batchesOf(runs[0]);
  else yield* new Merge(options).ofRuns(runs);
}

async function* batchesOf(run: FileRun): AsyncGenerator<FileBatch> {
  for await (const batch of run.batches()) yield { batch, run };
  run.isOver = true;
}

class Merge {
  readonly #options: Options;
  #cursors: MergeCursor[] = [];
  /** Files that are not open yet, with their ranks. */
  #waiting: { readonly run: FileRun; readonly rank: number }[] = [];
  readonly #spills: { close(): void }[] = [];
  #files: readonly FileRun[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  async *ofRuns(runs: readonly FileRun[]): AsyncGenerator<FileBatch> {
    this.#files = runs;
    this.#waiting = runs.map((run, rank) => ({ run, rank }));
    try {
      await this.#openNext();
      if (this.#cursors[0]?.run.isTrades === true) yield* this.#inTurn();
      else yield* this.#merged();
    } finally {
      for (const cursor of this.#cursors) await cursor.close();
      for (const spill of this.#spills) spill.close();
    }
  }

  async *#inTurn(): AsyncGenerator<FileBatch> {
    while (this.#cursors.length > 0 || this.#waiting.length > 0) {
      if (this.#cursors.length === 0) await this.#openNext();
      const [cursor] = this.#cursors;
      if (cursor === undefined) continue;
      yield { batch: cursor.batch, run: cursor.run };
      await this.#refill(cursor);
    }
  }

  async *#merged(): AsyncGenerator<FileBatch> {
    for (;;) {
      await this.#openDue();
      if (this.#isMixture()) {
        yield* this.#bySymbol();
        continue;
      }
      const first = this.#first();
      if (first === undefined) return;
      const from = first.row;
      const to = this.#takeRun(first);
      if (to > from) yield { batch: sliceRows(first.batch, from, to), run: first.run };
      for (const cursor of [...this.#cursors]) if (cursor.isAtEnd) await this.#refill(cursor);
    }
  }

  /** Opens every file that may have a row as early as the first one at hand. */
  async #openDue(): Promise<void> {
    for (;;) {
      const ms = this.#first()?.ms ?? Number.POSITIVE_INFINITY;
      const due = this.#waiting.filter(({ run }) => run.notBefore <= ms);
      if (this.#waiting.length === 0 || (due.length === 0 && this.#cursors.length > 0) || this.#isMixture()) return;
      await this.#openNext(due[0]);
    }
  }

  /** Files are open whose rows cannot be merged by time alone: one is ordered by symbol, or may turn out to be. */
  #isMixture(): boolean {
    if (this.#cursors.length < 2) return false;
    if (this.#cursors.some((cursor) => cursor.isBySymbol)) return true;
    const unknown = this.#cursors.filter((cursor) => !cursor.hasSeveral && cursor.batch.hasSymbols !== false);
    const hasSeveral = this.#cursors.some((cursor) => cursor.hasSeveral);
    return unknown.length > 0 && (hasSeveral || unknown.some(({ symbol }) => symbol !== unknown[0].symbol));
  }

  /** The rest of the files that are open, and of those that overlap them, one symbol after another. */
  async *#bySymbol(): AsyncGenerator<FileBatch> {
    const spill = new SymbolSpill();
    this.#spills.push(spill);
    for (;;) {
      const cursor = this.#cursors[0];
      if (cursor === undefined) {
        const due = this.#waiting.find(({ run }) => run.notBefore <= spill.last);
        if (due === undefined) break;
        await this.#openNext(due);
        continue;
      }
      spill.add(sliceRows(cursor.batch, cursor.row, cursor.batch.rows), cursor.run);
      await this.#refill(cursor);
    }
    // Their rows are still to be taken.
    for (const run of spill.files) run.isOver = false;
    for (const runs of spill.runs(this.#files)) {
      for await (const { batch, run } of mergeRuns(runs, this.#options)) {
        yield { batch, run: (run as SymbolRun).file };
      }
    }
    for (const run of spill.files) run.isOver = true;
  }

  async #openNext(next = this.#waiting[0]): Promise<void> {
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((one) => one !== next);
    if (this.#cursors.length >= MAX_OPEN) await this.#setAside();
    const cursor = new MergeCursor(batchesOf(next.run), next.rank);
    this.#cursors.push(cursor);
    await this.#refill(cursor);
  }

  /** The files that are open become one, on disk. */
  async #setAside(): Promise<void> {
    const rank = Math.min(...this.#cursors.map((cursor) => cursor.rank));
    const waiting = this.#waiting.splice(0);
    const spill = new Spill<FileRun>();
    this.#spills.push(spill);
    for await (const { batch, run } of this.#merged()) spill.add(batch, run);
    // Their rows are still to be taken.
    for (const run of spill.tags()) run.isOver = false;
    this.#waiting = waiting;
    const cursor = new MergeCursor(fromSpill(spill), rank);
    this.#cursors.push(cursor);
    await this.#refill(cursor);
  }

  async #refill(cursor: MergeCursor): Promise<void> {
    if (!(await cursor.advance())) this.#cursors = this.#cursors.filter((one) => one !== cursor);
  }

  #first(): MergeCursor | undefined {
    let first: MergeCursor | undefined;
    for (const cursor of this.#cursors) if (first === undefined || isBefore(cursor, first)) first = cursor;
    return first;
  }

  /**
   * Moves the cursor behind the rows that come before those of all others, and the others behind rows that are taken
   * with them. Returns where the rows end that count: before one that another file replaces.
   */
  #takeRun(cursor: MergeCursor): number {
    const { batch } = cursor;
    const times = batch.columns[batch.timestampAt];
    const unopened = Math.min(...this.#waiting.map(({ run }) => run.notBefore));
    const others = this.#cursors.filter((one) => one !== cursor);
    const limit = () => Math.min(unopened, ...others.map((one) => one.ms));
    let next = limit();
    if (!cursor.isBySymbol && Number(times[batch.rows - 1]) < next) return (cursor.row = batch.rows);
    let before = Number.NEGATIVE_INFINITY;
    for (; cursor.row < batch.rows; cursor.row += 1) {
      const ms = Number(times[cursor.row]);
      if (ms < before && !batch.isMixed && this.#options.keepsRepeats !== true) {
        throw refuseUnsorted(batch, cursor.row, before);
      }
      before = ms;
      if (ms < next) continue;
      if (ms > next || ms === unopened) return cursor.row;
      const tied = others.filter((one) => one.ms === ms);
      if (tied.some((one) => one.rank < cursor.rank)) return cursor.row;
      const outcome = this.#settleAll(cursor, tied);
      if (outcome === 'replaced') return (cursor.row += 1) - 1;
      if (outcome === 'open' || tied.some((one) => one.isAtEnd)) return (cursor.row += 1);
      next = limit();
    }
    return cursor.row;
  }

  #settleAll(cursor: MergeCursor, tied: readonly MergeCursor[]): Outcome {
    let all: Outcome = 'taken';
    for (const one of tied) {
      const outcome = this.#settle(cursor, one);
      if (outcome === 'replaced') return outcome;
      if (outcome === 'open') all = outcome;
    }
    return all;
  }

  /** What becomes of two rows of one time in two files: the other's is `taken` with this one, or replaces it. */
  #settle(cursor: MergeCursor, other: MergeCursor): Outcome {
    const { duplicates, keepsRepeats } = this.#options;
    if (keepsRepeats === true || !areComparable(cursor, other)) return 'open';
    const isSame = isSameRow(cursor, other);
    if (!isSame && duplicates === undefined) return 'open';
    if (!isSame) other.run.different += 1;
    if (!isSame && duplicates === 'last') return 'replaced';
    if (isSame) other.run.equal += 1;
    other.row += 1;
    return 'taken';
  }
}

async function* fromSpill(spill: Spill<FileRun>): AsyncGenerator<FileBatch> {
  for (const { batch, tag } of spill.forwards()) yield { batch, run: tag };
}

function isBefore(one: MergeCursor, other: MergeCursor): boolean {
  return one.ms < other.ms || (one.ms === other.ms && one.rank < other.rank);
}

function areComparable(one: MergeCursor, other: MergeCursor): boolean {
  return haveSameColumns(one.batch, other.batch) && one.batch.symbolAt(one.row) === other.batch.symbolAt(other.row);
}

function isSameRow(one: MergeCursor, other: MergeCursor): boolean {
  return one.batch.columns.every((column, k) => Object.is(column[one.row], other.batch.columns[k][other.row]));
}
