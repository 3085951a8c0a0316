/**
 * What the returns of trials, summed over equal slices of the history, show about overfitting. `slices` has count, sum
 * and sum of squares of the returns, three numbers a slice, all slices of a trial in a row.
 */
import { naturalLog } from '../backtest/deterministic-math.js';

/** Mean over standard deviation (n - 1); NaN without variation. */
export function sharpeOfSums(count: number, sum: number, squares: number): number {
  const mean = sum / count;
  const variance = (squares - count * mean * mean) / (count - 1);
  // Rounding leaves a hair of the squares where there is no variation at all.
  return variance > 1e-14 * (squares / count) && count > 1 ? mean / Math.sqrt(variance) : Number.NaN;
}

/** The Sharpe ratio of every trial over all its slices, per return. */
export function sharpeOfTrials(slices: Float64Array, sliceCount: number): Float64Array {
  const width = sliceCount * 3;
  return Float64Array.from({ length: slices.length / width }, (_, trial) => {
    const total = [0, 0, 0];
    for (let k = 0; k < width; k++) total[k % 3] += slices[trial * width + k];
    return sharpeOfSums(total[0], total[1], total[2]);
  });
}

/**
 * How many independent trials as many correlated ones amount to: ρ + (1 - ρ) · n with the mean correlation ρ of their
 * returns slice by slice (Bailey and López de Prado 2014, appendix A.3). A negative mean correlation counts as 0.
 */
export function effectiveTrials(slices: Float64Array, sliceCount: number): { trials: number; correlation: number } {
  const width = sliceCount * 3;
  // The sum of all correlations is the squared length of the sum of all standardised series.
  const sums = new Float64Array(sliceCount);
  let varied = 0;
  const series = new Float64Array(sliceCount);
  const count = slices.length / width;
  for (let trial = 0; trial < count; trial++) {
    let mean = 0;
    for (let k = 0; k < sliceCount; k++) {
      const at = trial * width + 3 * k;
      series[k] = slices[at] > 0 ? slices[at + 1] / slices[at] : 0;
      mean += series[k] / sliceCount;
    }
    let scatter = 0;
    for (let k = 0; k < sliceCount; k++) scatter += (series[k] - mean) * (series[k] - mean);
    if (!(scatter > 0)) continue;
    varied += 1;
    const scale = 1 / Math.sqrt(scatter);
    for (let k = 0; k < sliceCount; k++) sums[k] += (series[k] - mean) * scale;
  }
  if (varied < 2) return { trials: Math.max(1, varied), correlation: Number.NaN };
  const all = sums.reduce((sum, value) => sum + value * value, 0);
  const correlation = (all - varied) / (varied * (varied - 1));
  const rho = Math.min(1, Math.max(0, correlation));
  return { trials: rho + (1 - rho) * varied, correlation };
}

/** Outcome of combinatorially symmetric cross-validation. */
export interface Overfitting {
  /**
   * Probability of backtest overfitting: how often the best in one half of the slices is below the median in the other.
   */
  readonly probability: number;
  /** Ways to halve the slices. */
  readonly combinations: number;
  /** Trials that were compared. */
  readonly trials: number;
  /** Mean logit of the relative rank in the other half; above 0 is better than the median. */
  readonly meanLogit: number;
}

/**
 * Probability of backtest overfitting by CSCV (D. H. Bailey, J. Borwein, M. López de Prado, Q. J. Zhu, "The Probability
 * of Backtest Overfitting", Journal of Computational Finance 20(4), 2015), judged by the Sharpe ratio.
 */
export function overfittingOf(slices: Float64Array, sliceCount: number): Overfitting {
  const width = sliceCount * 3;
  const trials = slices.length / width;
  const totals = new Float64Array(trials * 3);
  for (let trial = 0; trial < trials; trial++) {
    for (let k = 0; k < width; k++) totals[trial * 3 + (k % 3)] += slices[trial * width + k];
  }
  const inside = new Float64Array(trials);
  const outside = new Float64Array(trials);
  let combinations = 0;
  let worse = 0;
  let logits = 0;
  for (const chosen of halves(sliceCount)) {
    for (let trial = 0; trial < trials; trial++) {
      let count = 0;
      let sum = 0;
      let squares = 0;
      for (const slice of chosen) {
        const at = trial * width + 3 * slice;
        count += slices[at];
        sum += slices[at + 1];
        squares += slices[at + 2];
      }
      inside[trial] = orWorst(sharpeOfSums(count, sum, squares));
      const at = trial * 3;
      outside[trial] = orWorst(sharpeOfSums(totals[at] - count, totals[at + 1] - sum, totals[at + 2] - squares));
    }
    let best = 0;
    for (let trial = 1; trial < trials; trial++) if (inside[trial] > inside[best]) best = trial;
    // Equal ones share the ranks that they take up.
    let below = 0;
    let equal = 0;
    for (let trial = 0; trial < trials; trial++) {
      if (outside[trial] < outside[best]) below += 1;
      else if (outside[trial] === outside[best]) equal += 1;
    }
    const rank = (below + (equal + 1) / 2) / (trials + 1);
    const logit = naturalLog(rank / (1 - rank));
    combinations += 1;
    logits += logit;
    if (logit <= 0) worse += 1;
  }
  return { probability: worse / combinations, combinations, trials, meanLogit: logits / combinations };
}

const orWorst = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);

/** Every way to choose half of `count` slices. */
function* halves(count: number): Generator<readonly number[]> {
  const half = count / 2;
  const chosen = Array.from({ length: half }, (_, k) => k);
  for (;;) {
    yield chosen;
    let k = half - 1;
    while (k >= 0 && chosen[k] === count - half + k) k -= 1;
    if (k < 0) return;
    chosen[k] += 1;
    for (let j = k + 1; j < half; j++) chosen[j] = chosen[j - 1] + 1;
  }
}
