/** Equity and drawdown of one symbol in a few hundred points: for a terminal. */
import { barReturn } from '../backtest/closes.js';
import type { RowSink } from '../backtest/seams.js';
import { costRateOf, type TradingCosts } from '../backtest/trading.js';
import type { Columns } from '../dtype.js';
import type { TableBlock } from '../table.js';
import { type Curve, CurveBuilder } from './curve.js';

const POINTS = 512;

export class SparkRows implements RowSink {
  readonly #curve = new CurveBuilder(POINTS);
  readonly #costRate: number;
  #value = 1;
  #peak = 1;
  #price = Number.NaN;
  #position = 0;

  constructor(costs: TradingCosts) {
    this.#costRate = costRateOf(costs);
  }

  /** The rule of trading is that of `TradingAccount` (docs/backtest.md). */
  write(_symbol: string, { length, columns: { timestamp, close } }: TableBlock, { signal }: Columns): void {
    for (let row = 0; row < length; row += 1) {
      const price = Number(close[row]);
      if (Number.isNaN(price)) continue;
      const rate = Number.isNaN(this.#price) ? 0 : barReturn(this.#price, price);
      const wanted = Math.sign(signal === undefined ? 0 : Number(signal[row])) || 0;
      const left = 1 - Math.abs(wanted - this.#position) * this.#costRate;
      this.#value *= Math.max((1 + this.#position * rate) * left, 0);
      this.#peak = Math.max(this.#peak, this.#value);
      this.#position = wanted;
      this.#price = price;
      const drawdown = 1 - this.#value / this.#peak;
      this.#curve.push(Number(timestamp[row]), [Number.NaN, this.#value, Number.NaN, drawdown, Number.NaN]);
    }
  }

  /** Undefined before the first price. */
  curve(): Curve | undefined {
    const curve = this.#curve.curve();
    return curve.timeMs.length === 0 ? undefined : curve;
  }
}
