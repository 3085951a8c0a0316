/** Which trials are given up before they are done: those below the median of what others had at the same step. */
import { AtcError } from '../errors.js';

/**
 * The median rule: a trial is hopeless when the best it has shown so far is worse than the median of earlier trials.
 */
export interface MedianPruner {
  /** Kind of pruner. */
  readonly type: 'median';
  /** Complete trials before any is pruned. Default 5. */
  readonly startupTrials?: number;
  /** Steps of a trial before it can be pruned. Default 0. */
  readonly warmupSteps?: number;
}

/** Default: none. `'median'` is `{ type: 'median' }`. */
export type Pruner = 'median' | MedianPruner;

/** Step and value, in the order in which a trial reported them; larger is better. */
export type Reported = readonly (readonly [step: number, value: number])[];

export interface PruneRule {
  readonly startupTrials: number;
  readonly warmupSteps: number;
}

/** @throws AtcError ARGUMENT for what is no pruner. */
export function pruneRule(pruner: Pruner | undefined): PruneRule | undefined {
  if (pruner === undefined) return undefined;
  const { type, startupTrials = 5, warmupSteps = 0 } = pruner === 'median' ? { type: 'median' } : (pruner ?? {});
  const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (type !== 'median' || !isWhole(startupTrials) || !isWhole(warmupSteps)) {
    throw new AtcError(
      'ARGUMENT',
      "pruner must be 'median' or { type: 'median', startupTrials, warmupSteps }, both whole numbers from 0",
      { key: 'pruner' },
    );
  }
  return { startupTrials, warmupSteps };
}

/** Whether a trial that has reported `own` is below the median of the complete trials at its last step. */
export function isHopeless(rule: PruneRule, own: Reported, complete: readonly Reported[]): boolean {
  const last = own.at(-1);
  if (last === undefined || complete.length < rule.startupTrials) return false;
  const [step] = last;
  if (step < rule.warmupSteps) return false;
  const others = complete.flatMap((reported) => {
    const at = reported.find(([other]) => other === step);
    return at === undefined || Number.isNaN(at[1]) ? [] : [at[1]];
  });
  if (others.length === 0) return false;
  const known = own.map(([, value]) => value).filter((value) => !Number.isNaN(value));
  // A trial that never had a number is as bad as can be.
  return known.length === 0 || Math.max(...known) < medianOf(others);
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
