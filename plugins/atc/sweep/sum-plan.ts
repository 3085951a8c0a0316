/**
 * Sides of trials that differ in their cuts: sums of the equities beyond each cut, long and short by themselves, so
 * that a grid of 10 by 10 thresholds over the same families needs 20.
 */
import { ATC_FAMILIES } from '../families.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { COLUMN_BYTES, even, type FamilyColumns, LANES } from './family-columns.js';
import type { SweepMemory, SweepWasm } from './sweep-memory.js';
import { lanesOf, type VotePlan } from './vote-plan.js';

/** Share of all equities: sums in different orders of six numbers differ by less than a sixth of it. */
const ROUNDING = 1e-14;
/** Of `sidesOfDifferences` in assembly/atc-sweep. */
const TRIAL_BYTES = 32;
const TERMS_BYTES = 2 * ATC_FAMILIES.length * 4;

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
  readonly tolerances: number;
  readonly above: number;
  readonly below: number;
}

export class SumPlan implements VotePlan {
  readonly #placed: ReadonlyMap<string, Placed>;
  readonly #listsAt: number;
  /** The largest tolerance of all trials: what is nearer is looked at by itself. */
  readonly #toleranceAt: number;
  #wasm: SweepWasm | undefined;
  readonly #trials: readonly ResolvedAtcParameters[];
  readonly #sourcesOf: readonly (readonly number[])[];
  readonly #columns: FamilyColumns;
  readonly #memory: SweepMemory;

  /** Columns that these trials need. */
  static columns(trials: readonly ResolvedAtcParameters[], sourcesOf: readonly (readonly number[])[]): number {
    let columns = 0;
    for (const { longs, shorts } of familiesOf(trials, sourcesOf).values()) columns += longs.length + shorts.length + 1;
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
          tolerances: memory.reserve(COLUMN_BYTES),
          above: memory.reserve(longs.length * COLUMN_BYTES),
          below: memory.reserve(shorts.length * COLUMN_BYTES),
        };
        return [key, placed];
      }),
    );
    this.#toleranceAt = memory.reserve(COLUMN_BYTES);
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
    const above = placed.above + placed.longs.indexOf(long) * COLUMN_BYTES;
    const below = placed.below + placed.shorts.indexOf(short) * COLUMN_BYTES;
    this.#memory.integers(at, 4).set([above, below, placed.tolerances, placed.terms]);
    this.#memory.doubles(at + 16, 2).set([long, short]);
  }

  prepare(count: number): void {
    const bars = even(count);
    this.#memory.doubles(this.#toleranceAt, bars).fill(0);
    for (const { terms, cuts, longs, shorts, tolerances, above, below } of this.#placed.values()) {
      this.#wasm?.tolerance(terms, bars, ROUNDING, tolerances);
      this.#wasm?.largerTolerance(this.#toleranceAt, tolerances, bars);
      this.#wasm?.sumsAbove(terms, bars, cuts, longs.length, above, COLUMN_BYTES);
      this.#wasm?.sumsBelow(terms, bars, cuts + longs.length * 8, shorts.length, below, COLUMN_BYTES);
    }
  }

  sides(group: number, count: number): void {
    const list = this.#listsAt + group * LANES * TRIAL_BYTES;
    this.#wasm?.sidesOfDifferences(list, even(count), this.#toleranceAt, this.#columns.outAt);
  }
}
