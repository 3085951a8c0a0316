import { spawnSync } from 'node:child_process';
import { TradingAccount } from 'atc-memory';
import { reportData } from 'atc-memory/report';
import { bars, collect, DAY_MS, randomBars, randomFrom } from './accounts.js';

const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);
if (python === undefined) console.warn('skipped: no python3 with numpy (Debian: python3-numpy)');
const ACCOUNTS = 300;

/** Paths of figures that differ by more than a share of 1e-12 (of 1 where they are smaller). */
function differences(got: unknown, want: unknown, path: string): string[] {
  if (typeof want === 'number' && typeof got === 'number') {
    return Math.abs(got - want) <= 1e-12 * Math.max(1, Math.abs(want)) ? [] : [`${path}: ${got}, numpy ${want}`];
  }
  if (want === null || typeof want !== 'object') return got === want ? [] : [`${path}: ${got}, numpy ${want}`];
  return Object.entries(want).flatMap(([key, value]) =>
    differences((got as Record<string, unknown>)[key], value, `${path}.${key}`),
  );
}

(python === undefined ? test.skip : test)('statistics of 300 random accounts equal numpy to 1e-12', () => {
  const random = randomFrom(22);
  const accounts = Array.from({ length: ACCOUNTS }, (_, k) => {
    const costs = random() < 0.3 ? {} : { fee: random() * 0.003, slippage: random() * 0.001 };
    const made = randomBars(k + 1, 20 + Math.floor(random() * 700), random() < 0.3 ? 3_600_000 : DAY_MS);
    return { costs, made };
  });
  const input = accounts.map(({ costs, made }) => ({ ...made, cost: (costs.fee ?? 0) + (costs.slippage ?? 0) }));
  const { stdout, stderr } = spawnSync(python!, ['test/report/statistics.py'], {
    input: JSON.stringify(input),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const wanted = JSON.parse(stdout) as Record<string, unknown>[];
  expect(wanted).toHaveLength(ACCOUNTS);
  const wrong = accounts.flatMap(({ costs, made }, k) => {
    const { result, rows } = collect({ one: made }, costs, 1 + (k % 97));
    const [{ statistics, trades }] = reportData(result, rows).symbols;
    const { listed, ...figures } = wanted[k];
    const listedHere = trades.map((one) => [one.return, one.bars, one.exitMs - one.entryMs, one.mae, one.mfe]);
    return [...differences(statistics, figures, String(k)), ...differences(listedHere, listed, `${k}.trades`)];
  });
  expect(wrong).toEqual([]);
});

test('figures that the backtest reports too have its values', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const costs = { fee: 0.001 };
    const { times, closes, signals } = randomBars(seed, 400);
    const account = new TradingAccount(costs);
    account.push(times, closes, signals);
    const { buyAndHold, ...own } = account.statistics();
    const { result, rows } = collect({ one: { times, closes, signals } }, costs);
    const [{ statistics }] = reportData(result, rows).symbols;
    expect(differences(statistics.all, own, 'all')).toEqual([]);
    expect(differences(statistics.buyAndHold, buyAndHold, 'buyAndHold')).toEqual([]);
  }
});

describe('accounts at the edge', () => {
  const figuresOf = (closes: number[], signals: number[], costs = {}) => {
    const { result, rows } = collect({ one: bars(closes, signals) }, costs);
    return reportData(result, rows).symbols[0].statistics.all;
  };
  const { NaN: none } = Number;

  test.each([
    [
      'no trade',
      [1, 2, 3],
      [0, 0, 0],
      {
        totalReturn: 0,
        trades: 0,
        winRate: null,
        sharpe: null,
        profitFactor: null,
        exposure: 0,
        maxDrawdown: 0,
        averageDrawdown: null,
        kelly: null,
        sqn: null,
        volatility: 0,
      },
    ],
    [
      'one bar',
      [5],
      [1],
      {
        totalReturn: 0,
        cagr: null,
        volatility: null,
        sharpe: null,
        trades: 1,
        exposure: 0,
        valueAtRisk: null,
        bestBar: null,
      },
    ],
    [
      'no price at all',
      [none, none],
      [1, 1],
      { totalReturn: 0, cagr: null, trades: 0, bestTrade: null, longestDrawdownMs: 0 },
    ],
    [
      'a total loss',
      [1, 3, 6, 12],
      [-1, -1, -1, 0],
      { totalReturn: -1, cagr: null, calmar: null, maxDrawdown: 1, worstTrade: -1, averageTrade: -1, trades: 1 },
    ],
    [
      'gaps of price',
      [100, none, none, 120],
      [1, -1, 0, 0],
      { totalReturn: expect.closeTo(0.2, 12), trades: 1, exposure: 1, bestBar: expect.closeTo(0.2, 12) },
    ],
    [
      'a trade that is open at the end',
      [100, 110],
      [1, 1],
      { trades: 1, bestTrade: expect.closeTo(0.1, 12), profitFactor: null },
    ],
    [
      'equal returns',
      [1, 2, 4, 8],
      [1, 1, 1, 1],
      { volatility: 0, sharpe: null, skewness: null, kurtosis: null, valueAtRisk: -1 },
    ],
    ['negative prices', [-10, -5], [1, 1], { totalReturn: expect.closeTo(0.5, 12) }],
  ])('%s', (_, closes, signals, expected) => {
    expect(figuresOf(closes, signals)).toMatchObject(expected);
  });

  test('drawdowns have their high, low and recovery, and the last is open', () => {
    const { drawdowns } = figuresOf([100, 80, 100, 50, 75], [1, 1, 1, 1, 1]);
    const day = (k: number) => Date.UTC(2020, 0, 1 + k);
    expect(drawdowns).toEqual([
      { depth: 0.5, peakMs: day(2), troughMs: day(3), recoveredMs: null, bars: 2, durationMs: 2 * DAY_MS },
      {
        depth: expect.closeTo(0.2, 12),
        peakMs: day(0),
        troughMs: day(1),
        recoveredMs: day(2),
        bars: 2,
        durationMs: 2 * DAY_MS,
      },
    ]);
  });

  test('returns by month and year compound to the whole', () => {
    const { result, rows } = collect({ one: randomBars(7, 900) });
    const { months, years, statistics } = reportData(result, rows).symbols[0];
    const whole = (all: typeof months) => all.reduce((value, one) => value * (1 + one.return!), 1) - 1;
    expect(months.length).toBeGreaterThan(25);
    expect(whole(months)).toBeCloseTo(statistics.all.totalReturn, 12);
    expect(whole(years)).toBeCloseTo(statistics.all.totalReturn, 12);
  });
});

test('several symbols are one account with an equal share in each', () => {
  const { result, rows } = collect({ up: bars([1, 2, 4], [1, 1, 1]), down: bars([4, 2, 1], [1, 1, 1]) });
  const { all } = reportData(result, rows);
  expect(all.curve.equity).toEqual([1, 1.25, 2.125]);
  expect(all.statistics.all).toMatchObject({ totalReturn: 1.125, trades: 2, exposure: 1 });
});

test('a symbol that was not seen is ARGUMENT', () => {
  const { result } = collect({ one: bars([1, 2], [1, 1]) });
  const { rows } = collect({ two: bars([1, 2], [1, 1]) });
  expect(() => reportData(result, rows)).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
});

test('many bars stay a bounded number of points that hold every extreme', () => {
  const count = 150_000;
  const closes = Array.from({ length: count }, (_, k) => 100 + Math.sin(k / 5000));
  closes[54_321] = 900;
  closes[123_456] = 1;
  const signals = closes.map((_, k) => (k % 40 < 20 ? 1 : 0));
  const times = closes.map((_, k) => k * 60_000);
  const { result, rows } = collect({ one: bars(closes, signals, times) }, {}, 16_384);
  const data = reportData(result, rows);
  const [{ curve, trades, tradesLeftOut, statistics }] = data.symbols;
  expect(curve.timeMs.length).toBeLessThan(12_300);
  expect(curve.timeMs.every((ms, k) => k === 0 || ms > curve.timeMs[k - 1])).toBe(true);
  expect([Math.min(...(curve.price as number[])), Math.max(...(curve.price as number[]))]).toEqual([1, 900]);
  expect(trades).toHaveLength(2000);
  expect(trades.length + tradesLeftOut).toBe(statistics.all.trades);
});

test('report data is JSON: it survives being written and read', () => {
  const { result, rows } = collect({ one: randomBars(3, 300), two: bars([1], [0]) });
  const data = reportData(result, rows);
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
});
