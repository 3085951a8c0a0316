/** Layer 1: nine averages of one family, each with a signal and an account, condensed into one signal. */
import { type AtcFamily, nineLengths } from '../families.js';
import { baseLength, type ResolvedAtcParameters } from '../parameters.js';
import { roundToHundredths } from '../rounding.js';
import { Crossover } from './crossover.js';
import { DoubleExponentialAverage, ExponentialAverage } from './ema.js';
import { Equity } from './equity.js';
import { KaufmanAverage } from './kama.js';
import { LeastSquaresAverage } from './lsma.js';
import type { MovingAverage } from './moving-average.js';
import { HullAverage, WeightedAverage } from './wma.js';

const AVERAGES: Readonly<Record<AtcFamily, new (length: number) => MovingAverage>> = {
  ema: ExponentialAverage,
  hma: HullAverage,
  wma: WeightedAverage,
  dema: DoubleExponentialAverage,
  lsma: LeastSquaresAverage,
  kama: KaufmanAverage,
};

/** One average with its crossing state and its account; the numbers of the last bar are there to be compared with. */
interface Member {
  readonly average: MovingAverage;
  readonly crossover: Crossover;
  readonly equity: Equity;
  value: number;
  side: number;
  account: number;
}

export class FamilyLayer {
  /** In summation order. */
  readonly members: readonly Member[];

  constructor(family: AtcFamily, parameters: ResolvedAtcParameters) {
    const kept = 1 - parameters.decay / 100;
    this.members = nineLengths(baseLength(parameters, family), parameters.robustness).map((length) => ({
      average: new AVERAGES[family](length),
      crossover: new Crossover(),
      equity: new Equity(1, kept),
      value: Number.NaN,
      side: 0,
      account: Number.NaN,
    }));
  }

  /** The family's signal on the 0.01 grid, in [-1, 1]; NaN until `open` (the cutout has passed). */
  next(price: number, growth: number, open: boolean): number {
    let votes = 0;
    let total = 0;
    for (const member of this.members) {
      if (open) member.account = member.equity.next(member.side, growth);
      member.value = member.average.next(price);
      member.side = member.crossover.next(price, member.value);
      votes += member.side * member.account;
      total += member.account;
    }
    return roundToHundredths(votes / total);
  }
}
