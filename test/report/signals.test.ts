/** Closed signals of backtest-kit as a source of reports. */
import { reportData, reportHtml, type SignalResult } from 'atc-memory/report';
import { DAY_MS } from './accounts.js';
import { drawnPixels, HOSTILE, inBrowser, open, print, printFaults, seriousFaults } from './browser.js';

const START = Date.UTC(2024, 0, 1);

/** As backtest-kit yields it: `made` in per cent, after costs. */
function closed(
  day: number,
  days: number,
  position: 'long' | 'short',
  prices: [number, number],
  made: number,
  symbol = 'BTCUSDT',
) {
  const profit = { pnlPercentage: made, priceOpen: prices[0], priceClose: prices[1], pnlCost: made, pnlEntries: 100 };
  return {
    action: 'closed',
    symbol,
    strategyName: 'trend',
    currentPrice: prices[1],
    closeTimestamp: START + (day + days) * DAY_MS,
    closeReason: 'take_profit',
    pnl: profit,
    signal: {
      position,
      pendingAt: START + day * DAY_MS,
      priceOpen: prices[0],
      multiplier: 1,
      totalEntries: 1,
      totalPartials: 0,
      maxDrawdown: { ...profit, pnlPercentage: -3 },
      peakProfit: { ...profit, pnlPercentage: Math.max(made, 0) },
    },
  };
}

const SIGNALS = [
  { action: 'opened', symbol: 'BTCUSDT', signal: null },
  closed(0, 10, 'long', [100, 110], 9.6),
  closed(20, 5, 'short', [120, 126], -5.4),
  closed(30, 10, 'long', [120, 132], 9.6),
] as unknown as SignalResult[];

test('the account takes every closed signal with all it has', () => {
  const { strategy, rows, symbols, all } = reportData(SIGNALS);
  expect([strategy, rows, symbols.length]).toEqual(['trend', 3, 1]);
  const [{ statistics, trades, curve }] = symbols;
  expect(statistics.all.totalReturn).toBeCloseTo(1.096 * 0.946 * 1.096 - 1, 12);
  expect(statistics.long.totalReturn).toBeCloseTo(1.096 ** 2 - 1, 12);
  expect(statistics.short.totalReturn).toBeCloseTo(-0.054, 12);
  expect(statistics.buyAndHold.totalReturn).toBeCloseTo(0.32, 12);
  expect(statistics.all.maxDrawdown).toBeCloseTo(0.054, 12);
  expect(statistics.all.exposure).toBeCloseTo(25 / 40, 12);
  expect([statistics.all.trades, statistics.all.turnover, statistics.long.trades]).toEqual([3, 6, 2]);
  expect(statistics.all.winRate).toBeCloseTo(2 / 3, 12);
  expect(trades[0]).toEqual({
    symbol: 'BTCUSDT',
    side: 'long',
    entryMs: START,
    exitMs: START + 10 * DAY_MS,
    entryPrice: 100,
    exitPrice: 110,
    bars: 10 * 1440,
    return: 0.096,
    mae: -0.03,
    mfe: 0.096,
    costs: expect.closeTo(0.004, 12),
    open: false,
  });
  expect(curve.equity.at(-1)).toBeCloseTo(1.096 * 0.946 * 1.096, 12);
  expect(all.statistics).toEqual(statistics);
});

test('signals of several symbols are one account with a share in each, whatever order they come in', () => {
  const other = closed(3, 10, 'long', [10, 20], 99.6, 'ETHUSDT') as SignalResult;
  const mixed = [SIGNALS[3], other, ...SIGNALS.slice(0, 3)];
  const { symbols, all } = reportData(mixed);
  expect(symbols.map(({ symbol, rows }) => [symbol, rows])).toEqual([
    ['BTCUSDT', 3],
    ['ETHUSDT', 1],
  ]);
  expect(all.statistics.all.totalReturn).toBeCloseTo((1.096 * 0.946 * 1.096 + 1.996) / 2 - 1, 12);
  expect(symbols[0].statistics).toEqual(reportData(SIGNALS).symbols[0].statistics);
});

test('nothing that was closed is a report without a symbol', () => {
  const { rows, symbols, all } = reportData(SIGNALS.slice(0, 1));
  expect([rows, symbols.length, all.statistics.all.trades, all.statistics.all.sharpe]).toEqual([0, 0, 0, null]);
});

test('a loss of more than everything leaves nothing, and nothing more can be lost', () => {
  const [{ statistics }] = reportData([closed(0, 1, 'long', [100, 20], -240) as SignalResult, SIGNALS[3]]).symbols;
  expect([statistics.all.totalReturn, statistics.all.maxDrawdown, statistics.all.cagr]).toEqual([-1, 1, null]);
});

const [, one] = SIGNALS;
test.each([
  ['a price of 0', { ...one, currentPrice: 0 }, 'closed result 1: currentPrice is 0'],
  ['no profit', { ...one, pnl: undefined }, 'pnl.pnlPercentage is undefined'],
  ['no side', { ...one, signal: { ...one.signal, position: 'up' } }, 'signal.position is "up"'],
  ['no signal', { ...one, signal: null }, 'signal.position is undefined'],
  ['no symbol', { ...one, symbol: 7 }, 'symbol is 7'],
  ['an end before its start', { ...one, closeTimestamp: START - 1 }, 'closeTimestamp'],
])('%s is ARGUMENT and is named', (_, result, message) => {
  const call = () => reportData([SIGNALS[0], result as never]);
  expect(call).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining(message) }));
});

inBrowser('the page of closed signals draws what there is: no signal between them', async () => {
  const many = Array.from({ length: 60 }, (_, k) =>
    closed(k * 3, 2, k % 3 === 0 ? 'short' : 'long', [100 + k, 101 + k], k % 4 === 0 ? -1 : 0.7, HOSTILE),
  ).map((one) => ({ ...one, strategyName: HOSTILE }));
  const { page, complaints } = await open(reportHtml(many as SignalResult[], { title: HOSTILE }));
  expect(await page.locator('#charts h3').allTextContents()).toEqual([
    'Equity against buy and hold',
    'Underwater',
    'Price with entries and exits',
    'Rolling volatility',
    'Rolling Sharpe ratio',
  ]);
  for (const pixels of await drawnPixels(page)) expect(pixels).toBeGreaterThan(3000);
  expect(await page.textContent('header')).toContain(`Strategy ${HOSTILE}, 60 signals`);
  expect(await page.evaluate('window.broken')).toBeUndefined();
  expect(complaints).toEqual([]);
  await page.close();
  const empty = await open(reportHtml([]));
  expect(empty.complaints).toEqual([]);
  await empty.page.close();
});

inBrowser.each(['light', 'dark'] as const)(
  'axe-core finds no serious fault on the page of closed signals, which prints whole, %s',
  async (colorScheme) => {
    const one = Array.from({ length: 60 }, (_, k) => closed(k * 3, 2, k % 3 === 0 ? 'short' : 'long', [100, 101], 0.7));
    const several = [...one, closed(1, 4, 'long', [10, 9], -10, 'ETHUSDT')];
    for (const signals of [one, several, []]) {
      const { page, complaints } = await open(reportHtml(signals as SignalResult[]), { colorScheme });
      expect(await seriousFaults(page)).toEqual([]);
      await print(page);
      expect(await printFaults(page)).toEqual([[], [], [], []]);
      expect(complaints).toEqual([]);
      await page.close();
    }
  },
);
