/** Trials and what they made, summed up over the symbols as the symbols come in, always in their order. */
import type { EquityStatistics } from '../backtest/trading.js';
import type { TrialParameters } from './space.js';
import type { Evaluation } from './traded-accounts.js';

/** Figures of all trials; columns of equal length, a row a trial. */
export interface TrialTable {
  /** Of every trial, in the order of their numbers. */
  readonly parameters: readonly TrialParameters[];
  /** Means over the symbols on which the figure is a number; NaN where there is none. */
  readonly figures: Readonly<Record<string, Float64Array>>;
  /**
   * Count, sum and sum of squares of the returns of all symbols, three numbers a slice, all slices of a trial in a row.
   */
  readonly slices: Float64Array;
}

export class TrialSums {
  #names: readonly string[] = [];
  #sums = new Float64Array(0);
  #counts = new Float64Array(0);
  readonly #slices: Float64Array;
  /** Of every symbol, in order. */
  readonly buyAndHold: EquityStatistics[] = [];
  readonly #trials: number;
  readonly #sliceCount: number;

  constructor(trials: number, sliceCount: number) {
    this.#trials = trials;
    this.#sliceCount = sliceCount;

    this.#slices = new Float64Array(trials * sliceCount * 3);
  }

  /** One symbol of trials [first, first + …). */
  add(first: number, { names, figures, slices, buyAndHold }: Evaluation): void {
    if (first === 0) this.buyAndHold.push(buyAndHold);
    this.#require(names);
    const columns = names.map((name) => this.#names.indexOf(name));
    const count = figures.length / names.length;
    for (let trial = 0; trial < count; trial++) {
      for (const [k, column] of columns.entries()) {
        const value = figures[trial * names.length + k];
        if (Number.isNaN(value)) continue;
        const at = column * this.#trials + first + trial;
        this.#sums[at] += value;
        this.#counts[at] += 1;
      }
    }
    const from = first * this.#sliceCount * 3;
    for (let k = 0; k < slices.length; k++) this.#slices[from + k] += slices[k];
  }

  /** Trials of an earlier run of the study, in front. */
  adopt(table: TrialTable): void {
    const names = Object.keys(table.figures);
    this.#require(names);
    for (const name of names) {
      const column = this.#names.indexOf(name) * this.#trials;
      for (const [trial, value] of table.figures[name].entries()) {
        if (Number.isNaN(value)) continue;
        this.#sums[column + trial] = value;
        this.#counts[column + trial] = 1;
      }
    }
    this.#slices.set(table.slices);
  }

  figures(): Record<string, Float64Array> {
    return Object.fromEntries(
      this.#names.map((name, column) => [
        name,
        Float64Array.from({ length: this.#trials }, (_, trial) => this.#mean(column * this.#trials + trial)),
      ]),
    );
  }

  /** Of one trial. */
  row(trial: number): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, column) => [name, this.#mean(column * this.#trials + trial)]));
  }

  get slices(): Float64Array {
    return this.#slices;
  }

  #mean(at: number): number {
    return this.#counts[at] === 0 ? Number.NaN : this.#sums[at] / this.#counts[at];
  }

  #require(names: readonly string[]): void {
    const added = names.filter((name) => !this.#names.includes(name));
    if (added.length === 0) return;
    this.#names = [...this.#names, ...added];
    const grown = (old: Float64Array) => {
      const larger = new Float64Array(this.#names.length * this.#trials);
      larger.set(old);
      return larger;
    };
    this.#sums = grown(this.#sums);
    this.#counts = grown(this.#counts);
  }
}
