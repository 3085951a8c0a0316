/** One column of several buckets at once: rows go into the slot of their bucket. */
import type { TypedArray } from '../dtype.js';
import { asDoubles } from '../formats/doubles.js';
import type { Aggregate } from './aggregates.js';

/** Values by slot; slot 0 goes on with what the last slot of the block before held. */
export class Accumulator {
  #values = new Float64Array(64).fill(Number.NaN);
  /** Of `weighted`: the weight behind each value so far. */
  #weights = new Float64Array(64);
  readonly #name: string;
  readonly #kind: Aggregate;

  constructor(name: string, kind: Aggregate) {
    this.#name = name;
    this.#kind = kind;
  }

  /** Adds row i to slot `slots[i]` (-1: to none) of `count`. */
  add(source: TypedArray, slots: Int32Array, count: number, weight: TypedArray | undefined): void {
    this.#reserve(count);
    const column = asDoubles(source, `column "${this.#name}"`);
    if (this.#kind === 'weighted') {
      this.#addWeighted(column, slots, asDoubles(weight!, 'the volume'));
      return;
    }
    const values = this.#values;
    const kind = this.#kind;
    for (let row = 0; row < column.length; row += 1) {
      const slot = slots[row];
      const value = column[row];
      if (slot < 0 || Number.isNaN(value)) continue;
      const before = values[slot];
      if (Number.isNaN(before) || kind === 'last') values[slot] = value;
      else if (kind === 'sum') values[slot] = before + value;
      else if (kind === 'max') values[slot] = Math.max(before, value);
      else if (kind === 'min') values[slot] = Math.min(before, value);
    }
  }

  /** The values of the first `count` slots, in an array of their own. */
  values(count: number): Float64Array {
    return this.#values.slice(0, count);
  }

  /** Slot 0 becomes the last of `count`, the others empty. */
  keepLast(count: number): void {
    const last = this.#values[count - 1];
    const weight = this.#weights[count - 1];
    this.#values.fill(Number.NaN, 0, count);
    this.#weights.fill(0, 0, count);
    this.#values[0] = last;
    this.#weights[0] = weight;
  }

  /**
   * The running form of the mean: equal values stay exactly what they are. Rows without volume count only as long as no
   * other has any: the last of them.
   */
  #addWeighted(column: Float64Array, slots: Int32Array, weight: Float64Array): void {
    const values = this.#values;
    const weights = this.#weights;
    for (let row = 0; row < column.length; row += 1) {
      const slot = slots[row];
      const value = column[row];
      if (slot < 0 || Number.isNaN(value)) continue;
      if (weight[row] > 0) {
        const total = weights[slot] + weight[row];
        values[slot] = weights[slot] > 0 ? values[slot] + (value - values[slot]) * (weight[row] / total) : value;
        weights[slot] = total;
      } else if (weights[slot] === 0) {
        values[slot] = value;
      }
    }
  }

  #reserve(count: number): void {
    if (count <= this.#values.length) return;
    const values = new Float64Array(2 * count).fill(Number.NaN);
    values.set(this.#values);
    const weights = new Float64Array(2 * count);
    weights.set(this.#weights);
    this.#values = values;
    this.#weights = weights;
  }
}
