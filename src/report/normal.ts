/** The standard normal distribution, with the same bits on every machine. */
import { exponential, naturalLog } from '../backtest/deterministic-math.js';

const ROOT_TWO_PI = 2.5066282746310002;

/**
 * Φ(x), the probability of a value up to x. Series of G. Marsaglia ("Evaluating the normal distribution", J. Stat.
 * Softw. 11, 2004) in the middle, a continued fraction in the tails; error below 1e-15.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 38) return 1;
  if (x < -38) return 0;
  const density = exponential(-0.5 * x * x) / ROOT_TWO_PI;
  if (Math.abs(x) > 3) {
    // Mills' ratio 1 / (t + 1 / (t + 2 / (t + …))), from the innermost term out.
    const t = Math.abs(x);
    let fraction = t;
    for (let k = 160; k >= 1; k--) fraction = t + k / fraction;
    return x > 0 ? 1 - density / fraction : density / fraction;
  }
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 400; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + density * sum;
}

/** The x with Φ(x) = p, 0 < p < 1; infinite at 0 and 1, NaN outside. Newton's method on Φ, from a rational start. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  const tail = Math.min(p, 1 - p);
  // Abramowitz and Stegun 26.2.23: right to 4.5e-4, enough for a few steps to settle.
  const t = Math.sqrt(-2 * naturalLog(tail));
  let x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 6; step++) {
    const density = exponential(-0.5 * x * x) / ROOT_TWO_PI;
    x += (normalCdf(-x) - tail) / density;
  }
  return p < 0.5 ? -x : x;
}
