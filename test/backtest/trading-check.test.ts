/**
 * The statistics against a second computation that shares nothing with the first: whole arrays instead of running
 * state, textbook formulas, the platform's own powers.
 */
import { TradingAccount } from '../../src/backtest/trading.js';

const YEAR_MS = 365.25 * 86_400_000;

function uniform(seed: number) {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

interface Bars {
  readonly times: number[];
  readonly closes: number[];
  readonly signals: number[];
}

function randomBars(seed: number): Bars {
  const random = uniform(seed);
  const rows = 2 + Math.floor(random() * 800);
  const stepMs = [60_000, 3_600_000, 86_400_000][Math.floor(random() * 3)];
  // Every fourth history is a spread: prices of either sign.
  const isSpread = seed % 4 === 0;
  let price = isSpread ? 3 : 50;
  const closes = Array.from({ length: rows }, () => {
    if (isSpread) price += 0.3 * (random() - 0.5);
    else price *= 1 + 0.04 * (random() - 0.5);
    return random() < 0.05 ? Number.NaN : price;
  });
  const signals = closes.map(() => (random() < 0.3 ? 0 : random() - 0.5));
  return { times: closes.map((_, row) => 1_500_000_000_000 + row * stepMs), closes, signals };
}

/** Equity after every priced bar, from the position held into it and the trade made at its close. */
function curves({ times, closes, signals }: Bars, cost: number) {
  const priced = closes.flatMap((close, row) => (Number.isNaN(close) ? [] : [row]));
  const price = priced.map((row) => closes[row]);
  const position = priced.map((row) => Math.sign(signals[row]));
  const held = [0, ...position.slice(0, -1)];
  const traded = position.map((now, k) => Math.abs(now - held[k]));
  const factors = price.map((now, k) => {
    const earned = k === 0 ? 0 : held[k] * ((now - price[k - 1]) / Math.abs(price[k - 1]));
    return Math.max(0, (1 + earned) * (1 - cost * traded[k]));
  });
  return {
    traded,
    bars: price.length - 1,
    inPosition: held.slice(1).filter((p) => p !== 0).length,
    opened: position.filter((p, k) => p !== 0 && p !== held[k]).length,
    // A first trade that cost something is a step of the curve of its own.
    own: factors[0] === 1 ? factors.slice(1) : factors,
    buyAndHold: price.slice(1).map((now, k) => Math.max(0, 1 + (now - price[k]) / Math.abs(price[k]))),
    spanMs: times[priced[priced.length - 1]] - times[priced[0]],
  };
}

function figures(wanted: readonly number[], bars: number, spanMs: number) {
  // What was lost whole stays lost, and scatters no more.
  const lost = wanted.indexOf(0);
  const factors = wanted.map((factor, k) => (lost >= 0 && k > lost ? 1 : factor));
  const equity = [1];
  for (const factor of factors) equity.push(equity[equity.length - 1] * factor);
  const end = equity[equity.length - 1];
  const falls = equity.map((value, k) => 1 - value / Math.max(...equity.slice(0, k + 1)));
  const returns = factors.map((factor) => factor - 1);
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  const variance = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (returns.length - 1);
  const years = spanMs / YEAR_MS;
  return {
    totalReturn: end - 1,
    cagr: spanMs >= 86_400_000 && end > 0 ? end ** (1 / years) - 1 : Number.NaN,
    maxDrawdown: Math.max(...falls),
    sharpe: returns.length > 1 && variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(bars / years) : Number.NaN,
  };
}

function near(expected: number) {
  return Number.isNaN(expected)
    ? Number.NaN
    : expect.closeTo(expected, 9 - Math.ceil(Math.log10(Math.abs(expected) + 1)));
}

test.each(Array.from({ length: 80 }, (_, k) => k + 1))(
  'the figures of random bars agree with a second computation, seed %i',
  (seed) => {
    const bars = randomBars(seed);
    const fee = seed % 3 === 0 ? 0 : 0.001;
    const slippage = seed % 2 === 0 ? 0.0005 : 0;
    const account = new TradingAccount({ fee, slippage });
    account.push(bars.times, bars.closes, bars.signals);
    const { traded, opened, inPosition, own, buyAndHold, spanMs, bars: steps } = curves(bars, fee + slippage);
    const nearAll = (values: Record<string, number>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, near(value)]));
    expect(account.statistics()).toEqual({
      ...nearAll(figures(own, steps, spanMs)),
      trades: opened,
      exposure: near(inPosition / steps),
      turnover: traded.reduce((sum, value) => sum + value, 0),
      buyAndHold: nearAll(figures(buyAndHold, steps, spanMs)),
    });
  },
);
