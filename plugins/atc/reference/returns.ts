import { clampGrowth, GROWTH_SPAN, growthBase, growthTable } from '../growth.js';

/**
 * Returns weighted by growth: (c[i]/c[i-1] - 1) · exp(L·(i - cutout)) from the cutout on, unweighted before. NaN at the
 * first bar and wherever a price is missing.
 */
export class WeightedReturns {
  readonly #table: Float64Array;
  #base = 1;
  #bars = 0;
  #previous = Number.NaN;
  readonly #rate: number;
  readonly #cutout: number;

  /** `rate` is L, per bar. */
  constructor(rate: number, cutout: number) {
    this.#rate = rate;
    this.#cutout = cutout;

    this.#table = growthTable(rate);
  }

  next(price: number): number {
    const elapsed = this.#bars++ - this.#cutout;
    const change = price / this.#previous - 1;
    this.#previous = price;
    if (elapsed < 0) return change;
    if (elapsed % GROWTH_SPAN === 0) this.#base = growthBase(this.#rate, elapsed / GROWTH_SPAN);
    return change * clampGrowth(this.#base * this.#table[elapsed % GROWTH_SPAN]);
  }
}
