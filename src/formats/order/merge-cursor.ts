/** Where a merge stands in one of its inputs. */
import type { RowBatch } from '../batch.js';
import type { FileBatch, FileRun } from './file-run.js';

export class MergeCursor {
  readonly #input: AsyncIterator<FileBatch>;
  /** Files of a lower rank come first where times are equal. */
  readonly rank: number;
  batch!: RowBatch;
  run!: FileRun;
  /** The next row of the batch. */
  row = 0;
  /** Several symbols have come, so far. */
  hasSeveral = false;
  /** The rows are ordered by symbol: with another symbol they went back in time. */
  isBySymbol = false;
  #lastSymbol: string | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(input: AsyncIterable<FileBatch>, rank: number) {
    this.#input = input[Symbol.asyncIterator]();
    this.rank = rank;
  }

  /** UTC ms of the next row. */
  get ms(): number {
    return Number(this.batch.columns[this.batch.timestampAt][this.row]);
  }

  get isAtEnd(): boolean {
    return this.row === this.batch.rows;
  }

  /** The one symbol that has come, or the last one. */
  get symbol(): string {
    return this.#lastSymbol ?? '';
  }

  /** Goes on to the next rows; false where there are none. The batch before is over with this call. */
  async advance(): Promise<boolean> {
    for (;;) {
      const next = await this.#input.next();
      if (next.done === true) return false;
      if (next.value.batch.rows === 0) continue;
      this.batch = next.value.batch;
      this.run = next.value.run;
      this.row = 0;
      this.#lookAtOrder();
      return true;
    }
  }

  #lookAtOrder(): void {
    const { batch } = this;
    const times = batch.columns[batch.timestampAt];
    let ms = this.#lastMs;
    for (let row = 0; row < batch.rows; row += batch.isMixed ? 1 : batch.rows) {
      const symbol = batch.symbolAt(row);
      const own = Number(times[row]);
      if (symbol !== (this.#lastSymbol ??= symbol)) {
        this.hasSeveral = true;
        this.isBySymbol ||= own < ms;
        this.#lastSymbol = symbol;
      }
      ms = own;
    }
    this.#lastMs = Number(times[batch.rows - 1]);
  }

  async close(): Promise<void> {
    await this.#input.return?.();
  }
}
