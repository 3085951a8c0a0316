/**
 * Which parts of the strategy trials have in common. A family's signals and its equity depend on its own length and
 * weight and on what all families share; the last bits of a Kaufman average also on how far the running sums reach
 * back. One pass of the kernel computes six families, each for any trial that needs it; Kaufman families that are left
 * over get passes of their own, two at a time.
 */
import { ATC_FAMILIES, type AtcFamily, longestLength, minimumBaseLength } from '../families.js';
import { historyOf } from '../kernel/state.js';
import { baseLength, familyWeight, type ResolvedAtcParameters } from '../parameters.js';

export interface KernelPass {
  readonly parameters: ResolvedAtcParameters;
  readonly history: number;
}

/** One or two Kaufman families, with what all families share the same in both. */
export interface AdaptivePass {
  readonly parameters: readonly ResolvedAtcParameters[];
  readonly history: number;
}

export interface FamilyPlan {
  readonly passes: readonly KernelPass[];
  readonly adaptive: readonly AdaptivePass[];
  /**
   * For each trial, in the order of ATC_FAMILIES: the number of the source of its family. Pass p computes sources 6 · p
   * to 6 · p + 5; adaptive passes the two each after those.
   */
  readonly sourcesOf: readonly (readonly number[])[];
}

interface FamilyNeed {
  readonly length: number;
  readonly weight: number;
  /** What a pass must reach back: at least, but exactly for Kaufman averages. */
  readonly history: number;
}

const FAMILIES = ATC_FAMILIES.length;

/** What all six families of a pass have in common. */
export function sharedKey({ robustness, lambda, decay, cutout }: ResolvedAtcParameters): string {
  return JSON.stringify([robustness, lambda, decay, cutout]);
}

export function sourceCount({ passes, adaptive }: FamilyPlan): number {
  return passes.length * FAMILIES + 2 * adaptive.length;
}

function needOf(parameters: ResolvedAtcParameters, family: AtcFamily, rootRoom: number): FamilyNeed {
  const length = baseLength(parameters, family);
  const history =
    family === 'kama' ? historyOf(parameters) : longestLength(length, parameters.robustness) + rootRoom + 1;
  return { length, weight: familyWeight(parameters, family), history };
}

const keyOf = (family: AtcFamily, { length, weight, history }: FamilyNeed) =>
  family === 'kama' ? `kama ${length} ${weight} ${history}` : `${family} ${length} ${weight}`;

interface Group {
  readonly members: readonly number[];
  /** Families of each kernel pass of the group. */
  readonly passes: readonly Readonly<Partial<Record<AtcFamily, FamilyNeed>>>[];
  /** Kaufman families of each adaptive pass. */
  readonly adaptive: readonly (readonly FamilyNeed[])[];
  readonly rootRoom: number;
}

/** Trials must not differ in what is applied after the families but in thresholds and cuts. */
export function planFamilies(trials: readonly ResolvedAtcParameters[]): FamilyPlan {
  const byKey = new Map<string, number[]>();
  for (const [index, parameters] of trials.entries()) {
    const key = sharedKey(parameters);
    const members = byKey.get(key);
    if (members === undefined) byKey.set(key, [index]);
    else members.push(index);
  }
  const groups = [...byKey.values()].map((members) => planGroup(trials, members));
  const passes: KernelPass[] = [];
  const adaptive: AdaptivePass[] = [];
  const sourcesOf: number[][] = new Array(trials.length);
  const sources = groups.map(() => new Map<string, number>());
  for (const [g, group] of groups.entries()) {
    const sample = trials[group.members[0]];
    for (const needs of group.passes) {
      for (const [k, family] of ATC_FAMILIES.entries()) {
        const need = needs[family];
        if (need !== undefined) sources[g].set(keyOf(family, need), passes.length * FAMILIES + k);
      }
      passes.push(kernelPass(sample, needs));
    }
  }
  for (const [g, group] of groups.entries()) {
    const sample = trials[group.members[0]];
    for (const needs of group.adaptive) {
      const first = passes.length * FAMILIES + 2 * adaptive.length;
      for (const [lane, need] of needs.entries()) sources[g].set(keyOf('kama', need), first + lane);
      adaptive.push({
        parameters: needs.map((kama) => kernelPass(sample, { kama }).parameters),
        history: needs[0].history,
      });
    }
    for (const index of group.members) {
      sourcesOf[index] = ATC_FAMILIES.map(
        (family) => sources[g].get(keyOf(family, needOf(trials[index], family, group.rootRoom))) as number,
      );
    }
  }
  return { passes, adaptive, sourcesOf };
}

/** Families that nobody needs run at their shortest. */
function kernelPass(
  sample: ResolvedAtcParameters,
  needs: Readonly<Partial<Record<AtcFamily, FamilyNeed>>>,
): KernelPass {
  const values: Record<string, unknown> = { ...sample };
  for (const family of ATC_FAMILIES) {
    values[`${family}Length`] = needs[family]?.length ?? minimumBaseLength(family, sample.robustness);
    values[`${family}Weight`] = needs[family]?.weight ?? 1;
  }
  const parameters = values as unknown as ResolvedAtcParameters;
  return { parameters, history: Math.max(historyOf(parameters), needs.kama?.history ?? 0) };
}

function planGroup(trials: readonly ResolvedAtcParameters[], members: readonly number[]): Group {
  const { robustness } = trials[members[0]];
  const longestHull = Math.max(...members.map((index) => longestLength(trials[index].hmaLength, robustness)));
  const rootRoom = Math.floor(Math.sqrt(longestHull));
  const needs = Object.fromEntries(
    ATC_FAMILIES.map((family) => {
      const known = new Map<string, FamilyNeed>();
      for (const index of members) {
        const need = needOf(trials[index], family, rootRoom);
        known.set(keyOf(family, need), need);
      }
      // The longest first: passes that reach far take the families that need it.
      const sorted = [...known.values()].sort(
        (a, b) => b.history - a.history || b.length - a.length || b.weight - a.weight,
      );
      return [family, sorted];
    }),
  ) as unknown as Readonly<Record<AtcFamily, readonly FamilyNeed[]>>;
  const others = ATC_FAMILIES.filter((family) => family !== 'kama');
  const count = Math.max(...others.map((family) => needs[family].length));
  const passes = Array.from({ length: count }, (_, k): Partial<Record<AtcFamily, FamilyNeed>> => {
    const taken = others.flatMap((family) => (k < needs[family].length ? [[family, needs[family][k]]] : []));
    return Object.fromEntries(taken);
  });
  // A pass has room for one Kaufman family that reaches back at least as far as its others: then it reaches just there.
  let next = 0;
  for (const pass of passes) {
    if (next === needs.kama.length) break;
    const least = Math.max(...Object.values(pass).map(({ history }) => history));
    if (needs.kama[next].history < least) continue;
    pass.kama = needs.kama[next];
    next += 1;
  }
  const adaptive: FamilyNeed[][] = [];
  for (const need of needs.kama.slice(next)) {
    const last = adaptive.at(-1);
    if (last?.length === 1 && last[0].history === need.history) last.push(need);
    else adaptive.push([need]);
  }
  return { members, passes, adaptive, rootRoom };
}
