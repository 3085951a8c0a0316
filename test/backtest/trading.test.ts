import { TradingAccount } from '../../src/backtest/trading.js';

function trade(closes: number[], signals: number[]) {
  const account = new TradingAccount();
  account.push(closes, signals);
  return account.statistics();
}

describe('TradingAccount', () => {
  test('a signal acts from its own close on, never on the bar that made it', () => {
    const { totalReturn, trades } = trade([100, 110, 121], [0, 1, 0]);
    expect(totalReturn).toBeCloseTo(0.1, 12);
    expect(trades).toBe(1);
  });

  test('short positions earn falls, turning round counts as a trade, staying does not', () => {
    const result = trade([100, 50, 50, 100, 100], [-0.2, -0.9, 0.1, 0.3, 0]);
    expect(result.trades).toBe(2);
    expect(result.totalReturn).toBeCloseTo(1.5 * 2 - 1, 12);
  });

  test('drawdown is the deepest fall from a previous high', () => {
    const { maxDrawdown, buyAndHold } = trade([100, 200, 150, 300, 75], [1, 1, 0, 1, 1]);
    expect(buyAndHold.maxDrawdown).toBeCloseTo(0.75, 12);
    expect(buyAndHold.totalReturn).toBeCloseTo(-0.25, 12);
    expect(maxDrawdown).toBeCloseTo(1 - 0.375 / 2, 12);
  });

  test('bars without a price are passed over and the position is held across them', () => {
    expect(trade([100, Number.NaN, 120], [1, -1, 0])).toEqual(trade([100, 120], [1, 0]));
  });

  test('the cut into pieces does not matter', () => {
    const closes = Array.from({ length: 500 }, (_, i) => 100 + Math.sin(i) * 7);
    const signals = closes.map((_, i) => Math.cos(i * 0.7));
    const whole = trade(closes, signals);
    const account = new TradingAccount();
    for (let at = 0; at < closes.length; at += 7) account.push(closes.slice(at, at + 7), signals.slice(at, at + 7));
    expect(account.statistics()).toEqual(whole);
  });
});
