import { ATC_FAMILIES } from '../families.js';
import { familyWeight, type ResolvedAtcParameters } from '../parameters.js';
import { Equity } from './equity.js';
import { FamilyLayer } from './family-layer.js';
import { WeightedReturns } from './returns.js';

/**
 * Adaptive Trend Classification bar by bar, written to be read: the oracle of the fast kernel. Takes prices as they
 * are: the caller has checked them.
 */
export class ReferenceStream {
  /** Layer 1, one per family: NaN before the cutout. */
  readonly signals: Float64Array = new Float64Array(ATC_FAMILIES.length).fill(Number.NaN);
  /** Layer 2, one per family: NaN before the cutout. */
  readonly equities: Float64Array = new Float64Array(ATC_FAMILIES.length).fill(Number.NaN);
  readonly families: readonly FamilyLayer[];
  private readonly accounts: readonly Equity[];
  private readonly returns: WeightedReturns;
  private bars = 0;
  private previous = 0;

  constructor(private readonly parameters: ResolvedAtcParameters) {
    const kept = 1 - parameters.decay / 100;
    this.families = ATC_FAMILIES.map((family) => new FamilyLayer(family, parameters));
    this.accounts = ATC_FAMILIES.map((family) => new Equity(familyWeight(parameters, family), kept));
    this.returns = new WeightedReturns(parameters.lambda / 1000, parameters.cutout);
  }

  /** The average signal at this bar, in [-1, 1]. */
  next(price: number): number {
    const open = this.bars++ >= this.parameters.cutout;
    const growth = this.returns.next(price);
    for (const [index, family] of this.families.entries()) {
      if (open) this.equities[index] = this.accounts[index].next(this.signals[index], growth);
      this.signals[index] = family.next(price, growth, open);
    }
    const signal = open ? this.averageSignal() : 0;
    const known = this.previous;
    this.previous = signal;
    return this.parameters.strategyMode ? known : signal;
  }

  private averageSignal(): number {
    const { long, short } = this.parameters.cut;
    let votes = 0;
    let total = 0;
    for (let family = 0; family < this.signals.length; family++) {
      const signal = this.signals[family];
      const vote = signal > long ? 1 : signal < short ? -1 : 0;
      votes += vote * this.equities[family];
      total += this.equities[family];
    }
    const average = votes / total;
    return Number.isFinite(average) ? average : 0;
  }
}
