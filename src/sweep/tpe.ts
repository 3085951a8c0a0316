/**
 * Tree-structured Parzen estimator (J. Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NIPS 2011), one
 * parameter at a time: trials are split into the better ones and the rest, both are smoothed into densities, and of
 * some draws from the better density the one with the highest ratio of the two is taken.
 */
import { exponential } from '../backtest/deterministic-math.js';
import type { TrialParameters } from './space.js';
import {
  applies,
  type Distribution,
  levelsOf,
  type ParameterValue,
  type SearchSpace,
  shareOf,
  valueAt,
} from './space.js';

/** A finished trial as the estimator sees it: smaller is better. */
export interface ScoredTrial {
  readonly parameters: TrialParameters;
  readonly loss: number;
}

/** Trials drawn at random before the estimator starts. */
export const STARTUP_TRIALS = 10;
const CANDIDATES = 24;
/** At most so many trials count as good: the density stays narrow in long studies. */
const MOST_GOOD = 25;

/** Trials with the lowest loss, and the others; NaN is worst. */
function split(trials: readonly ScoredTrial[]): [ScoredTrial[], ScoredTrial[]] {
  const rank = ({ loss }: ScoredTrial) => (Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss);
  const sorted = trials
    .map((trial, index) => ({ trial, index }))
    .sort((a, b) => (rank(a.trial) < rank(b.trial) ? -1 : rank(a.trial) > rank(b.trial) ? 1 : a.index - b.index))
    .map(({ trial }) => trial);
  const good = Math.max(1, Math.min(MOST_GOOD, Math.ceil(0.1 * sorted.length)));
  return [sorted.slice(0, good), sorted.slice(good)];
}

/** Proposes parameters, given what is finished; `random` gives numbers in [0, 1). */
export function proposeTpe(
  space: SearchSpace,
  finished: readonly ScoredTrial[],
  random: () => number,
): TrialParameters {
  const [good, rest] = split(finished);
  const parameters: Record<string, ParameterValue> = {};
  for (const [name, distribution] of Object.entries(space)) {
    if (!applies(distribution, parameters)) continue;
    const seen = (trials: readonly ScoredTrial[]) =>
      trials.flatMap((trial) => (name in trial.parameters ? [trial.parameters[name]] : []));
    parameters[name] = proposeOne(distribution, seen(good), seen(rest), random);
  }
  return parameters;
}

function proposeOne(
  distribution: Distribution,
  good: readonly ParameterValue[],
  rest: readonly ParameterValue[],
  random: () => number,
): ParameterValue {
  if (good.length === 0) return valueAt(distribution, random());
  if (distribution.type === 'categorical') return proposeCategory(distribution.values, good, rest, random);
  const below = new Parzen(
    good.map((value) => shareOf(distribution, value)),
    levelsOf(distribution),
  );
  const above = new Parzen(
    rest.map((value) => shareOf(distribution, value)),
    levelsOf(distribution),
  );
  let best = 0.5;
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < CANDIDATES; k++) {
    const u = below.draw(random);
    const gain = below.density(u) / above.density(u);
    if (gain <= highest) continue;
    highest = gain;
    best = u;
  }
  return valueAt(distribution, best);
}

function proposeCategory(
  values: readonly ParameterValue[],
  good: readonly ParameterValue[],
  rest: readonly ParameterValue[],
  random: () => number,
): ParameterValue {
  // Counts with one more in all, spread over the categories.
  const weights = (seen: readonly ParameterValue[]) =>
    values.map((value) => (seen.filter((one) => one === value).length + 1 / values.length) / (seen.length + 1));
  const [below, above] = [weights(good), weights(rest)];
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < CANDIDATES; k++) {
    let index = 0;
    for (let left = random(); index < values.length - 1 && left >= below[index]; index++) left -= below[index];
    const gain = below[index] / above[index];
    if (gain <= highest) continue;
    highest = gain;
    best = index;
  }
  return values[best];
}

/** Normal kernels at the points seen, and one flat one over everything; on [0, 1). */
class Parzen {
  readonly #means: readonly number[];
  readonly #widths: readonly number[];

  constructor(points: readonly number[], levels: number) {
    const sorted = [...points].sort((a, b) => a - b);
    this.#means = sorted;
    const narrowest = Math.max(1 / (1 + Math.min(100, sorted.length)) / 2, Number.isFinite(levels) ? 0.5 / levels : 0);
    // As wide as the larger gap to a neighbour.
    this.#widths = sorted.map((mean, k) => {
      const left = mean - (sorted[k - 1] ?? 0);
      const right = (sorted[k + 1] ?? 1) - mean;
      return Math.min(1, Math.max(narrowest, left, right));
    });
  }

  draw(random: () => number): number {
    const pick = Math.floor(random() * (this.#means.length + 1));
    if (pick === this.#means.length) return random();
    for (let attempt = 0; attempt < 20; attempt++) {
      const u = this.#means[pick] + this.#widths[pick] * normalDraw(random);
      if (u >= 0 && u < 1) return u;
    }
    return this.#means[pick];
  }

  density(u: number): number {
    let sum = 1;
    for (let k = 0; k < this.#means.length; k++) {
      const z = (u - this.#means[k]) / this.#widths[k];
      // Beyond that a kernel adds nothing that a double would show.
      if (z * z < 80) sum += exponential(-0.5 * z * z) / (this.#widths[k] * 2.5066282746310002);
    }
    return sum / (this.#means.length + 1);
  }
}

/** A standard normal number: the sum of twelve uniform ones, without a logarithm whose bits could differ. */
function normalDraw(random: () => number): number {
  let sum = -6;
  for (let k = 0; k < 12; k++) sum += random();
  return sum;
}
