/** What a finished study reports: the best trial, and how much of it is luck. */

import type { EquityStatistics } from '../backtest/trading.js';
import {
  deflatedSharpe,
  expectedHighestSharpe,
  probabilisticSharpe,
  type ReturnMoments,
} from '../report/sharpe-tests.js';
import { effectiveTrials, type Overfitting, overfittingOf, sharpeOfTrials } from '../report/slices.js';
import { type Goal, merit } from './objective.js';
import { type SearchSpace, shareOf, type TrialParameters } from './space.js';
import type { TrialTable } from './trial-table.js';

/** One trial of a finished study. */
export interface RankedTrial {
  /** 0-based, in the order of the sampler. */
  readonly number: number;
  /** Hash of the history, the strategy and its version, the parameters and the costs. */
  readonly id: string;
  /** Those that apply. */
  readonly parameters: TrialParameters;
  /** Means over the symbols; null in JSON and here where there is no number. */
  readonly figures: Readonly<Record<string, number | null>>;
}

/** How far the best result may be luck. */
export interface LuckReport {
  /** Independent trials that all trials amount to. */
  readonly effectiveTrials: number;
  /** Mean correlation of the returns of two trials, slice by slice. */
  readonly meanCorrelation: number | null;
  /** Sharpe ratio of the best trial per bar, over the bars of all symbols, and the shape of its returns. */
  readonly best: ReturnMoments;
  /** Sharpe ratio per bar that the best of so many trials without skill is expected to reach. */
  readonly expectedHighestSharpe: number;
  /** Probability that the true Sharpe ratio of the best is above 0, as if it had been the only trial. */
  readonly probabilisticSharpe: number;
  /** The same against the ratio that luck would have reached: below 0.95 the best is not distinguishable from luck. */
  readonly deflatedSharpe: number;
  /** Probability of backtest overfitting. */
  readonly overfitting: Overfitting;
}

/** How the objective changes around the best trial. */
export interface Sensitivity {
  /** Nearest trials that were looked at. */
  readonly neighbours: number;
  /** Median of the objective there. */
  readonly median: number | null;
  /** Worst value there. */
  readonly worst: number | null;
}

/** What the best trial made of the rows that no trial saw. */
export interface HoldoutReport {
  /** Share of the rows. */
  readonly share: number;
  /** Means over the symbols. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** Means over the symbols. */
  readonly buyAndHold: EquityStatistics;
}

/** Everything that is reported of a finished study; plain data. */
export interface SweepReport {
  /** All of the study. */
  readonly trials: number;
  /** By the first objective. */
  readonly best: RankedTrial;
  /**
   * Numbers of the trials that no other beats in every objective; with one objective those that share the best value.
   */
  readonly front: readonly number[];
  /** How the first objective changes around the best. */
  readonly sensitivity: Sensitivity;
  /** Of one long position over the rows that trials saw; means over the symbols. */
  readonly buyAndHold: EquityStatistics;
  /** Absent without slices, and for a single trial. */
  readonly luck?: LuckReport;
  /** Absent without a holdout. */
  readonly holdout?: HoldoutReport;
}

/** Trials that CSCV compares at most: evenly spaced ones beyond, the best among them. */
const MOST_COMPARED = 2000;

export function luckOf(
  table: TrialTable,
  sliceCount: number,
  best: number,
  momentsOfBest: () => ReturnMoments,
): LuckReport | undefined {
  const trials = table.parameters.length;
  if (sliceCount < 2 || trials < 2) return undefined;
  const sharpes = sharpeOfTrials(table.slices, sliceCount).filter((value) => !Number.isNaN(value));
  const mean = sharpes.reduce((sum, value) => sum + value, 0) / sharpes.length;
  const variance =
    sharpes.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / Math.max(1, sharpes.length - 1);
  const { trials: effective, correlation } = effectiveTrials(table.slices, sliceCount);
  const moments = momentsOfBest();
  return {
    effectiveTrials: effective,
    meanCorrelation: Number.isNaN(correlation) ? null : correlation,
    best: moments,
    expectedHighestSharpe: expectedHighestSharpe(effective, variance),
    probabilisticSharpe: probabilisticSharpe(moments, 0),
    deflatedSharpe: deflatedSharpe(moments, effective, variance),
    overfitting: overfittingOf(comparedSlices(table, sliceCount, best), sliceCount),
  };
}

function comparedSlices({ slices, parameters }: TrialTable, sliceCount: number, best: number): Float64Array {
  const trials = parameters.length;
  if (trials <= MOST_COMPARED) return slices;
  const width = sliceCount * 3;
  const chosen = new Set(
    Array.from({ length: MOST_COMPARED - 1 }, (_, k) => Math.floor((k * trials) / (MOST_COMPARED - 1))),
  );
  chosen.add(best);
  const some = new Float64Array(chosen.size * width);
  for (const [k, trial] of [...chosen].sort((a, b) => a - b).entries()) {
    some.set(slices.subarray(trial * width, (trial + 1) * width), k * width);
  }
  return some;
}

/** The trial with the highest merit; of equal ones the first. */
export function bestOf(goal: Goal, values: Float64Array): number {
  let best = 0;
  for (let trial = 1; trial < values.length; trial++) {
    if (merit(goal, values[trial]) > merit(goal, values[best])) best = trial;
  }
  return best;
}

/** Of the nearest trials, two for each parameter, by the distance in shares of the space. */
export function sensitivityOf(
  space: SearchSpace,
  table: TrialTable,
  goal: Goal,
  values: Float64Array,
  best: number,
): Sensitivity {
  const names = Object.keys(space);
  const centre = table.parameters[best];
  const distances = table.parameters.map((parameters, trial) => {
    let sum = 0;
    for (const name of names) {
      const [a, b] = [centre[name], parameters[name]];
      if (a === b) continue;
      const isFar = a === undefined || b === undefined || space[name].type === 'categorical';
      const distance = isFar ? 1 : shareOf(space[name], a) - shareOf(space[name], b);
      sum += distance * distance;
    }
    return { trial, distance: sum };
  });
  const near = distances
    .filter(({ trial, distance }) => trial !== best && distance > 0)
    .sort((a, b) => a.distance - b.distance || a.trial - b.trial)
    .slice(0, 2 * names.length)
    .map(({ trial }) => merit(goal, values[trial]))
    .sort((a, b) => a - b);
  const real = (value: number | undefined) =>
    value === undefined || !Number.isFinite(value) ? null : goal.sign * value;
  return { neighbours: near.length, median: real(near[Math.floor(near.length / 2)]), worst: real(near[0]) };
}

/** `null` for what is not a number, as in JSON. */
export function plainFigures(figures: Readonly<Record<string, number>>): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );
}
