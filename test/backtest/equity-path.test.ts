/** The path of an equity that a terminal draws has the values of the account that is traded. */
import { runBacktest, type Strategy, TradingAccount } from 'atc-memory';
import { type EquityPath, EquityTrace } from '../../src/backtest/equity-path.js';
import { memoryTable } from '../../src/dataset/memory.js';
import { randomBars } from '../report/accounts.js';

const MINUTE_MS = 60_000;

/** Equity after each bar, by an account that is asked for its return after every one. */
function equityOf(closes: readonly number[], signals: readonly number[], fee: number): number[] {
  const account = new TradingAccount({ fee });
  return closes.map((close, k) => {
    account.push([1.6e12 + k * MINUTE_MS], [close], [signals[k]]);
    return account.statistics().totalReturn + 1;
  });
}

test.each([
  ['fewer bars than parts', 40],
  ['parts of unequal length', 1000],
])('%s: the last equity and the deepest fall of each', (_, count) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { closes, signals } = randomBars(seed, count);
    const trace = new EquityTrace(count, { fee: 0.001 });
    // In blocks, as a run reads them.
    for (let at = 0; at < count; at += 77) {
      trace.push(Float64Array.from(closes.slice(at, at + 77)), Float64Array.from(signals.slice(at, at + 77)));
    }
    const { equity, drawdown } = trace.path();
    const whole = equityOf(closes, signals, 0.001);
    const ends = new Map<number, number>();
    const falls = new Map<number, number>();
    let peak = 1;
    for (const [k, value] of whole.entries()) {
      if (Number.isNaN(closes[k])) continue;
      peak = Math.max(peak, value);
      const part = Math.floor((k * 64) / count);
      ends.set(part, value);
      falls.set(part, Math.max(falls.get(part) ?? 0, 1 - value / peak));
    }
    expect(equity).toEqual([...ends.values()].map((value) => expect.closeTo(value, 10)));
    expect(drawdown).toEqual([...falls.values()].map((value) => expect.closeTo(value, 10)));
  }
});

test.each([
  ['no row', [], [], { equity: [], drawdown: [] }],
  ['no price', [Number.NaN, Number.NaN], [1, 1], { equity: [], drawdown: [] }],
  ['one bar', [5], [1], { equity: [1], drawdown: [0] }],
  ['a total loss', [1, 3, 6], [-1, -1, -1], { equity: [1, 0, 0], drawdown: [0, 1, 1] }],
])('%s', (_, closes, signals, path) => {
  const trace = new EquityTrace(closes.length);
  trace.push(Float64Array.from(closes), Float64Array.from(signals));
  expect(trace.path()).toEqual(path);
});

test('a run hands over the path of every symbol, in the order of its result', async () => {
  const tables = ['B', 'A', 'C'].map((symbol, k) => {
    const close = Float64Array.from({ length: 200 }, (_, row) => 100 + Math.sin(row / (5 + k)) * 9);
    return memoryTable(symbol, { timestamp: close.map((_, row) => 1.6e12 + row * MINUTE_MS), close });
  });
  const dataset = {
    symbols: tables.map(({ symbol }) => symbol),
    table: (symbol: string) => tables.find((one) => one.symbol === symbol)!,
    append: async () => {},
    close() {},
  };
  const held: Strategy<null> = {
    name: 'held',
    columns: ['close'],
    start: () => ({ push: ({ columns }) => ({ signal: columns.close }), finish: () => null }),
  };
  const found: [string, EquityPath][] = [];
  const { symbols } = await runBacktest(dataset, held, { onPath: (symbol, path) => void found.push([symbol, path]) });
  expect(found.map(([symbol]) => symbol)).toEqual(symbols.map(({ symbol }) => symbol));
  for (const [k, [, { equity }]] of found.entries()) {
    expect(equity).toHaveLength(64);
    expect(equity.at(-1)! - 1).toBeCloseTo(symbols[k].trading.totalReturn, 12);
  }
});
