/** Which way from families to sides is the shortest for some trials. */
import type { ResolvedAtcParameters } from '../parameters.js';
import type { FamilyColumns } from './family-columns.js';
import { SumPlan } from './sum-plan.js';
import type { SweepMemory } from './sweep-memory.js';
import { FamilyVotePlan, type VotePlan } from './vote-plan.js';

/** Extra columns of 16 kB each. */
const MOST_COLUMNS = 2048;

/** Undefined where trials have so little in common that each had better count its own votes. */
export function chooseVotes(
  trials: readonly ResolvedAtcParameters[],
  sourcesOf: readonly (readonly number[])[],
  columns: FamilyColumns,
  memory: SweepMemory,
): VotePlan | undefined {
  if (SumPlan.columns(trials, sourcesOf) <= Math.min(MOST_COLUMNS, trials.length / 2)) {
    return new SumPlan(trials, sourcesOf, columns, memory);
  }
  const most = Math.min(MOST_COLUMNS, 2 * trials.length);
  if (FamilyVotePlan.columns(trials, sourcesOf) > most) return undefined;
  return new FamilyVotePlan(trials, sourcesOf, columns, memory);
}
