/**
 * Rows of one symbol and one time: equal ones are taken once, of different ones an option decides, or they are refused.
 */
import type { RowBatch } from '../batch.js';
import type { ImportOptions } from '../options.js';
import type { FileBatch, FileRun } from './file-run.js';
import { NewestRows } from './newest-rows.js';
import { refuseColumns, refuseDifferent, refuseFarApart, refuseOverlap, type SeenRow } from './refusals.js';
import { copyBatch, haveSameColumns, pickRows } from './rows.js';

interface Last {
  ms: number;
  run: FileRun;
  /** Row of the batch at hand, -1 when it is of a batch before. */
  row: number;
  /** Its line and cells, where it is of a batch before. */
  line: number | undefined;
  cells: (number | bigint)[] | undefined;
  schema: RowBatch['schema'];
  /** Number of its batch, and its row there once repetitions are out: while that waits a later row can replace it. */
  batchNumber: number;
  keptAt: number;
}

/** Over all files of a source: the last row of each symbol is remembered. */
export class Duplicates {
  readonly #lastOf = new Map<string, Last>();
  readonly #keep: ImportOptions['duplicates'];
  #batchNumber = 0;
  readonly #newest = new NewestRows();

  constructor(keep: ImportOptions['duplicates']) {
    this.#keep = keep;
  }

  /**
   * The batches without repetitions, which are counted in their file's run. Trades pass: several have one time. A row
   * that goes back in time within its file is left for the check of order behind this.
   */
  async *remove(batches: AsyncIterable<FileBatch>): AsyncGenerator<FileBatch> {
    let waiting: FileBatch | undefined;
    for await (const { batch, run } of batches) {
      if (run.isTrades) yield { batch, run };
      else if (this.#keep === undefined) yield { batch: this.#removeFrom(batch, run, undefined), run };
      else {
        // A later row may replace the last one of this batch: it waits for the next.
        const own = { batch: this.#removeFrom(copyBatch(batch), run, waiting?.batch), run };
        if (waiting !== undefined) yield waiting;
        waiting = own;
      }
    }
    if (waiting !== undefined) yield waiting;
  }

  #removeFrom(batch: RowBatch, run: FileRun, waiting: RowBatch | undefined): RowBatch {
    const times = batch.columns[batch.timestampAt];
    this.#batchNumber += 1;
    if (this.#keep === undefined && this.#ascends(batch, run)) return batch;
    const kept: number[] = [];
    const seen: Last[] = [];
    let symbol = '';
    let last: Last | undefined;
    for (let row = 0; row < batch.rows; row += 1) {
      const own = batch.symbolAt(row);
      const ms = Number(times[row]);
      if (last === undefined || own !== symbol) last = this.#lastOf.get((symbol = own));
      if (last === undefined) this.#lastOf.set(symbol, (last = unseen(batch, run)));
      if (ms === last.ms) {
        if (!haveSameColumns(batch, last)) throw refuseColumns(batch, row, symbol, seenRow(last, batch), last.schema);
        if (isEqual(batch, row, last)) run.equal += 1;
        else {
          run.different += 1;
          if (this.#keep === undefined) throw refuseDifferent(batch, row, symbol, seenRow(last, batch));
          if (this.#keepsLater(run, last.run)) this.#replace(last, batch, row, kept, waiting);
        }
        continue;
      }
      if (ms < last.ms && last.run !== run) throw refuseOverlap(batch, row, symbol, seenRow(last, batch));
      if (last.row < 0) seen.push(last);
      last.ms = ms;
      last.run = run;
      last.row = row;
      last.schema = batch.schema;
      kept.push(row);
    }
    const result = kept.length === batch.rows ? batch : pickRows(batch, kept);
    for (const one of seen) {
      const keptAt = this.#keep === undefined ? -1 : kept.lastIndexOf(one.row);
      noteRow(one, batch, one.row, this.#batchNumber);
      one.keptAt = keptAt;
    }
    return result;
  }

  /** Replaces the row before with this one, in this batch or in the one that waits. */
  #replace(last: Last, batch: RowBatch, row: number, kept: number[], waiting: RowBatch | undefined): void {
    if (last.row >= 0) {
      kept[kept.lastIndexOf(last.row)] = row;
      last.row = row;
      return;
    }
    const isWaiting = waiting !== undefined && last.batchNumber === this.#batchNumber - 1 && last.keptAt >= 0;
    if (!isWaiting) throw refuseFarApart(batch, row);
    last.cells = batch.columns.map((column) => column[row]);
    for (const [k, column] of waiting.columns.entries()) column[last.keptAt] = batch.columns[k][row];
  }

  /** Of two rows of one file that was turned round the later one comes first. */
  #keepsLater(run: FileRun, before: FileRun): boolean {
    return (this.#keep === 'last') !== (run === before && run.isReversed);
  }

  /** Quick look at a batch: where the times of each symbol rise, its last rows are noted. */
  #ascends(batch: RowBatch, run: FileRun): boolean {
    const newest = this.#newest;
    if (!newest.areInOrder(batch, this.#newestOf)) return false;
    for (const number of newest.touched) {
      const symbol = newest.symbols[number];
      let last = this.#lastOf.get(symbol);
      if (last === undefined) this.#lastOf.set(symbol, (last = unseen(batch, run)));
      const row = newest.rowOf(number);
      last.ms = Number(batch.columns[batch.timestampAt][row]);
      last.run = run;
      last.schema = batch.schema;
      noteRow(last, batch, row, this.#batchNumber);
    }
    return true;
  }

  readonly #newestOf = (symbol: string): number => this.#lastOf.get(symbol)?.ms ?? Number.NaN;
}

function unseen({ schema }: RowBatch, run: FileRun): Last {
  return {
    ...{ ms: Number.NaN, run, row: -1, line: undefined, cells: undefined },
    ...{ schema, batchNumber: -1, keptAt: -1 },
  };
}

/** What later batches ask of a row; in the same array each time. */
function noteRow(last: Last, batch: RowBatch, row: number, batchNumber: number): void {
  const { columns } = batch;
  last.cells ??= [];
  last.cells.length = columns.length;
  for (let k = 0; k < columns.length; k += 1) last.cells[k] = columns[k][row];
  last.line = batch.lines === undefined ? batch.locationOf(row).line : batch.lines[row];
  last.batchNumber = batchNumber;
  last.keptAt = -1;
  last.row = -1;
}

/** A row that is not of the batch at hand has its line noted. */
function seenRow({ ms, run, row, line }: Last, batch: RowBatch): SeenRow {
  return { ms, path: run.path, line: row >= 0 ? batch.locationOf(row).line : line };
}

function isEqual(batch: RowBatch, row: number, last: Last): boolean {
  return batch.columns.every((column, k) => Object.is(column[row], last.row < 0 ? last.cells![k] : column[last.row]));
}
