/** Exponential and double exponential averages (pandas `ewm(adjust=False)` with its treatment of gaps). */
import type { MovingAverage } from './moving-average.js';

/** E += α·(price - E) written as a weighted mean, from the first price or an explicit seed. */
class ExponentialRecursion {
  private readonly alpha: number;
  private readonly retained: number;
  private value = Number.NaN;
  /** Weight of the old value; a gap lets it shrink, so that the next price counts for more. */
  private weight = 1;

  constructor(length: number) {
    this.alpha = 1 / (1 + (length - 1) / 2);
    this.retained = 1 - this.alpha;
  }

  seed(value: number): number {
    this.value = value;
    return value;
  }

  next(price: number): number {
    if (Number.isNaN(this.value)) return this.seed(price);
    this.weight *= this.retained;
    if (!Number.isNaN(price)) {
      // Equal stays equal: a constant series has the same bits throughout.
      if (this.value !== price) {
        this.value = (this.weight * this.value + this.alpha * price) / (this.weight + this.alpha);
      }
      this.weight = 1;
    }
    return this.value;
  }
}

/** Seeded with the mean of the first `length` prices, skipping NaN. Defined from bar length - 1. */
export class ExponentialAverage implements MovingAverage {
  private readonly recursion: ExponentialRecursion;
  private bars = 0;
  private sum = 0;
  private known = 0;

  constructor(private readonly length: number) {
    this.recursion = new ExponentialRecursion(length);
  }

  next(price: number): number {
    this.bars++;
    if (this.bars > this.length) return this.recursion.next(price);
    if (!Number.isNaN(price)) {
      this.sum += price;
      this.known++;
    }
    if (this.bars < this.length) return Number.NaN;
    return this.recursion.seed(this.known > 0 ? this.sum / this.known : Number.NaN);
  }
}

/** 2·EMA - EMA(EMA), the inner recursion seeded with the first value of the outer one. Defined from bar length - 1. */
export class DoubleExponentialAverage implements MovingAverage {
  private readonly first: ExponentialAverage;
  private readonly second: ExponentialRecursion;

  constructor(length: number) {
    this.first = new ExponentialAverage(length);
    this.second = new ExponentialRecursion(length);
  }

  next(price: number): number {
    const first = this.first.next(price);
    return 2 * first - this.second.next(first);
  }
}
