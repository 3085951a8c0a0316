import type { MovingAverage } from './moving-average.js';
import { PriceWindow } from './window.js';

/**
 * Least squares: a straight line through the window at x = 1 … length, taken at its newest end. Defined from bar length
 * - 1; a NaN in the window gives NaN. A single point has no slope: length 1 is undefined (0/0), as in the original.
 */
export class LeastSquaresAverage implements MovingAverage {
  private readonly window: PriceWindow;
  private readonly sumX: number;
  private readonly sumXX: number;
  private readonly divisor: number;

  constructor(private readonly length: number) {
    this.window = new PriceWindow(length);
    this.sumX = 0.5 * length * (length + 1);
    this.sumXX = (this.sumX * (2 * length + 1)) / 3;
    this.divisor = length * this.sumXX - this.sumX * this.sumX;
  }

  next(price: number): number {
    this.window.push(price);
    let sumY = 0;
    let sumXY = 0;
    for (let j = 0; j < this.length; j++) {
      const value = this.window.at(j);
      sumY += value;
      sumXY += value * (j + 1);
    }
    const slope = (this.length * sumXY - this.sumX * sumY) / this.divisor;
    const intercept = (sumY * this.sumXX - this.sumX * sumXY) / this.divisor;
    return slope * this.length + intercept;
  }
}
