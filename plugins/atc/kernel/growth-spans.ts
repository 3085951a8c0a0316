import { GROWTH_SPAN, growthBase } from '../growth.js';
import type { ResolvedAtcParameters } from '../parameters.js';

/**
 * The base factors of the growth spans (growth.ts) that `count` bars from `bar` touch, the first first. The last one is
 * cached: live bars come one by one and share theirs with 63 others.
 */
export function createGrowthSpans(parameters: ResolvedAtcParameters) {
  const rate = parameters.lambda / 1000;
  let known = 0;
  let factor = 1;
  return (bar: number, count: number, factors: Float64Array): void => {
    const first = Math.max(0, bar - parameters.cutout);
    const last = bar + count - 1 - parameters.cutout;
    const firstSpan = Math.floor(first / GROWTH_SPAN);
    for (let span = firstSpan; span * GROWTH_SPAN <= last; span++) {
      if (span !== known) {
        factor = growthBase(rate, span);
        known = span;
      }
      factors[span - firstSpan] = factor;
    }
  };
}
