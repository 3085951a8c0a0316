/**
 * Figures against worked examples that others published, and accounts at the edge. Sharpe ratios of luck are in
 * luck.test.ts.
 */
import { reportData, reportHtml } from 'atc-memory/report';
import { momentsOf } from '../../src/report/returns.js';
import { bars, collect, DAY_MS, randomFrom } from './accounts.js';
import { inBrowser, open } from './browser.js';

const YEAR_MS = 365.25 * DAY_MS;

/** The account that is long all the time, with these returns, `stepMs` apart. */
function account(returns: readonly number[], stepMs: number) {
  let price = 100;
  const closes = [price, ...returns.map((one) => (price *= 1 + one))];
  const { result, rows } = collect({
    one: bars(
      closes,
      closes.map(() => 1),
      closes.map((_, k) => k * stepMs),
    ),
  });
  return reportData(result, rows).symbols[0].statistics.all;
}

/** The account whose trades have these returns: every second bar is flat, so that each is a trade of its own. */
function traded(outcomes: readonly number[]) {
  let price = 100;
  const closes = outcomes.flatMap((one) => [price, (price *= 1 + one)]);
  const { result, rows } = collect({
    one: bars(
      closes,
      outcomes.flatMap(() => [1, 0]),
    ),
  });
  return reportData(result, rows).symbols[0].statistics.all;
}

test('Sortino: eight years, a target of 0 (T. Rollinger, S. Hoffman, "Sortino: A Sharper Ratio", 2013)', () => {
  const { sortino } = account([0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04], YEAR_MS);
  expect(sortino).toBeCloseTo(4.417, 3);
});

test('CAGR: 10,000 that become 13,000, 14,000 and 19,500 in three years grow by 24.93 % (Investopedia)', () => {
  const days = [Date.UTC(2018, 0, 1), Date.UTC(2019, 0, 1), Date.UTC(2020, 0, 1), Date.UTC(2021, 0, 1)];
  const { result, rows } = collect({ one: bars([10_000, 13_000, 14_000, 19_500], [1, 1, 1, 1], days) });
  expect(reportData(result, rows).symbols[0].statistics.all.cagr).toBeCloseTo(0.2493, 4);
});

test('skewness and kurtosis: moments of twenty yields (IASRI, "Statistical Methods", worked practical)', () => {
  const yields = [18, 22, 17, 18, 22, 23, 22, 19, 25, 25, 23, 25, 24, 28, 26, 27, 19, 20, 27, 22];
  const { mean, skewness, kurtosis } = momentsOf(yields);
  expect(mean).toBeCloseTo(22.6, 10);
  expect(skewness).toBeCloseTo(-Math.sqrt(0.011258888), 8);
  expect(kurtosis).toBeCloseTo(1.91649488 - 3, 7);
});

test('SQN and expectancy: eight trades in multiples of their risk (V. Tharp, "Super Trader", page 159)', () => {
  const risk = 0.01;
  const outcomes = [0.86, 4.4, -0.72, 0.44, 1.57, 1.13, -1.7, -0.58].map((one) => one * risk);
  const { expectancy, sqn, trades } = traded(outcomes);
  expect(trades).toBe(8);
  expect(expectancy! / risk).toBeCloseTo(0.675, 10);
  // The book has the ratio of expectancy to standard deviation, 0.675 R / 1.86 R = 0.36.
  expect(sqn! / Math.sqrt(8)).toBeCloseTo(0.36, 2);
  expect(expectancy! / risk / (sqn! / Math.sqrt(8))).toBeCloseTo(1.86, 2);
});

test.each([
  [
    'a coin that wins 51 of 100 times at even odds (E. Thorp, "The Kelly Criterion in Blackjack", 1997)',
    51,
    49,
    1,
    0.02,
  ],
  ['a fair coin that pays 2 to 1 (Algorithm::Kelly 0.02, optimal_f(0.5, 2))', 50, 50, 2, 0.25],
])('Kelly share: %s', (_, wins, losses, odds, share) => {
  const outcomes = [...new Array(wins).fill(0.1 * odds), ...new Array(losses).fill(-0.1)];
  const { kelly, trades, winRate } = traded(outcomes);
  expect(trades).toBe(100);
  expect(winRate).toBeCloseTo(wins / 100, 12);
  expect(kelly).toBeCloseTo(share, 10);
});

test('equity is never negative, and a lost account stays lost, over 300 wild accounts', () => {
  const random = randomFrom(99);
  let lost = 0;
  for (let k = 0; k < 300; k += 1) {
    const closes = Array.from({ length: 80 }, () => (random() < 0.1 ? Number.NaN : 10 ** (random() * 3)));
    const signals = closes.map(() => Math.round(random() * 4 - 2));
    const { result, rows } = collect({ one: bars(closes, signals) }, { fee: random() * 0.2, slippage: random() * 0.2 });
    const [{ curve, statistics, months }] = reportData(result, rows).symbols;
    const equity = curve.equity as number[];
    expect(Math.min(...equity, 1)).toBeGreaterThanOrEqual(0);
    const end = equity.indexOf(0);
    if (end < 0) continue;
    lost += 1;
    expect(equity.slice(end).every((value) => value === 0)).toBe(true);
    expect(statistics.all).toMatchObject({ totalReturn: -1, maxDrawdown: 1, cagr: null, calmar: null });
    expect(months.slice(0, -1).every((one) => one.return === null || one.return >= -1)).toBe(true);
  }
  expect(lost).toBeGreaterThan(50);
});

test('gaps of time count in durations and years, not in bars', () => {
  const times = [0, 1, 2, 400, 401].map((day) => Date.UTC(2020, 0, 1) + day * DAY_MS);
  const { result, rows } = collect({ one: bars([100, 90, 80, 80, 110], [1, 1, 1, 1, 1], times) });
  const { all } = reportData(result, rows).symbols[0].statistics;
  expect(all.longestDrawdownMs).toBe(401 * DAY_MS);
  expect(all.drawdowns[0]).toMatchObject({ bars: 4, recoveredMs: times[4] });
  expect(all.cagr).toBeCloseTo(1.1 ** (365.25 / 401) - 1, 12);
  expect(all.exposure).toBe(1);
});

inBrowser.each([
  ['no trade', [1, 2, 3, 4], [0, 0, 0, 0]],
  ['a total loss', [1, 3, 6, 12], [-1, -1, -1, 0]],
  ['no price at all', [Number.NaN, Number.NaN], [1, 1]],
  ['one bar', [5], [1]],
  ['negative prices', [-10, -5, -7], [1, 1, -1]],
])('a page of %s is drawn without a complaint, and on a logarithmic scale', async (_, closes, signals) => {
  const { result, rows } = collect({ one: bars(closes as number[], signals as number[]) });
  const { page, complaints } = await open(reportHtml(result, { rows }));
  await page.click('#log');
  await page.click('#charts button[title="zoom in"]');
  await page.click('#all');
  expect(await page.textContent('main')).not.toMatch(/NaN|undefined|Infinity/);
  expect(complaints).toEqual([]);
  await page.close();
});
