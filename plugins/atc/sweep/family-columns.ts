/** What passes write over the current bars: the signals and equities of a family in two columns, a source. */
import { ATC_FAMILIES } from '../families.js';
import type { SweepMemory } from './sweep-memory.js';

/** Bars per step at most. */
export const CHUNK = 2048;
/** Trials whose sides are found together. */
export const LANES = 8;

/**
 * A line more than the bars: columns that began at the same place of every page would drive each other out of caches.
 */
export const COLUMN_BYTES = CHUNK * 8 + 64;
const FAMILIES = ATC_FAMILIES.length;

/** Equities above it: sums are no longer sure to stay finite, nor averages to stay above 0. */
const LARGE = 1e290;

/** Two bars are computed at a time; the columns have room for one more. */
export const even = (count: number) => count + (count & 1);

export class FamilyColumns {
  readonly #columnsAt: number;
  readonly #listAt: number;
  readonly #outAt: number;
  readonly #large: Uint8Array;
  #anyLarge = false;
  readonly #memory: SweepMemory;
  readonly #sources: number;

  /** Reserves room; nothing else may be called before the memory is open. */
  constructor(memory: SweepMemory, sources: number) {
    this.#memory = memory;
    this.#sources = sources;

    this.#listAt = memory.reserve(2 * FAMILIES * 4);
    this.#outAt = memory.reserve(CHUNK * LANES);
    this.#columnsAt = memory.reserve(sources * 2 * COLUMN_BYTES);
    this.#large = new Uint8Array(sources);
  }

  /** Address of the sides of eight trials: eight bytes a bar. */
  get outAt(): number {
    return this.#outAt;
  }

  out(): Int8Array {
    return new Int8Array(this.#memory.buffer, this.#outAt, CHUNK * LANES);
  }

  /** Address of a source's signals; its equities lie one column further. */
  at(source: number): number {
    return this.#columnsAt + source * 2 * COLUMN_BYTES;
  }

  signals(source: number): Float64Array {
    return this.#memory.doubles(this.at(source), CHUNK);
  }

  equities(source: number): Float64Array {
    return this.#memory.doubles(this.at(source) + COLUMN_BYTES, CHUNK);
  }

  /** After all sources have been written over `count` bars. */
  written(count: number): void {
    const { wasm } = this.#memory;
    this.#anyLarge = false;
    for (let source = 0; source < this.#sources; source++) {
      const isLarge =
        wasm === undefined
          ? this.equities(source)
              .subarray(0, count)
              .some((equity) => equity > LARGE)
          : wasm.isLarge(this.at(source) + COLUMN_BYTES, even(count), LARGE) !== 0;
      this.#large[source] = isLarge ? 1 : 0;
      this.#anyLarge ||= isLarge;
    }
  }

  get anyLarge(): boolean {
    return this.#anyLarge;
  }

  /** Whether a trial made of these sources needs the exact way. */
  isLarge(sources: readonly number[]): boolean {
    return this.#anyLarge && sources.some((source) => this.#large[source] === 1);
  }

  /** Writes the twelve addresses of a trial's columns. */
  listAt(sources: readonly number[], list = this.#listAt): number {
    const addresses = this.#memory.integers(list, 2 * FAMILIES);
    for (const [family, source] of sources.entries()) {
      addresses[2 * family] = this.at(source);
      addresses[2 * family + 1] = this.at(source) + COLUMN_BYTES;
    }
    return list;
  }

  /** Sides of one trial in one lane of `out`, out of the signals and equities of its families. */
  sides(sources: readonly number[], count: number, long: number, short: number, lane: number): void {
    const { wasm } = this.#memory;
    if (wasm === undefined) {
      const out = this.out();
      for (let bar = 0; bar < count; bar++) {
        const average = this.average(sources, bar, long, short);
        out[bar * LANES + lane] = average > 0 ? 1 : average < 0 ? -1 : 0;
      }
      return;
    }
    const step = this.isLarge(sources) ? 'exactSides' : 'sides';
    wasm[step](this.listAt(sources), even(count), long, short, this.#outAt + lane);
  }

  /** The average signal at one bar, as assembly/atc/layers.ts has it; 0 before the cutout, where equities are NaN. */
  average(sources: readonly number[], bar: number, long: number, short: number): number {
    let votes = 0;
    let total = 0;
    for (const source of sources) {
      const signal = this.signals(source)[bar];
      const equity = this.equities(source)[bar];
      votes += (signal > long ? 1 : signal < short ? -1 : 0) * equity;
      total += equity;
    }
    const average = votes / total;
    return Number.isFinite(average) ? average : 0;
  }
}
