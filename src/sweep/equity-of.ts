/** Equity bar by bar, where a figure at the end is not enough. */
import { barReturn } from '../backtest/closes.js';

/** Equity after each bar, by the rules of `TradingAccount`. */
export function equityOf(closes: Float64Array, signals: Float64Array, costRate: number): Float64Array {
  const equity = new Float64Array(closes.length);
  let value = 1;
  let price = Number.NaN;
  let held = 0;
  for (let bar = 0; bar < closes.length; bar++) {
    const close = closes[bar];
    if (!Number.isNaN(close)) {
      const position = Math.sign(signals[bar]) || 0;
      const earned = Number.isNaN(price) ? 1 : 1 + held * barReturn(price, close);
      value *= Math.max(0, earned * (1 - Math.abs(position - held) * costRate));
      price = close;
      held = position;
    }
    equity[bar] = value;
  }
  return equity;
}
