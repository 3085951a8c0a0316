/**
 * What lies between the families and the sides of trials. Few lengths and many trials: columns of votes, one for each
 * family and pair of cuts. Many pairs of cuts over the same families: sums beyond each cut, long and short by
 * themselves, so that a grid of 10 by 10 thresholds needs 20. Else each trial counts its own votes.
 */
import type { ResolvedAtcParameters } from '../parameters.js';
import type { FamilyPlan } from './family-plan.js';
import type { SideColumns } from './sides.js';

/** Extra columns of 16 kB each. */
const MOST_COLUMNS = 1024;

export interface VotePlan {
  readonly columns: number;
  /** Fills the extra columns of the current bars. */
  prepare(columns: SideColumns, count: number): void;
  /** Writes the sides of a trial; false where it has to be asked exactly. */
  sides(columns: SideColumns, trial: number, count: number, lane: number): boolean;
}

export function planVotes(trials: readonly ResolvedAtcParameters[], { passOf }: FamilyPlan): VotePlan | undefined {
  const sums = planSums(trials, passOf);
  if (sums.columns <= Math.min(MOST_COLUMNS, trials.length / 2)) return sums;
  const votes = planFamilyVotes(trials, passOf);
  return votes.columns <= Math.min(MOST_COLUMNS, 2 * trials.length) ? votes : undefined;
}

/** Numbers for keys, in the order in which they are first asked for. */
class Numbering<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<string, number>();

  of(key: string, item: T): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.items.length);
    this.items.push(item);
    return this.items.length - 1;
  }
}

function planFamilyVotes(trials: readonly ResolvedAtcParameters[], passOf: FamilyPlan['passOf']): VotePlan {
  const votes = new Numbering<{ pass: number; family: number; long: number; short: number }>();
  const votesOf = trials.map(({ cut: { long, short } }, trial) =>
    passOf[trial].map((pass, family) => votes.of(`${pass} ${family} ${long} ${short}`, { pass, family, long, short })),
  );
  return {
    columns: votes.items.length,
    prepare(columns, count) {
      for (const [column, { pass, family, long, short }] of votes.items.entries()) {
        columns.writeVotes(column, pass, family, count, long, short);
      }
    },
    sides(columns, trial, count, lane) {
      columns.sidesOfVotes(votesOf[trial], count, lane);
      return true;
    },
  };
}

type Sum = { passOf: readonly number[] } & ({ cut: number; isLong: boolean } | { cut?: undefined });

function planSums(trials: readonly ResolvedAtcParameters[], passOf: FamilyPlan['passOf']): VotePlan {
  const sums = new Numbering<Sum>();
  const of = trials.map(({ cut: { long, short } }, trial) => {
    const families = passOf[trial];
    const key = families.join(' ');
    return [
      sums.of(`${key} long ${long}`, { passOf: families, cut: long, isLong: true }),
      sums.of(`${key} short ${short}`, { passOf: families, cut: short, isLong: false }),
      sums.of(key, { passOf: families }),
    ];
  });
  return {
    columns: sums.items.length,
    prepare(columns, count) {
      for (const [column, sum] of sums.items.entries()) {
        if (sum.cut === undefined) columns.writeTolerance(column, sum.passOf, count);
        else columns.writeSum(column, sum.passOf, count, sum.cut, sum.isLong);
      }
    },
    sides(columns, trial, count, lane) {
      const [longs, shorts, tolerances] = of[trial];
      return columns.sidesOfSums(longs, shorts, tolerances, count, lane);
    },
  };
}
