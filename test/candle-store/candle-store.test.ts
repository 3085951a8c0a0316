import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAtcError, onMemoryEvent, openCandleStore, type StoredCandle } from 'atc-memory';
import { MINUTE, madeCandles, START } from '../backtest-kit/candles.js';
import { thrownBy } from '../io/workspace.js';
import { directory, NAME, stored } from './series-fixture.js';

describe.each(['packed', 'mapped'] as const)('a %s store', (layout) => {
  test('reads the written candles from journal, segments and merged segments', () => {
    const root = directory();
    const rows = madeCandles(2500);
    const store = openCandleStore(root, { layout, sealRows: 64 });
    const series = store.series(NAME);
    for (let at = 0; at < rows.length; at += 7) series.write(stored(rows.slice(at, at + 7)));
    const check = (from: typeof series) => {
      expect(from.read(START, MINUTE, rows.length)).toEqual(rows);
      expect(from.read(START + 777 * MINUTE, MINUTE, 5)).toEqual(rows.slice(777, 782));
      expect(from.read(START + 1, MINUTE, 1)).toBeUndefined();
      expect(from.read(START, MINUTE, rows.length + 1)).toBeUndefined();
      expect(from.length).toBe(rows.length);
      expect([...from.candles()]).toEqual(rows);
    };
    check(series);
    store.close();
    check(series);
    check(openCandleStore(root, { layout }).series(NAME));
    const files = readdirSync(series.directory);
    expect(files.length).toBeLessThanOrEqual(10);
    expect(files.filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('retains bits that JSON loses, other columns, their order, and values that are no numbers', () => {
    const root = directory();
    const rows = stored([
      { timestamp: 1, open: -0, high: 5e-324, low: 2 ** 53 + 2, close: Number.NaN, volume: Number.POSITIVE_INFINITY },
      { close: 1, timestamp: 2, trades: 12 },
      { timestamp: 3, open: 1, high: 1, low: 1, close: 1, volume: 1, note: 'split', nested: { a: [1, null] } },
      { timestamp: 4, open: 0.1, high: 0.2, low: 0.30000000000000004, close: 1e21, volume: 0 },
    ]);
    const series = openCandleStore(root, { layout, sealRows: 2 }).series(NAME);
    series.write(rows);
    const check = (got: StoredCandle[] | undefined) => {
      expect(got).toEqual(rows);
      expect(Object.is(got?.[0].open, -0)).toBe(true);
      expect(got?.map((row) => Object.keys(row))).toEqual(rows.map((row) => Object.keys(row)));
    };
    check(series.read(1, 1, 4));
    series.seal();
    check(series.read(1, 1, 4));
    check(openCandleStore(root).series(NAME).read(1, 1, 4));
    expect([...series.candles()]).toEqual(rows);
  });

  test('first write wins, in any order, in journal and segment', () => {
    const series = openCandleStore(directory(), { layout, sealRows: 16 }).series(NAME);
    const rows = madeCandles(100);
    const later = rows.map((row) => ({ ...row, close: row.close + 1 }));
    expect(series.write(stored(rows.slice(50).reverse()))).toBe(50);
    expect(series.write(stored(later.slice(40, 60)))).toBe(10);
    expect(series.write(stored([rows[0], later[0]]))).toBe(1);
    const wanted = [...later.slice(40, 50), ...rows.slice(50)];
    expect(series.read(START + 40 * MINUTE, MINUTE, 60)).toEqual(wanted);
    expect(series.read(START, MINUTE, 1)).toEqual([rows[0]]);
    series.seal();
    expect(series.read(START + 40 * MINUTE, MINUTE, 60)).toEqual(wanted);
  });

  test('two stores on one directory see each other, while either seals', () => {
    const root = directory();
    const [a, b] = [0, 1].map(() => openCandleStore(root, { layout, sealRows: 20 }).series(NAME));
    const rows = madeCandles(400);
    rows.forEach((row, i) => {
      const [one, other] = i % 3 === 0 ? [a, b] : [b, a];
      one.write(stored([row]));
      expect(other.read(row.timestamp, MINUTE, 1)).toEqual([row]);
      other.write(stored([{ ...row, close: -1 }]));
    });
    expect(a.read(START, MINUTE, 400)).toEqual(rows);
    expect(b.read(START, MINUTE, 400)).toEqual(rows);
  });

  test('a damaged segment is reported and moved aside, its candles are missing; the rest stays', () => {
    const root = directory();
    const rows = madeCandles(120);
    const writer = openCandleStore(root, { layout, sealRows: 40 }).series(NAME);
    writer.write(stored(rows));
    const [, second] = readdirSync(writer.directory)
      .filter((name) => name.endsWith('.atcs'))
      .sort();
    const file = path.join(writer.directory, second);
    const bytes = readFileSync(file);
    bytes[100] ^= 1;
    rmSync(file);
    writeFileSync(file, bytes);
    const events: string[] = [];
    const stop = onMemoryEvent('corrupt', ({ error }) => events.push(isAtcError(error) ? (error.path ?? '') : ''));
    const series = openCandleStore(root, { layout }).series(NAME);
    expect(series.read(START, MINUTE, 120)).toBeUndefined();
    expect(series.read(START, MINUTE, 40)).toEqual(rows.slice(0, 40));
    expect(series.read(START + 80 * MINUTE, MINUTE, 40)).toEqual(rows.slice(80));
    expect(series.write(stored(rows))).toBe(40);
    expect(series.read(START, MINUTE, 120)).toEqual(rows);
    stop();
    expect(events).toEqual([file]);
    expect(readdirSync(series.directory)).toContain('damaged.atcs');
  });
});

test('every name has a directory of its own, inside the store', () => {
  const root = directory();
  const store = openCandleStore(root);
  const symbols = [
    'BTC/USDT:USDT',
    'btcusdt',
    'BTCUSDT',
    '..',
    '.',
    '',
    'CON',
    'A~B',
    'BTC%2FUSDT',
    'ß',
    'a'.repeat(60),
  ];
  const rows = stored(madeCandles(1));
  for (const symbol of symbols) expect(store.series({ ...NAME, symbol }).write(rows)).toBe(1);
  const found = openCandleStore(root).list();
  expect(found.map(({ symbol }) => symbol).sort()).toEqual([...symbols].sort());
  const folded = new Set(symbols.map((symbol) => store.series({ ...NAME, symbol }).directory.toLowerCase()));
  expect(folded.size).toBe(symbols.length);
  expect([...folded].every((one) => one.startsWith(root.toLowerCase() + path.sep))).toBe(true);
});

test('a name that is no Unicode is ARGUMENT', () => {
  const store = openCandleStore(directory());
  const error = thrownBy(() => store.series({ ...NAME, symbol: 'BTC\ud800' }));
  expect(error).toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('symbol') });
});
