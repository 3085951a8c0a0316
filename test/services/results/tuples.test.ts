/**
 * Rows as exchanges return them, `[ms, open, high, low, close, volume]`: cached in columns, written as datasets, or
 * refused with advice.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type OhlcvTuple, withMemoryMapping, writeDataset } from 'atc-memory';
import { expectSame } from '../../same-value.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-tuples-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rows = (): OhlcvTuple[] =>
  Array.from({ length: 500 }, (_, i): OhlcvTuple => {
    const volume = i % 50 === 0 ? null : i % 11;
    return [1_700_000_040_000 + i * 60_000, 1, 2, i === 3 ? -0 : 0.5, 1 + (i % 7) / 100, volume];
  });

test.each([false, true])(
  'a provider of tuples is asked once, and its rows are returned bit for bit (packed: %s)',
  (packed) => {
    let calls = 0;
    const provider = {
      fetchOHLCV() {
        calls += 1;
        return { rows: rows(), words: Array.from({ length: 40 }, (_, i) => [i, 'buy', i % 2 === 0]) };
      },
    };
    const expected = provider.fetchOHLCV();
    const options = { methods: ['fetchOHLCV'], ttlMs: 1e9, cacheDir: folder, service: 'ccxt', packed };
    withMemoryMapping(provider, options);
    expectSame(provider.fetchOHLCV(), expected);
    expectSame(provider.fetchOHLCV(), expected);
    expect(calls).toBe(2);
  },
);

test('lists of different lengths, and lists with holes, are no tuples: asked every time', () => {
  for (const list of [
    [[1, 2], [3]],
    [Object.assign(new Array(3), [1]), [4, 5, 6]],
    [[], []],
  ]) {
    let calls = 0;
    const provider = {
      load: () => {
        calls += 1;
        return list;
      },
    };
    withMemoryMapping(provider, { ttlMs: 1e9, cacheDir: folder, service: `S${list.length}${list[0].length}` });
    provider.load();
    expectSame(provider.load(), list);
    expect(calls).toBe(2);
  }
});

test('tuples of a symbol become a dataset; a missing volume is NaN', async () => {
  const dataset = await writeDataset(path.join(folder, 'ds'), { symbol: 'BTC/USDT', rows: rows() });
  const table = dataset.table('BTC/USDT');
  expect(table.columns).toEqual(['timestamp', 'open', 'high', 'low', 'close', 'volume']);
  expect(Object.is(table.column('low')[3], -0)).toBe(true);
  expect([...table.column('volume').slice(0, 3)]).toEqual([Number.NaN, 1, 2]);
  expect([...table.column('timestamp')]).toEqual(rows().map(([ms]) => ms));
  dataset.close();
  const many = [
    { symbol: 'A', rows: rows().slice(0, 2) },
    { symbol: 'B', rows: rows() },
  ];
  const both = await writeDataset(path.join(folder, 'both'), many);
  expect(both.symbols.map((symbol) => both.table(symbol).length)).toEqual([2, 500]);
  both.close();
});

test.each<[string, unknown, string]>([
  ['without a symbol', rows(), "{ symbol: 'BTC/USDT', rows }"],
  ['too short', { symbol: 'A', rows: [[1, 2]] }, 'row 0 is not [timestamp, open, high, low, close, volume]'],
  ['with a price that is text', { symbol: 'A', rows: [[1, '2', 3, 1, 2, 5]] }, 'A: open of row 0 is "2", no number'],
])('tuples %s are ARGUMENT', async (_, source, message) => {
  const written = writeDataset(path.join(folder, 'none'), source as never);
  await expect(written).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining(message) });
});
