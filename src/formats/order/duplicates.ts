/**
 * Rows of one symbol and one time: equal ones are taken once, of different ones an option decides, or they are refused.
 */
import type { TypedArray } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import type { RowBatch } from '../batch.js';
import type { ImportOptions } from '../options.js';
import { copyBatch, pickRows } from './rows.js';

type Row = readonly (number | bigint)[];

interface Last {
  ms: number;
  /** File of the row. */
  path: string | undefined;
  /** Row of the batch at hand, -1 when it is of a batch before. */
  row: number;
  /** Its cells, where it is of a batch before. */
  cells: Row | undefined;
  /** Where it stands in the batch that waits, so that a later row can still replace it. */
  waiting: { readonly batch: RowBatch; readonly row: number } | undefined;
}

/** Over all files of a source: the last row of each symbol is remembered. */
export class Duplicates {
  readonly #lastOf = new Map<string, Last>();
  readonly #keep: ImportOptions['duplicates'];

  constructor(keep: ImportOptions['duplicates']) {
    this.#keep = keep;
  }

  /**
   * The batches of a file without repetitions. `isReversed`: the file had its rows the other way round, so that its
   * first is now the last. A row that goes back in time is left for the check of order behind this.
   */
  async *remove(
    batches: AsyncIterable<RowBatch>,
    isReversed: () => boolean,
    onDropped: (equal: number, different: number) => void,
    /** Of trades several have one time. */
    mayRepeat: () => boolean,
  ): AsyncGenerator<RowBatch> {
    let waiting: RowBatch | undefined;
    for await (const batch of batches) {
      if (mayRepeat()) {
        yield batch;
        continue;
      }
      const keepsFirst = (this.#keep === 'first') !== isReversed();
      if (this.#keep === undefined || keepsFirst) {
        yield this.#removeFrom(batch, true, waiting, onDropped);
        continue;
      }
      // A later row may replace the last one of this batch: it waits for the next.
      const own = this.#removeFrom(copyBatch(batch), false, waiting, onDropped);
      if (waiting !== undefined) yield waiting;
      waiting = own;
    }
    if (waiting !== undefined) yield waiting;
  }

  #removeFrom(
    batch: RowBatch,
    keepsFirst: boolean,
    waiting: RowBatch | undefined,
    onDropped: (equal: number, different: number) => void,
  ): RowBatch {
    const times = batch.columns[batch.timestampAt];
    if (!batch.isMixed && keepsFirst && this.#ascends(batch, times)) return batch;
    const kept: number[] = [];
    const seen: Last[] = [];
    let equal = 0;
    let different = 0;
    let symbol = '';
    let last: Last | undefined;
    const path = pathOf(batch);
    for (let row = 0; row < batch.rows; row += 1) {
      const own = batch.symbolAt(row);
      const ms = Number(times[row]);
      if (last === undefined || own !== symbol) last = this.#lastOf.get((symbol = own));
      if (last === undefined)
        this.#lastOf.set(symbol, (last = { ms: Number.NaN, path, row: -1, cells: undefined, waiting: undefined }));
      if (ms === last.ms) {
        if (this.#isEqual(batch, row, last)) equal += 1;
        else {
          different += 1;
          if (this.#keep === undefined) throw refuse(batch, row, symbol, ms, last.path);
          if (!keepsFirst) replace(last, batch, row, kept, waiting, symbol);
        }
        continue;
      }
      if (ms < last.ms && last.path !== path) throw refuseOverlap(batch, row, symbol, last);
      if (last.row < 0) seen.push(last);
      last.ms = ms;
      last.path = path;
      last.row = row;
      kept.push(row);
    }
    const result = kept.length === batch.rows ? batch : pickRows(batch, kept);
    for (const one of seen) {
      one.cells = batch.columns.map((column) => column[one.row]);
      one.waiting = keepsFirst ? undefined : { batch: result, row: kept.lastIndexOf(one.row) };
      one.row = -1;
    }
    if (equal + different > 0) onDropped(equal, different);
    return result;
  }

  /** Quick look at a batch of one symbol: later times throughout. */
  #ascends(batch: RowBatch, times: TypedArray): boolean {
    if (batch.rows === 0) return true;
    const symbol = batch.symbolAt(0);
    const last = this.#lastOf.get(symbol);
    let before = last?.ms ?? Number.NEGATIVE_INFINITY;
    if (Number.isNaN(before)) before = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < batch.rows; row += 1) {
      const ms = Number(times[row]);
      if (!(ms > before)) return false;
      before = ms;
    }
    const cells = batch.columns.map((column) => column[batch.rows - 1]);
    this.#lastOf.set(symbol, { ms: before, path: pathOf(batch), row: -1, cells, waiting: undefined });
    return true;
  }

  #isEqual(batch: RowBatch, row: number, last: Last): boolean {
    return batch.columns.every((column, k) => {
      const before = last.row < 0 ? last.cells![k] : column[last.row];
      return Object.is(column[row], before);
    });
  }
}

/** Replaces the row before with this one, in this batch or in the one that waits. */
function replace(
  last: Last,
  batch: RowBatch,
  row: number,
  kept: number[],
  waiting: RowBatch | undefined,
  symbol: string,
): void {
  if (last.row >= 0) {
    kept[kept.lastIndexOf(last.row)] = row;
    last.row = row;
    return;
  }
  if (last.waiting === undefined || last.waiting.batch !== waiting) {
    throw refuseFarApart(batch, row, symbol, Number(batch.columns[batch.timestampAt][row]));
  }
  last.cells = batch.columns.map((column) => column[row]);
  for (const [k, column] of waiting.columns.entries()) column[last.waiting.row] = batch.columns[k][row];
}

function pathOf(batch: RowBatch): string | undefined {
  return batch.rows === 0 ? undefined : batch.locationOf(0).path;
}

/** Rows that lie within those of a file before. */
function refuseOverlap(batch: RowBatch, row: number, symbol: string, last: Last): AtcError {
  const location = batch.locationOf(row);
  const ms = Number(batch.columns[batch.timestampAt][row]);
  const what = `${symbol}: the time ${new Date(ms).toISOString()} comes after ${new Date(last.ms).toISOString()} of ${last.path}`;
  const help = `both files hold ${symbol}, and their times overlap: cut one of them, or join them into one file sorted by time; two instruments need two symbols`;
  return new AtcError('CORRUPT', `${location.text}: ${what}; ${help}`, location);
}

function refuse(batch: RowBatch, row: number, symbol: string, ms: number, path: string | undefined): AtcError {
  const location = batch.locationOf(row);
  const time = new Date(ms).toISOString();
  if (path !== location.path) {
    const what = `${symbol}: the time ${time} is there with different values in ${path}`;
    const help = 'the files overlap; --duplicates first or last says which row stays, in the order of the files';
    return new AtcError('CORRUPT', `${location.text}: ${what}; ${help}`, location);
  }
  const what = `${symbol}: the time ${time} is there twice with different values`;
  return new AtcError(
    'CORRUPT',
    `${location.text}: ${what}; --duplicates first or last says which one stays; of local times of an hour that comes twice (daylight saving) name the zone (--timezone)`,
    location,
  );
}

function refuseFarApart(batch: RowBatch, row: number, symbol: string, ms: number): AtcError {
  const location = batch.locationOf(row);
  const what = `${symbol}: a row of ${new Date(ms).toISOString()} was written already with other values`;
  return new AtcError(
    'CORRUPT',
    `${location.text}: ${what}; give the files in the other order, or --duplicates first`,
    location,
  );
}
