import { backtest } from 'atc-memory/atc';
import { keepHistory } from '../../src/fetching/keep-history.js';
import { openHistory } from '../../src/index.js';
import { candle, candles, fakeSource, MINUTE, START } from './fake-source.js';
import { BEHAVIOURS, directory, fetched } from './fetch-fixture.js';

describe('sources of every kind give the same history', () => {
  const holes = [
    [0, 7],
    [95, 130],
    [310, 311],
    [400, 750],
    [960, 1000],
  ] as const;
  const truth = candles(1000, holes);
  for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
    for (const concurrency of [1, 3]) {
      test(`${name}, ${concurrency} at once`, async () => {
        const { fetchPage, asked } = fakeSource(truth, behaviour);
        const { rows } = await fetched(1000, { fetchPage, concurrency });
        expect(rows).toEqual(truth);
        const before = asked.length;
        const again = await fetched(1000, { fetchPage, concurrency });
        expect(again.rows).toEqual(truth);
        expect(asked.length).toBe(before);
      });
    }
  }
});

describe('a year of minutes takes the least number of requests', () => {
  test.each([1, 4])('%i at once', async (concurrency) => {
    const { fetchPage, asked } = fakeSource(candles(20_000));
    const { requests } = await fetched(20_000, { fetchPage, concurrency, pageSize: 1000 });
    expect(requests).toBe(20);
    expect(new Set(asked.map(({ since }) => since)).size).toBe(20);
  });
});

describe('months and days', () => {
  test.each([
    ['1M', Array.from({ length: 24 }, (_, i) => Date.UTC(2020, i, 1))],
    ['1d', Array.from({ length: 300 }, (_, i) => Date.UTC(2020, 0, 1 + i) + (i > 80 ? 4 : 5) * 3_600_000)],
    ['1w', Array.from({ length: 60 }, (_, i) => Date.UTC(2020, 0, 6 + 7 * i))],
  ])('%s, with clocks that change', async (interval, times) => {
    const truth = times.map(candle);
    const { fetchPage } = fakeSource(truth);
    const range = { interval, since: times[0], until: times[times.length - 1] + 1, pageSize: 10 };
    expect((await fetched(0, { fetchPage, ...range })).rows).toEqual(truth);
    expect((await fetched(0, { fetchPage, ...range })).requests).toBe(0);
  });
});

test('tables of the history are sources: a backtest reads them', async () => {
  const { fetchPage } = fakeSource(candles(2000));
  const range = { since: START, until: START + 2000 * MINUTE };
  const history = await keepHistory({ directory, fetchPage, symbols: ['A', 'B'], interval: '1m', ...range });
  expect(() => history.table()).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
  const one = await backtest(history.table('A'));
  const all = await backtest(history.dataset);
  const fromDisk = await backtest(directory);
  expect(one.rows).toBe(2000);
  expect(all.symbols).toEqual(fromDisk.symbols);
  expect(one.symbols[0]).toEqual(fromDisk.symbols[0]);
  const copy = await openHistory([history.table('A'), history.table('B')]);
  expect(copy.dataset.symbols).toEqual(['A', 'B']);
  copy.close();
  history.close();
});

test('two processes that fetch the same symbol take turns', async () => {
  const { fetchPage, asked } = fakeSource(candles(500));
  const both = [fetched(500, { fetchPage }), fetched(500, { fetchPage })];
  for (const { rows } of await Promise.all(both)) expect(rows).toHaveLength(500);
  expect(asked).toHaveLength(5);
});
