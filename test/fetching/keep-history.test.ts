import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { backtest } from 'atc-memory/atc';
import { keepHistory } from '../../src/fetching/keep-history.js';
import type { FetchProgress, KeepHistoryOptions } from '../../src/fetching/options.js';
import type { PageRequest } from '../../src/fetching/requests.js';
import { openDataset, openHistory, updateDataset } from '../../src/index.js';
import { type Behaviour, candle, candles, fakeSource, MINUTE, type Row, rowsOf, START } from './fake-source.js';

let directory: string;
beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'keeper-')), 'history');
});
afterEach(() => rmSync(path.dirname(directory), { recursive: true, force: true }));

/** Fetches `minutes` from START on. */
function options(minutes: number, more: Partial<KeepHistoryOptions>): KeepHistoryOptions {
  const range = { since: START, until: START + minutes * MINUTE };
  return {
    directory,
    symbol: 'BTC/USDT',
    interval: '1m',
    pageSize: 100,
    backoffMs: 1,
    ...range,
    ...more,
  } as KeepHistoryOptions;
}

async function fetched(minutes: number, more: Partial<KeepHistoryOptions>): Promise<{ rows: Row[]; requests: number }> {
  const history = await keepHistory(options(minutes, more));
  const rows = rowsOf(history.table());
  const { requests } = history;
  history.close();
  return { rows, requests };
}

const BEHAVIOURS: Record<string, Behaviour> = {
  plain: {},
  'end of the page given': { counts: 'end' },
  'spans of time': { counts: 'span' },
  'pages of 30 whatever is asked for': { cap: 30 },
  'pages of 30 from the end': { cap: 30, counts: 'end' },
  'spans of time, cut': { cap: 30, counts: 'span' },
  'since rounded down to the hour': { roundsTo: 60 * MINUTE },
  'the last row again': { repeatsLast: true },
  'newest first': { order: 'descending' },
  'out of order, each row twice': { order: 'mixed', doubles: true },
  'no end looked at': { ignoresUntil: true },
};

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

describe('what cannot be right is refused', () => {
  const good = candles(50);
  const wrong: [string, () => unknown, string, RegExp][] = [
    ['no list', () => 'rows', 'ARGUMENT', /fetchPage must give a list of rows/],
    ['objects', () => [{ timestamp: START }], 'CORRUPT', /row 0 .* must be \[ms, open, high, low, close, volume\]/],
    ['seconds', () => good.map(([ms, ...row]) => [ms / 1000, ...row]), 'CORRUPT', /multiplied by 1000/],
    ['text', () => good.map(([ms, open, ...row]) => [ms, String(open), ...row]), 'CORRUPT', /convert text with Number/],
    ['a missing price', () => [[START, 1, 2, null, 1, 3]], 'CORRUPT', /low of 2023-01-01T00:00:00Z is null/],
    [
      'a price that is not finite',
      () => [[START, 1, Number.POSITIVE_INFINITY, 1, 1, 3]],
      'CORRUPT',
      /high .* Infinity/,
    ],
    ['a time that is no whole ms', () => [[START + 0.5, 1, 2, 1, 1, 3]], 'CORRUPT', /whole UTC ms/],
    ['two candles of one time', () => [...good, [START, 9, 9, 9, 9, 9]], 'CORRUPT', /two different candles/],
    ['candles of five minutes', () => candles(50, [], 5 * MINUTE), 'CORRUPT', /candles 5m apart/],
    ['candles of a second', () => candles(50, [], 1000), 'CORRUPT', /candles 1s apart/],
    ['off the grid', () => [good[0], [START + 90_000, 1, 2, 1, 1, 3]], 'CORRUPT', /grid/],
    ['the same page again', () => good, 'CORRUPT', /gives the same page again/],
  ];
  test.each(wrong)('%s', async (_name, fetchPage, code, message) => {
    const promise = keepHistory(options(1000, { fetchPage: fetchPage as never, pageSize: 50 }));
    await expect(promise).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a source that gives its newest candles whatever the end is', async () => {
    const { fetchPage } = fakeSource(candles(1000), { counts: 'end', ignoresUntil: true });
    const promise = keepHistory(options(1000, { fetchPage }));
    await expect(promise).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/hand `until` to it/),
    });
  });

  const badOptions: [string, object, RegExp][] = [
    ['an unknown option', { pagesize: 1 }, /no option "pagesize".*pageSize/],
    ['no function', { fetchPage: 1 }, /fetchPage is 1/],
    ['no interval', { interval: '1 minute' }, /interval is "1 minute"/],
    ['symbol and symbols', { symbols: ['A'] }, /not both/],
    ['an empty symbol', { symbol: '' }, /symbol is ""/],
    ['since behind until', { since: START, until: START }, /must be before until/],
    ['since in the future', { since: '2199-01-01', until: '2200-01-01' }, /in the future/],
    ['no time', { since: 'yesterday' }, /since is "yesterday"/],
    ['half a page', { pageSize: 0.5 }, /pageSize is 0.5/],
    ['a rate of nothing', { rate: 0 }, /rate is 0/],
    ['no signal', { signal: {} }, /signal is an object/],
  ];
  test.each(badOptions)('%s is ARGUMENT', async (_name, more, message) => {
    const promise = keepHistory(options(10, { fetchPage: () => [], ...more } as never));
    await expect(promise).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringMatching(message) });
  });
});

describe('what a source has and has not', () => {
  test('the open candle is left out, and comes when it is closed', async () => {
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    const truth = Array.from({ length: 31 }, (_, i) => candle(now - (30 - i) * MINUTE));
    const { fetchPage } = fakeSource(truth);
    const recent = { since: now - 30 * MINUTE, until: undefined, closeDelayMs: 0 };
    const { rows } = await fetched(0, { fetchPage, ...recent });
    expect(rows).toEqual(truth.slice(0, 30));
    expect((await fetched(0, { fetchPage, ...recent, until: now + 10 * MINUTE })).requests).toBe(0);
  });

  test('what is missing at the end is asked for again, what is missing for long is not', async () => {
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    const old = candles(50);
    const { fetchPage, asked } = fakeSource(old);
    await fetched(200, { fetchPage });
    const count = asked.length;
    expect((await fetched(200, { fetchPage })).requests).toBe(0);
    expect((await fetched(200, { fetchPage, retryEmpty: true })).requests).toBeGreaterThan(0);
    expect(asked.length).toBeGreaterThan(count);
    const recent = { symbol: 'NEW', since: now - 60 * MINUTE, until: now - 10 * MINUTE };
    expect((await fetched(0, { fetchPage, ...recent })).requests).toBe(1);
    expect((await fetched(0, { fetchPage, ...recent })).requests).toBe(1);
  });

  test('a symbol without a candle is remembered too', async () => {
    const { fetchPage } = fakeSource([]);
    expect(await fetched(100, { fetchPage })).toEqual({ rows: [], requests: 1 });
    expect(await fetched(100, { fetchPage })).toEqual({ rows: [], requests: 0 });
  });

  test('of two values the first one stays, and the other is reported', async () => {
    const truth = candles(200);
    await fetched(100, { fetchPage: fakeSource(truth).fetchPage });
    const later = truth.map((row, i): Row => (i === 99 ? [row[0], 1, 2, 0.5, 1, 4] : row));
    const history = await keepHistory(options(200, { fetchPage: fakeSource(later, { repeatsLast: true }).fetchPage }));
    expect(rowsOf(history.table())).toEqual(truth);
    expect(history.symbols).toEqual([{ symbol: 'BTC/USDT', rows: 200, added: 100, changed: 1 }]);
    expect(history.changed).toEqual([
      {
        symbol: 'BTC/USDT',
        timestamp: truth[99][0],
        stored: truth[99],
        offered: [truth[99][0], 1, 2, 0.5, 1, 4],
      },
    ]);
    history.close();
  });

  test('earlier and later history is added to what is there', async () => {
    const truth = candles(600);
    const { fetchPage, asked } = fakeSource(truth);
    const at = (minute: number) => START + minute * MINUTE;
    for (const [from, to] of [
      [200, 300],
      [400, 450],
      [0, 600],
    ])
      await fetched(0, { fetchPage, since: at(from), until: at(to) });
    expect(asked.map(({ since, until }) => [(since - START) / MINUTE, (until - START) / MINUTE])).toEqual([
      [200, 300],
      [400, 450],
      [0, 100],
      [100, 200],
      [300, 400],
      [450, 550],
      [550, 600],
    ]);
    const dataset = await openDataset(directory);
    expect(rowsOf(dataset.table('BTC/USDT'))).toEqual(truth);
    dataset.close();
  });

  test('candles that a live program adds are not asked for', async () => {
    const truth = candles(300);
    const { fetchPage, asked } = fakeSource(truth);
    await fetched(100, { fetchPage });
    for (const row of truth.slice(150, 153))
      await updateDataset(directory, { symbol: 'BTC/USDT', rows: [row] }, { existing: 'skip' });
    expect((await fetched(300, { fetchPage })).rows).toEqual(truth);
    expect(asked.slice(1).map(({ since }) => (since - START) / MINUTE)).toEqual([100, 153, 253]);
  });

  test('one directory: another source or interval of the same symbol is refused, another symbol is not', async () => {
    const { fetchPage } = fakeSource(candles(100));
    await fetched(100, { fetchPage, source: 'one' });
    await expect(fetched(100, { fetchPage, source: 'two' })).rejects.toMatchObject({ code: 'ARGUMENT' });
    await expect(fetched(100, { fetchPage, source: 'one', interval: '5m' })).rejects.toMatchObject({
      code: 'ARGUMENT',
    });
    await fetched(100, { fetchPage, source: 'two', symbol: 'ETH/USDT' });
    const dataset = await openDataset(directory);
    expect(dataset.symbols).toEqual(['BTC/USDT', 'ETH/USDT']);
    dataset.close();
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

describe('failures', () => {
  const busy = (more: object) => Object.assign(new Error('busy'), more);

  test('Retry-After holds all requests back', async () => {
    const { fetchPage } = fakeSource(candles(1000));
    const sent: number[] = [];
    const headers = new Headers({ 'Retry-After': '0.3' });
    const source = (request: PageRequest) => {
      sent.push(performance.now());
      if (sent.length === 2) throw busy({ status: 429, headers });
      return fetchPage(request);
    };
    const waits: unknown[] = [];
    const onProgress = ({ waitingUntil }: FetchProgress) => waits.push(waitingUntil);
    const { requests, rows } = await fetched(1000, { fetchPage: source, concurrency: 2, onProgress });
    expect([requests, rows.length]).toEqual([11, 1000]);
    // One more may be under way already.
    const gaps = sent.slice(1).map((at, i) => at - sent[i]);
    expect(Math.max(...gaps)).toBeGreaterThan(250);
    expect(waits.some((until) => typeof until === 'number')).toBe(true);
  });

  test('what cannot pass is not repeated, what can is repeated so often and then given up', async () => {
    let calls = 0;
    const failing = (error: unknown) => () => {
      calls++;
      throw error;
    };
    for (const error of [
      busy({ status: 404 }),
      busy({ response: { status: 401 } }),
      new TypeError('x is not a function'),
    ]) {
      calls = 0;
      const promise = fetched(10, { fetchPage: failing(error) });
      await expect(promise).rejects.toMatchObject({
        code: 'IO',
        cause: error,
        message: expect.stringContaining('run again'),
      });
      expect(calls).toBe(1);
    }
    for (const error of [
      busy({ statusCode: 503 }),
      busy({ code: 'ECONNRESET' }),
      new TypeError('fetch failed'),
      new SyntaxError('JSON'),
    ]) {
      calls = 0;
      await expect(fetched(10, { fetchPage: failing(error), retries: 3 })).rejects.toMatchObject({
        code: 'IO',
        cause: error,
      });
      expect(calls).toBe(4);
    }
  });

  test('a source that wants to be left alone for too long ends the work', async () => {
    const fetchPage = () => {
      throw busy({ status: 418, retryAfterMs: 120_000 });
    };
    const promise = fetched(10, { fetchPage, maxWaitMs: 1000 });
    await expect(promise).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('120 s') });
  });

  test('a request without an answer is given up and repeated', async () => {
    const { fetchPage } = fakeSource(candles(10));
    let calls = 0;
    const source = (request: PageRequest) => (calls++ === 0 ? new Promise<never>(() => undefined) : fetchPage(request));
    expect((await fetched(10, { fetchPage: source, timeoutMs: 50 })).rows).toHaveLength(10);
    expect(calls).toBe(2);
  });

  test('a stop keeps what was fetched', async () => {
    const truth = candles(1000);
    const { fetchPage, asked } = fakeSource(truth);
    const stop = new AbortController();
    const reason = new Error('enough');
    const onProgress = ({ rows }: FetchProgress) => rows >= 300 && stop.abort(reason);
    await expect(fetched(1000, { fetchPage, signal: stop.signal, onProgress })).rejects.toBe(reason);
    const dataset = await openDataset(directory);
    // The page that was under way may have arrived.
    const rows = rowsOf(dataset.table('BTC/USDT'));
    expect([300, 400]).toContain(rows.length);
    expect(rows).toEqual(truth.slice(0, rows.length));
    dataset.close();
    expect((await fetched(1000, { fetchPage })).rows).toEqual(truth);
    expect(new Set(asked.map(({ since }) => since)).size).toBe(10);
  });

  test('a rate is not exceeded', async () => {
    const { fetchPage } = fakeSource(candles(500));
    const sent: number[] = [];
    const source = (request: PageRequest) => {
      sent.push(performance.now());
      return fetchPage(request);
    };
    await fetched(500, { fetchPage: source, rate: 20, concurrency: 5 });
    expect(sent[4] - sent[0]).toBeGreaterThan(4 * 50 - 25);
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
