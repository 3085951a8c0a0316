/** Sources that have less than what was asked for. */
import { keepHistory } from '../../src/fetching/keep-history.js';
import { openDataset, updateDataset } from '../../src/index.js';
import { candle, candles, fakeSource, MINUTE, type Row, rowsOf, START } from './fake-source.js';
import { directory, fetched, options } from './fetch-fixture.js';

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

  test('candles missing at the end are asked for again, long missing ones are not', async () => {
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

  test('earlier and later history is added to the stored candles', async () => {
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
