/**
 * A quick look at a batch: whether the times of each symbol rise throughout. Arrays by symbol, and a guess which symbol
 * comes next, because a source of alternating symbols is asked for every row.
 */
import type { RowBatch } from '../batch.js';

export class NewestRows {
  /** Symbols by number. */
  readonly symbols: string[] = [];
  /** Numbers of the symbols in the batch looked at last, as they come first in it. */
  readonly touched: number[] = [];
  readonly #numbers = new Map<string, number>();
  /** By number: the newest row of the batch at hand, its time in ms, and which batch that is. */
  #rows = new Int32Array(64);
  #times = new Float64Array(64);
  #batches = new Float64Array(64);
  /** The symbol of the row behind this one, the last time; -1: none yet. */
  #followers = new Int32Array(64).fill(-1);
  #batch = 0;

  /** `newestBefore`: ms of the newest row of a symbol in the batches before, NaN for none. */
  areInOrder(batch: RowBatch, newestBefore: (symbol: string) => number): boolean {
    const times = batch.columns[batch.timestampAt];
    const own = (this.#batch += 1);
    this.touched.length = 0;
    let number = -1;
    for (let row = 0; row < batch.rows; row += 1) {
      if (number < 0 || batch.isMixed) number = this.#numberOf(batch.symbolAt(row), number);
      const ms = Number(times[row]);
      if (this.#batches[number] === own) {
        if (!(ms > this.#times[number])) return false;
      } else {
        if (Number.isNaN(ms) || ms <= newestBefore(this.symbols[number])) return false;
        this.#batches[number] = own;
        this.touched.push(number);
      }
      this.#times[number] = ms;
      this.#rows[number] = row;
    }
    return true;
  }

  /** Of a symbol that was touched. */
  rowOf(number: number): number {
    return this.#rows[number];
  }

  #numberOf(symbol: string, before: number): number {
    const guess = before < 0 ? -1 : this.#followers[before];
    if (guess >= 0 && this.symbols[guess] === symbol) return guess;
    let number = this.#numbers.get(symbol);
    if (number === undefined) {
      number = this.symbols.push(symbol) - 1;
      this.#numbers.set(symbol, number);
      if (number >= this.#rows.length) this.#grow();
    }
    if (before >= 0) this.#followers[before] = number;
    return number;
  }

  #grow(): void {
    const size = 2 * this.#rows.length;
    const widened = <A extends Int32Array | Float64Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.#rows = widened(this.#rows, new Int32Array(size));
    this.#times = widened(this.#times, new Float64Array(size));
    this.#batches = widened(this.#batches, new Float64Array(size));
    this.#followers = widened(this.#followers, new Int32Array(size).fill(-1));
  }
}
