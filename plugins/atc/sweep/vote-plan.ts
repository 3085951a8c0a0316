/**
 * What lies between the families and the sides of trials, eight trials at a time. Few lengths and many trials: columns
 * of votes, one for each family and pair of cuts, summed up for each trial.
 */
import { ATC_FAMILIES } from '../families.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { COLUMN_BYTES, even, type FamilyColumns, LANES } from './family-columns.js';
import type { SweepMemory, SweepWasm } from './sweep-memory.js';

const FAMILIES = ATC_FAMILIES.length;

export interface VotePlan {
  /** Once the memory is open: writes down which columns belong to which trial. */
  open(wasm: SweepWasm): void;
  /** Fills the extra columns of the current bars. */
  prepare(count: number): void;
  /** Writes the sides of eight trials, as long as no equity of theirs is large. */
  sides(group: number, count: number): void;
}

/** The trials of a group; lanes without one repeat the last: their accounts are never looked at. */
export function* lanesOf(group: number, trials: number): Generator<readonly [lane: number, trial: number]> {
  for (let lane = 0; lane < LANES; lane++) yield [lane, Math.min(group * LANES + lane, trials - 1)];
}

/** Different things, numbered in the order in which they are first asked for; `of` has those of each trial. */
interface Numbered<T> {
  readonly items: readonly T[];
  readonly of: readonly (readonly number[])[];
}

function numbered<T>(keyed: readonly (readonly (readonly [key: string, item: T])[])[]): Numbered<T> {
  const items: T[] = [];
  const numbers = new Map<string, number>();
  const of = keyed.map((list) =>
    list.map(([key, item]) => {
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, items.length);
      items.push(item);
      return items.length - 1;
    }),
  );
  return { items, of };
}

interface Vote {
  readonly source: number;
  readonly long: number;
  readonly short: number;
}

function numberVotes(
  trials: readonly ResolvedAtcParameters[],
  sourcesOf: readonly (readonly number[])[],
): Numbered<Vote> {
  return numbered(
    trials.map(({ cut: { long, short } }, trial) =>
      sourcesOf[trial].map((source): [string, Vote] => [`${source} ${long} ${short}`, { source, long, short }]),
    ),
  );
}

/** Prefixes of a group that are worth a column of their own. */
const MOST_PREFIXES = 4;

export class FamilyVotePlan implements VotePlan {
  readonly #columnsAt: number;
  readonly #prefixesAt: number;
  readonly #listsAt: number;
  /** For each group the lists of votes whose sums trials have in common; empty where trials sum all six themselves. */
  readonly #prefixes: readonly (readonly number[])[];
  #wasm: SweepWasm | undefined;
  readonly #votes: Numbered<Vote>;
  readonly #columns: FamilyColumns;
  readonly #memory: SweepMemory;

  /** Columns that these trials need. */
  static columns(trials: readonly ResolvedAtcParameters[], sourcesOf: readonly (readonly number[])[]): number {
    return numberVotes(trials, sourcesOf).items.length;
  }

  constructor(
    trials: readonly ResolvedAtcParameters[],
    sourcesOf: readonly (readonly number[])[],
    columns: FamilyColumns,
    memory: SweepMemory,
  ) {
    const votes = numberVotes(trials, sourcesOf);
    this.#votes = votes;
    this.#columns = columns;
    this.#memory = memory;

    this.#columnsAt = memory.reserve(votes.items.length * COLUMN_BYTES);
    this.#prefixesAt = memory.reserve(MOST_PREFIXES * COLUMN_BYTES);
    const groups = Math.ceil(votes.of.length / LANES);
    this.#listsAt = memory.reserve(groups * LANES * FAMILIES * 4);
    this.#prefixes = Array.from({ length: groups }, (_, group) => this.#prefixesOf(group));
  }

  /** First trials with each different prefix of a group. */
  #prefixesOf(group: number): number[] {
    const first = new Map<string, number>();
    for (const [, trial] of lanesOf(group, this.#votes.of.length)) {
      const key = this.#prefixOf(trial);
      if (!first.has(key)) first.set(key, trial);
    }
    return first.size > MOST_PREFIXES ? [] : [...first.values()];
  }

  #prefixOf(trial: number): string {
    return this.#votes.of[trial].slice(0, FAMILIES - 1).join(' ');
  }

  #listAt(group: number): number {
    return this.#listsAt + group * LANES * FAMILIES * 4;
  }

  open(wasm: SweepWasm): void {
    this.#wasm = wasm;
    const { of } = this.#votes;
    for (const [group, prefixes] of this.#prefixes.entries()) {
      const list = this.#memory.integers(this.#listAt(group), LANES * FAMILIES);
      const known = prefixes.map((trial) => this.#prefixOf(trial));
      for (const [lane, trial] of lanesOf(group, of.length)) {
        const addresses = of[trial].map((column) => this.#columnsAt + column * COLUMN_BYTES);
        if (prefixes.length === 0) list.set(addresses, lane * FAMILIES);
        else {
          list[2 * lane] = this.#prefixesAt + known.indexOf(this.#prefixOf(trial)) * COLUMN_BYTES;
          list[2 * lane + 1] = addresses[FAMILIES - 1];
        }
      }
      // Behind the pairs, where there are any: the five columns of each prefix.
      for (const [k, trial] of prefixes.entries()) {
        const five = of[trial].slice(0, FAMILIES - 1).map((column) => this.#columnsAt + column * COLUMN_BYTES);
        list.set(five, 2 * LANES + k * (FAMILIES - 1));
      }
    }
  }

  prepare(count: number): void {
    for (const [column, { source, long, short }] of this.#votes.items.entries()) {
      const signals = this.#columns.at(source);
      const out = this.#columnsAt + column * COLUMN_BYTES;
      this.#wasm?.votes(signals, signals + COLUMN_BYTES, even(count), long, short, out);
    }
  }

  sides(group: number, count: number): void {
    const list = this.#listAt(group);
    const prefixes = this.#prefixes[group].length;
    for (let k = 0; k < prefixes; k++) {
      const five = list + (2 * LANES + k * (FAMILIES - 1)) * 4;
      this.#wasm?.sumOfFive(five, even(count), this.#prefixesAt + k * COLUMN_BYTES);
    }
    if (prefixes === 0) this.#wasm?.sidesOfSixes(list, even(count), this.#columns.outAt);
    else this.#wasm?.sidesOfPairs(list, even(count), this.#columns.outAt);
  }
}
