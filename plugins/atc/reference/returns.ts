import { clampGrowth, GROWTH_SPAN, growthBase, growthTable } from '../growth.js';

/**
 * Returns weighted by growth: (c[i]/c[i-1] - 1) · exp(L·(i - cutout)) from the cutout on, unweighted before. NaN at the
 * first bar and wherever a price is missing.
 */
export class WeightedReturns {
  private readonly table: Float64Array;
  private base = 1;
  private bars = 0;
  private previous = Number.NaN;

  /** `rate` is L, per bar. */
  constructor(
    private readonly rate: number,
    private readonly cutout: number,
  ) {
    this.table = growthTable(rate);
  }

  next(price: number): number {
    const elapsed = this.bars++ - this.cutout;
    const change = price / this.previous - 1;
    this.previous = price;
    if (elapsed < 0) return change;
    if (elapsed % GROWTH_SPAN === 0) this.base = growthBase(this.rate, elapsed / GROWTH_SPAN);
    return change * clampGrowth(this.base * this.table[elapsed % GROWTH_SPAN]);
  }
}
