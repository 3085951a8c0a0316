/**
 * What a signal would have earned. Rule: at the close of a bar the sign of the signal is the position (+1 long, 0 flat, -1
 * short) held until the next close; no look-ahead, no costs. A bar without a price (NaN) is passed over: the position of the
 * last priced bar is held across the gap.
 */

export interface TradingStatistics {
  /** Equity at the end divided by equity at the start, minus 1. */
  readonly totalReturn: number;
  /** Largest fall from a previous high of the equity, 0 to 1. */
  readonly maxDrawdown: number;
  /** Positions opened: from flat, or turned round. */
  readonly trades: number;
  /** The same for one long position from the first price to the last. */
  readonly buyAndHold: { readonly totalReturn: number; readonly maxDrawdown: number };
}

/** Running equity and its deepest fall. Starts at 1. */
class Equity {
  value = 1;
  maxDrawdown = 0;
  private peak = 1;

  grow(rate: number): void {
    this.value *= 1 + rate;
    if (this.value > this.peak) this.peak = this.value;
    const drawdown = 1 - this.value / this.peak;
    if (drawdown > this.maxDrawdown) this.maxDrawdown = drawdown;
  }
}

export class TradingAccount {
  private readonly own = new Equity();
  private readonly held = new Equity();
  private price = Number.NaN;
  private position = 0;
  private trades = 0;

  /** Bars in order; any number of calls. */
  push(closes: ArrayLike<number>, signals: ArrayLike<number>): void {
    for (let i = 0; i < closes.length; i += 1) {
      const close = closes[i];
      if (Number.isNaN(close)) continue;
      if (!Number.isNaN(this.price)) {
        const rate = close / this.price - 1;
        this.own.grow(this.position * rate);
        this.held.grow(rate);
      }
      this.price = close;
      const signal = signals[i];
      const position = signal > 0 ? 1 : signal < 0 ? -1 : 0;
      if (position !== 0 && position !== this.position) this.trades += 1;
      this.position = position;
    }
  }

  statistics(): TradingStatistics {
    return {
      totalReturn: this.own.value - 1,
      maxDrawdown: this.own.maxDrawdown,
      trades: this.trades,
      buyAndHold: { totalReturn: this.held.value - 1, maxDrawdown: this.held.maxDrawdown },
    };
  }
}
