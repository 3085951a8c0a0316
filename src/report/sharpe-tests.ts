/**
 * How much of a Sharpe ratio is luck. Ratios here are per observation, not per year.
 * PSR: D. H. Bailey and M. López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012.
 * DSR: the same, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5), 2014.
 */
import { normalCdf, normalQuantile } from './normal.js';

/** What the tests need to know of one series of returns. */
export interface ReturnMoments {
  /** Observations. */
  readonly count: number;
  /** Mean over standard deviation (n - 1), per observation. */
  readonly sharpe: number;
  /** 0 for a normal distribution. */
  readonly skewness: number;
  /** Not in excess: 3 for a normal distribution. */
  readonly kurtosis: number;
}

const EULER_MASCHERONI = 0.5772156649015329;

/** Probability that the true Sharpe ratio is above `benchmark`, given the length and the shape of the returns. */
export function probabilisticSharpe({ count, sharpe, skewness, kurtosis }: ReturnMoments, benchmark: number): number {
  const spread = Math.sqrt(1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe);
  return normalCdf(((sharpe - benchmark) * Math.sqrt(count - 1)) / spread);
}

/** The highest Sharpe ratio to be expected of so many independent trials without any skill. */
export function expectedHighestSharpe(trials: number, variance: number): number {
  if (!(trials > 1)) return 0;
  const high = normalQuantile(1 - 1 / trials);
  const higher = normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * high + EULER_MASCHERONI * higher);
}

/**
 * Probability that the best of several trials has skill: PSR against the ratio that luck alone would have reached.
 *
 * @param trials Effective (independent) trials.
 * @param variance Variance of the Sharpe ratios of all trials.
 */
export function deflatedSharpe(moments: ReturnMoments, trials: number, variance: number): number {
  return probabilisticSharpe(moments, expectedHighestSharpe(trials, variance));
}

/** Moments of returns out of the sums of their first four powers. */
export function momentsOf(count: number, sum: number, squares: number, cubes: number, fourths: number): ReturnMoments {
  const mean = sum / count;
  const variance = squares / count - mean * mean;
  const third = cubes / count - 3 * mean * (squares / count) + 2 * mean * mean * mean;
  const fourth =
    fourths / count - 4 * mean * (cubes / count) + 6 * mean * mean * (squares / count) - 3 * mean * mean * mean * mean;
  const deviation = Math.sqrt(variance);
  return {
    count,
    sharpe: mean / (deviation * Math.sqrt(count / (count - 1))),
    skewness: third / (variance * deviation),
    kurtosis: fourth / (variance * variance),
  };
}
