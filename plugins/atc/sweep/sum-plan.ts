/**
 * Sides of trials that differ in their cuts: sums of the equities beyond each cut, long and short by themselves, so
 * that a grid of 10 by 10 thresholds over the same families needs 20.
 */
import { ATC_FAMILIES } from '../families.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { CHUNK, even, type FamilyColumns, LANES } from './family-columns.js';
import type { SweepMemory, SweepWasm } from './sweep-memory.js';
import { lanesOf, type VotePlan } from './vote-plan.js';

/** Of `sidesOfDifferences` in assembly/atc-sweep. */
const TRIAL_BYTES = 32;
const TERMS_BYTES = 2 * ATC_FAMILIES.length * 4;
/** Sums are floats of 32 bits; a line more than the bars, as FamilyColumns has. */
const SUM_BYTES = CHUNK * 4 + 64;

/** Trials of the same six families, and their different cuts. */
interface Families {
  readonly sources: readonly number[];
  readonly longs: number[];
  readonly shorts: number[];
}

function familiesOf(
  trials: readonly ResolvedAtcParameters[],
  sourcesOf: readonly (readonly number[])[],
): ReadonlyMap<string, Families> {
  const all = new Map<string, Families>();
  for (const [trial, { cut }] of trials.entries()) {
    const key = sourcesOf[trial].join(' ');
    const one = all.get(key) ?? { sources: sourcesOf[trial], longs: [], shorts: [] };
    all.set(key, one);
    if (!one.longs.includes(cut.long)) one.longs.push(cut.long);
    if (!one.shorts.includes(cut.short)) one.shorts.push(cut.short);
  }
  return all;
}

/** Where the parts of one set of families lie. */
interface Placed extends Families {
  readonly terms: number;
  readonly cuts: number;
  readonly above: number;
  readonly below: number;
}

export class SumPlan implements VotePlan {
  readonly #placed: ReadonlyMap<string, Placed>;
  readonly #listsAt: number;
  #wasm: SweepWasm | undefined;
  readonly #trials: readonly ResolvedAtcParameters[];
  readonly #sourcesOf: readonly (readonly number[])[];
  readonly #columns: FamilyColumns;
  readonly #memory: SweepMemory;

  /** Columns that these trials need. */
  static columns(trials: readonly ResolvedAtcParameters[], sourcesOf: readonly (readonly number[])[]): number {
    let columns = 0;
    for (const { longs, shorts } of familiesOf(trials, sourcesOf).values()) columns += longs.length + shorts.length;
    return columns;
  }

  constructor(
    trials: readonly ResolvedAtcParameters[],
    sourcesOf: readonly (readonly number[])[],
    columns: FamilyColumns,
    memory: SweepMemory,
  ) {
    this.#trials = trials;
    this.#sourcesOf = sourcesOf;
    this.#columns = columns;
    this.#memory = memory;

    this.#placed = new Map(
      [...familiesOf(trials, sourcesOf)].map(([key, families]) => {
        const { longs, shorts } = families;
        const placed = {
          ...families,
          terms: memory.reserve(TERMS_BYTES),
          cuts: memory.reserve((longs.length + shorts.length) * 8),
          above: memory.reserve(longs.length * SUM_BYTES),
          below: memory.reserve(shorts.length * SUM_BYTES),
        };
        return [key, placed];
      }),
    );
    this.#listsAt = memory.reserve(Math.ceil(trials.length / LANES) * LANES * TRIAL_BYTES);
  }

  open(wasm: SweepWasm): void {
    this.#wasm = wasm;
    for (const { sources, terms, cuts, longs, shorts } of this.#placed.values()) {
      this.#columns.listAt(sources, terms);
      this.#memory.doubles(cuts, longs.length + shorts.length).set([...longs, ...shorts]);
    }
    for (let group = 0; group * LANES < this.#trials.length; group++) {
      for (const [lane, trial] of lanesOf(group, this.#trials.length)) {
        this.#writeTrial(trial, this.#listsAt + (group * LANES + lane) * TRIAL_BYTES);
      }
    }
  }

  #writeTrial(trial: number, at: number): void {
    const { long, short } = this.#trials[trial].cut;
    const placed = this.#placed.get(this.#sourcesOf[trial].join(' ')) as Placed;
    const above = placed.above + placed.longs.indexOf(long) * SUM_BYTES;
    const below = placed.below + placed.shorts.indexOf(short) * SUM_BYTES;
    this.#memory.integers(at, 3).set([above, below, placed.terms]);
    this.#memory.doubles(at + 16, 2).set([long, short]);
  }

  prepare(count: number): void {
    for (const { terms, cuts, longs, shorts, above, below } of this.#placed.values()) {
      const shortCuts = cuts + longs.length * 8;

      this.#wasm?.sumsBeyond(terms, even(count), cuts, longs.length, above, shortCuts, shorts.length, below, SUM_BYTES);
    }
  }

  sides(group: number, count: number): void {
    const list = this.#listsAt + group * LANES * TRIAL_BYTES;
    this.#wasm?.sidesOfDifferences(list, Math.ceil(count / 4) * 4, this.#columns.outAt);
  }
}
