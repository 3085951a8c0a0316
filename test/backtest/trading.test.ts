import { exponential, naturalLog, power } from '../../src/backtest/deterministic-math.js';
import { TradingAccount, type TradingCosts } from '../../src/backtest/trading.js';

const DAY_MS = 86_400_000;

/** Daily bars. */
function trade(closes: number[], signals: number[], costs?: TradingCosts) {
  const account = new TradingAccount(costs);
  account.push(
    closes.map((_, day) => day * DAY_MS),
    closes,
    signals,
  );
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

  test('an account that lost everything stays at nothing: no second loss brings it back', () => {
    const lost = { totalReturn: -1, cagr: Number.NaN, maxDrawdown: 1 };
    // A short position into a rise of 200 %, then two more; and costs of more than all there is.
    expect(trade([100, 300, 330, 990, 1000], [-1, 1, -1, 1, 0])).toMatchObject(lost);
    expect(trade([100, 100, 100, 110], [1, -1, 1, 0], { fee: 0.6 })).toMatchObject(lost);
    expect(trade([100, 100], [1, 0], { fee: 0.9, slippage: 0.9 })).toMatchObject(lost);
    // What comes after is worth nothing, and scatters no more.
    expect(trade([100, 300, 330], [-1, 1, 0]).sharpe).toBeCloseTo((-0.5 / Math.SQRT1_2) * Math.sqrt(365.25), 9);
  });

  test('costs have to be numbers', () => {
    const fee = '0.1' as unknown as number;
    expect(() => new TradingAccount({ fee, slippage: 0.1 })).toThrow(/^fee must be a share .*got "0\.1"/);
  });

  test('drawdown is the deepest fall from a previous high', () => {
    const { maxDrawdown, buyAndHold } = trade([100, 200, 150, 300, 75], [1, 1, 0, 1, 1]);
    expect(buyAndHold.maxDrawdown).toBeCloseTo(0.75, 12);
    expect(buyAndHold.totalReturn).toBeCloseTo(-0.25, 12);
    expect(maxDrawdown).toBeCloseTo(1 - 0.375 / 2, 12);
  });

  test('bars without a price are passed over and the position is held across them', () => {
    const { totalReturn, trades, exposure, turnover } = trade([100, Number.NaN, 120], [1, -1, 0]);
    expect({ totalReturn, trades, exposure, turnover }).toEqual({
      totalReturn: expect.closeTo(0.2, 12),
      trades: 1,
      exposure: 1,
      turnover: 2,
    });
  });

  test('the figures do not depend on how the bars are cut into batches', () => {
    const closes = Array.from({ length: 500 }, (_, i) => 100 + Math.sin(i) * 7);
    const signals = closes.map((_, i) => Math.cos(i * 0.7));
    const whole = trade(closes, signals);
    const account = new TradingAccount();
    const times = closes.map((_, day) => day * DAY_MS);
    for (let at = 0; at < closes.length; at += 7) {
      account.push(times.slice(at, at + 7), closes.slice(at, at + 7), signals.slice(at, at + 7));
    }
    expect(account.statistics()).toEqual(whole);
  });

  test('growth per year, Sharpe ratio, exposure and turnover by hand', () => {
    // Two years of days, +1 % and -0.5 % in turn, long all the time.
    const days = 730;
    const closes = [100];
    for (let day = 1; day <= days; day += 1) closes.push(closes[day - 1] * (day % 2 === 1 ? 1.01 : 0.995));
    const result = trade(
      closes,
      closes.map(() => 1),
    );
    const total = (1.01 * 0.995) ** (days / 2);
    expect(result.totalReturn).toBeCloseTo(total - 1, 10);
    expect(result.cagr).toBeCloseTo(total ** (365.25 / days) - 1, 10);
    const mean = (0.01 - 0.005) / 2;
    const deviation = Math.sqrt((((0.01 - mean) ** 2 + (-0.005 - mean) ** 2) * (days / 2)) / (days - 1));
    expect(result.sharpe).toBeCloseTo((mean / deviation) * Math.sqrt(365.25), 8);
    expect(result).toMatchObject({ exposure: 1, turnover: 1, trades: 1 });
    expect(trade([1, 1, 1], [0, 0, 0])).toMatchObject({ exposure: 0, turnover: 0, trades: 0, sharpe: Number.NaN });
  });

  test('fees and slippage are paid on what is traded, where it is traded', () => {
    const free = trade([100, 110, 110, 99], [1, -1, 0, 0]);
    expect(free.totalReturn).toBeCloseTo(0.1, 12);
    const paid = trade([100, 110, 110, 99], [1, -1, 0, 0], { fee: 0.01, slippage: 0.005 });
    // In for 1, turned for 2, out for 1.
    expect(paid.totalReturn).toBeCloseTo((1 - 0.015) * 1.1 * (1 - 0.03) * (1 - 0.015) - 1, 12);
    expect(paid.turnover).toBe(4);
    expect(paid.buyAndHold).toEqual(free.buyAndHold);
    expect(() => trade([1], [1], { fee: 1 })).toThrow(/fee must be a share from 0 up to 1/);
    expect(() => trade([1], [1], { slippage: -0.1 })).toThrow(/slippage/);
  });
});

describe('prices at or below zero', () => {
  test.each([
    ['a long position gains where a negative price rises', [18.27, -37.63, 10.01], [0, 1, 1], 47.64 / 37.63],
    ['a short position gains where a price falls below zero', [18.27, -37.63], [-1, -1], 55.9 / 18.27],
    ['a short position loses where a negative price rises', [-10, -9, -9], [-1, 0, 0], -0.1],
    ['a rising spread earns step by step', [-10, -5, -2], [1, 1, 1], 1.5 * 1.6 - 1],
    ['a fall of more than the price is a total loss', [18.27, -37.63, 10.01], [1, 1, 1], -1],
    ['a price of zero at the end is a fall of everything', [5, 0], [1, 1], -1],
  ])('%s', (_, closes, signals, expected) => {
    expect(trade(closes, signals).totalReturn).toBeCloseTo(expected, 12);
  });

  test.each([
    [[5, 0, 5], 'close at row 2 is 5 after 0'],
    [[5, 0, Number.NaN, -5], 'close at row 3 is -5 after 0'],
    [[0, 0], 'close at row 1 is 0 after 0'],
    [[1, Number.POSITIVE_INFINITY], 'close at row 1 is Infinity after 1'],
    [[Number.NEGATIVE_INFINITY], 'close at row 0 is -Infinity'],
    [[5e-324, 1e300], 'close at row 1 is 1e+300 after 5e-324'],
    [[1, '2' as unknown as number], 'close at row 1 is "2"'],
    [[1, undefined as unknown as number], 'close at row 1 is undefined'],
    [[1, 2n as unknown as number], 'close at row 1 is 2n'],
  ])('%p gives no finite return and is refused, the account stays as it was', (closes, message) => {
    const account = new TradingAccount();
    account.push([0, DAY_MS], [3, 4], [1, 1]);
    const before = account.statistics();
    const refused =
      closes.length > 0 &&
      (() =>
        account.push(
          closes.map(() => 0),
          closes,
          closes.map(() => 1),
        ));
    expect(refused).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
    expect(account.statistics()).toEqual(before);
    expect(() =>
      trade(
        closes,
        closes.map(() => 1),
      ),
    ).toThrow(message);
  });

  test('arrays of different lengths and what is no array are refused', () => {
    const push = (...bars: unknown[]) => new TradingAccount().push(...(bars as [number[], number[], number[]]));
    expect(() => push([1], [1, 2], [1, 2])).toThrow(/as long as each other, got 1, 2, 2/);
    expect(() => push([1], undefined, [1])).toThrow(/closes must be an array, got undefined/);
  });
});

test('logarithm and exponential agree with the platform to a few last bits', () => {
  for (const x of [1e-300, 1e-9, 0.3, 0.7, 1, 1.0000001, 1.41, 1.42, 2, 10, 12345.678, 1e300]) {
    expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThanOrEqual(4e-15 * Math.max(1, Math.abs(Math.log(x))));
  }
  for (const x of [-600, -20, -1, -1e-9, 0, 0.1, 0.5, 1, 3.7, 50, 700]) {
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-13);
  }
  expect(power(2, 10)).toBeCloseTo(1024, 9);
  expect([naturalLog(0), naturalLog(-1), naturalLog(Number.NaN)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
