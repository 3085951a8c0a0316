/** Weighted and Hull averages. */
import type { MovingAverage } from './moving-average.js';
import { PriceWindow } from './window.js';

/** Weights 1 … length, the newest price the heaviest. Defined from bar length - 1; a NaN in the window gives NaN. */
export class WeightedAverage implements MovingAverage {
  private readonly window: PriceWindow;
  private readonly weights: number;

  constructor(private readonly length: number) {
    this.window = new PriceWindow(length);
    this.weights = 0.5 * length * (length + 1);
  }

  next(price: number): number {
    this.window.push(price);
    let sum = 0;
    for (let j = 0; j < this.length; j++) sum += this.window.at(j) * (j + 1);
    return sum / this.weights;
  }
}

/** WMA(2·WMA(⌊m/2⌋) - WMA(m), ⌊√m⌋) (A. Hull). Defined from bar m - 1 + ⌊√m⌋ - 1. */
export class HullAverage implements MovingAverage {
  private readonly half: WeightedAverage;
  private readonly whole: WeightedAverage;
  private readonly smooth: WeightedAverage;

  constructor(length: number) {
    this.half = new WeightedAverage(Math.floor(length / 2));
    this.whole = new WeightedAverage(length);
    this.smooth = new WeightedAverage(Math.floor(Math.sqrt(length)));
  }

  next(price: number): number {
    return this.smooth.next(2 * this.half.next(price) - this.whole.next(price));
  }
}
