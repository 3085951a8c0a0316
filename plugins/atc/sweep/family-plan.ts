/**
 * Which parts of the strategy trials have in common. A family's signals and its equity depend on its own length and
 * weight and on what all families share; the last bits of a Kaufman average also on how far the running sums reach
 * back. One pass of the kernel computes six families, each for any trial that needs it.
 */
import { ATC_FAMILIES, type AtcFamily, longestLength, minimumBaseLength } from '../families.js';
import { historyOf } from '../kernel/state.js';
import { baseLength, familyWeight, type ResolvedAtcParameters } from '../parameters.js';

export interface KernelPass {
  readonly parameters: ResolvedAtcParameters;
  readonly history: number;
}

export interface FamilyPlan {
  readonly passes: readonly KernelPass[];
  /** For each trial, in the order of ATC_FAMILIES: the number of the pass that computes its family. */
  readonly passOf: readonly (readonly number[])[];
}

interface FamilyNeed {
  readonly length: number;
  readonly weight: number;
  /** What a pass must reach back at least. */
  readonly history: number;
}

/** What all six families of a pass have in common. */
function sharedKey({ robustness, lambda, decay, cutout }: ResolvedAtcParameters): string {
  return JSON.stringify([robustness, lambda, decay, cutout]);
}

function needOf(parameters: ResolvedAtcParameters, family: AtcFamily, rootRoom: number): FamilyNeed {
  const length = baseLength(parameters, family);
  const history =
    family === 'kama' ? historyOf(parameters) : longestLength(length, parameters.robustness) + rootRoom + 1;
  return { length, weight: familyWeight(parameters, family), history };
}

const keyOf = (family: AtcFamily, { length, weight, history }: FamilyNeed) =>
  family === 'kama' ? `${length} ${weight} ${history}` : `${length} ${weight}`;

/** Trials must not differ in what is applied after the families but in thresholds and cuts. */
export function planFamilies(trials: readonly ResolvedAtcParameters[]): FamilyPlan {
  const passes: KernelPass[] = [];
  const passOf: number[][] = trials.map(() => []);
  const groups = new Map<string, number[]>();
  for (const [index, parameters] of trials.entries()) {
    const key = sharedKey(parameters);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  for (const members of groups.values()) planGroup(trials, members, passes, passOf);
  return { passes, passOf };
}

function planGroup(
  trials: readonly ResolvedAtcParameters[],
  members: readonly number[],
  passes: KernelPass[],
  passOf: number[][],
): void {
  const sample = trials[members[0]];
  const { robustness } = sample;
  const longestHull = Math.max(...members.map((index) => longestLength(trials[index].hmaLength, robustness)));
  const rootRoom = Math.floor(Math.sqrt(longestHull));
  const needs = ATC_FAMILIES.map((family) => {
    const known = new Map<string, FamilyNeed>();
    for (const index of members) {
      const need = needOf(trials[index], family, rootRoom);
      known.set(keyOf(family, need), need);
    }
    // The longest first: passes that reach far take the families that need it.
    return [...known.values()].sort((a, b) => b.history - a.history || b.length - a.length || b.weight - a.weight);
  });
  // A pass of Kaufman averages reaches back as far as its trials do; the other families fit into any that reach far
  // enough.
  const kama = needs[ATC_FAMILIES.indexOf('kama')];
  const others = needs.filter((_, k) => ATC_FAMILIES[k] !== 'kama');
  const count = Math.max(kama.length, ...others.map((list) => list.length));
  const first = passes.length;
  const placed = new Map<string, number>();
  const taken: Record<string, FamilyNeed>[] = Array.from({ length: count }, () => ({}));
  for (const [k, need] of kama.entries()) taken[k].kama = need;
  for (const [k, family] of ATC_FAMILIES.entries()) {
    if (family === 'kama') continue;
    let next = 0;
    for (const need of needs[k]) {
      while (next < taken.length && taken[next].kama !== undefined && taken[next].kama.history < need.history)
        next += 1;
      if (next === taken.length) taken.push({});
      taken[next][family] = need;
      next += 1;
    }
  }
  for (const [k, families] of taken.entries()) {
    const values: Record<string, unknown> = { ...sample };
    for (const family of ATC_FAMILIES) {
      const need = families[family];
      values[`${family}Length`] = need?.length ?? minimumBaseLength(family, robustness);
      values[`${family}Weight`] = need?.weight ?? 1;
      if (need !== undefined) placed.set(`${family} ${keyOf(family, need)}`, first + k);
    }
    const parameters = values as unknown as ResolvedAtcParameters;
    passes.push({ parameters, history: Math.max(historyOf(parameters), families.kama?.history ?? 0) });
  }
  for (const index of members) {
    passOf[index] = ATC_FAMILIES.map((family) => {
      const need = needOf(trials[index], family, rootRoom);
      return placed.get(`${family} ${keyOf(family, need)}`) as number;
    });
  }
}
