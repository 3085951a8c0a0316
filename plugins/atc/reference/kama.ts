import { KAMA_FASTEST, KAMA_SLOWEST } from '../kama-smoothing.js';
import type { MovingAverage } from './moving-average.js';
import { PriceWindow } from './window.js';

/**
 * Kaufman's adaptive average: quick in a trend, slow in noise (P. Kaufman, "Smarter Trading"). Starts at the first
 * price and stays there for `length` bars. A NaN in the window gives NaN; it restarts at the price once the window is
 * clean.
 */
export class KaufmanAverage implements MovingAverage {
  /** One price more than the length: the change over `length` bars needs both ends. */
  private readonly window: PriceWindow;
  private bars = 0;
  private value = Number.NaN;

  constructor(private readonly length: number) {
    this.window = new PriceWindow(length + 1);
  }

  next(price: number): number {
    this.window.push(price);
    const bar = this.bars++;
    if (bar === 0) this.value = price;
    if (bar < this.length) return this.value;
    let noise = 0;
    for (let j = 1; j <= this.length; j++) noise += Math.abs(this.window.at(j) - this.window.at(j - 1));
    const change = Math.abs(price - this.window.at(0));
    const efficiency = noise === 0 ? 0 : change / noise;
    const root = efficiency * (KAMA_FASTEST - KAMA_SLOWEST) + KAMA_SLOWEST;
    const from = Number.isNaN(this.value) ? price : this.value;
    this.value = from + root * root * (price - from);
    return this.value;
  }
}
