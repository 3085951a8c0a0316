/** Equity and drawdown of one symbol over its history, in a few numbers: what a terminal draws. */
import { barReturn } from './closes.js';
import { costRateOf, type TradingCosts } from './trading.js';

/** Plain data; both are as long as each other. Empty without a price. */
export interface EquityPath {
  /** Value of the account, 1 at the start, after the last bar of each part of the history. */
  readonly equity: readonly number[];
  /** Deepest share below the highest value so far within each part, 0 to 1. */
  readonly drawdown: readonly number[];
}

/** Parts of equal length that a history is cut into. */
const PARTS = 64;

/** Trades by the rule of `TradedSignal`, in constant memory. */
export class EquityTrace {
  readonly #costRate: number;
  readonly #equity: number[] = [];
  readonly #drawdown: number[] = [];
  #row = 0;
  #value = 1;
  #peak = 1;
  #price = Number.NaN;
  #position = 0;

  /** `rows`: of the whole history. */
  constructor(
    readonly rows: number,
    costs: TradingCosts = {},
  ) {
    this.#costRate = costRateOf(costs);
  }

  /** Bars in order; without signals nothing is traded. */
  push(closes: Float64Array, signals: ArrayLike<number | bigint> | undefined): void {
    for (let i = 0; i < closes.length; i += 1) {
      if (!Number.isNaN(closes[i])) this.#bar(closes[i], signals === undefined ? 0 : Number(signals[i]));
      this.#row += 1;
    }
  }

  #bar(close: number, signal: number): void {
    const rate = Number.isNaN(this.#price) ? 0 : barReturn(this.#price, close);
    const position = signal > 0 ? 1 : signal < 0 ? -1 : 0;
    const left = 1 - Math.abs(position - this.#position) * this.#costRate;
    this.#value *= Math.max((1 + this.#position * rate) * left, 0);
    this.#peak = Math.max(this.#peak, this.#value);
    this.#position = position;
    this.#price = close;
    const part = Math.floor((this.#row * PARTS) / this.rows);
    const drawdown = 1 - this.#value / this.#peak;
    this.#equity[part] = this.#value;
    this.#drawdown[part] = Math.max(this.#drawdown[part] ?? 0, drawdown);
  }

  /** Parts without a price are left out. */
  path(): EquityPath {
    const known = Object.keys(this.#equity).map(Number);
    return { equity: known.map((part) => this.#equity[part]), drawdown: known.map((part) => this.#drawdown[part]) };
  }
}
