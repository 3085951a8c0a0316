/**
 * A running equity: its value, its deepest fall, and how its returns scatter. Starts at 1; lost to 0 it stays there.
 */
export class Equity {
  value = 1;
  /** 0 to 1. */
  maxDrawdown = 0;
  #peak = 1;
  #count = 0;
  #mean = 0;
  /** Sum of squared distances from the mean (Welford 1962): one pass, no cancellation. */
  #scatter = 0;

  /**
   * One bar; `wanted` is value after over value before. More than everything cannot be lost, and nothing earns nothing.
   */
  grow(wanted: number): void {
    const factor = this.value === 0 ? 1 : Math.max(wanted, 0);
    this.value *= factor;
    if (this.value > this.#peak) this.#peak = this.value;
    const drawdown = 1 - this.value / this.#peak;
    if (drawdown > this.maxDrawdown) this.maxDrawdown = drawdown;
    const rate = factor - 1;
    this.#count += 1;
    const distance = rate - this.#mean;
    this.#mean += distance / this.#count;
    this.#scatter += distance * (rate - this.#mean);
  }

  /** As `grow` with each of the first `count`: in one loop the state stays in registers. */
  growAll(wanted: Float64Array, count: number): void {
    let { value, maxDrawdown } = this;
    let peak = this.#peak;
    let seen = this.#count;
    let mean = this.#mean;
    let scatter = this.#scatter;
    for (let i = 0; i < count; i++) {
      const factor = value === 0 ? 1 : Math.max(wanted[i], 0);
      value *= factor;
      if (value > peak) peak = value;
      const drawdown = 1 - value / peak;
      if (drawdown > maxDrawdown) maxDrawdown = drawdown;
      const rate = factor - 1;
      seen += 1;
      const distance = rate - mean;
      mean += distance / seen;
      scatter += distance * (rate - mean);
    }
    this.value = value;
    this.maxDrawdown = maxDrawdown;
    this.#peak = peak;
    this.#count = seen;
    this.#mean = mean;
    this.#scatter = scatter;
  }

  /** NaN without at least two bars that differ. */
  sharpe(barsPerYear: number): number {
    return sharpeOf(this.#count, this.#mean, this.#scatter, barsPerYear);
  }
}

/** Sharpe ratio a year out of `count` returns with this mean and this sum of squared distances from it. */
export function sharpeOf(count: number, mean: number, scatter: number, barsPerYear: number): number {
  if (count < 2 || !(scatter > 0)) return Number.NaN;
  return (mean / Math.sqrt(scatter / (count - 1))) * Math.sqrt(barsPerYear);
}
