/** The last `length` prices. Each is written twice, `length` apart, so that the window is always one contiguous run. */
export class PriceWindow {
  private readonly prices: Float64Array;
  private start = 0;

  constructor(private readonly length: number) {
    this.prices = new Float64Array(2 * length).fill(Number.NaN);
  }

  push(price: number): void {
    this.prices[this.start] = price;
    this.prices[this.start + this.length] = price;
    this.start = (this.start + 1) % this.length;
  }

  /** 0 is the oldest, `length - 1` the newest. NaN before the window is full. */
  at(index: number): number {
    return this.prices[this.start + index];
  }
}
