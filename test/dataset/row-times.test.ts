/** Times of rows that cannot be meant: seconds where UTC ms are due, the wrong order, and symbols that are no text. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { memoryTable, openCandleStore, openDataset, TradingAccount, writeDataset } from 'atc-memory';
import { backtestFromDataFrame } from 'atc-memory/atc';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'atc-times-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const columns = (from: number, step: number, rows = 5) => ({
  timestamp: Float64Array.from({ length: rows }, (_, i) => from + i * step),
  close: Float64Array.from({ length: rows }, (_, i) => 100 + i),
});
const SECONDS = expect.objectContaining({
  code: 'ARGUMENT',
  message: expect.stringMatching(/look like seconds: [\d.]+ would be 19(69|70)-.* multiply them by 1000$/),
});

test.each([
  ['minutes', 1.7e9, 60],
  ['hours', 1_700_000_000, 3600],
  ['days', 1.2e9, 86_400],
  ['weeks', 1e9, 604_800],
  ['seconds', 1_700_000_007, 1],
  ['fractions of seconds', 1_700_000_000.25, 0.5],
])('%s in epoch seconds are ARGUMENT with the unit, and nothing is written', async (_, from, step) => {
  const target = path.join(folder, 'set');
  const rows = columns(from, step);
  await expect(writeDataset(target, { symbol: 'A', columns: rows })).rejects.toEqual(SECONDS);
  expect(readdirSync(folder)).toEqual([]);
  expect(() => memoryTable('A', rows)).toThrow(SECONDS);
  await expect(backtestFromDataFrame({ ...rows, symbol: 'A' } as never)).rejects.toMatchObject({ code: 'ARGUMENT' });
  const tuples = Array.from(rows.timestamp, (ms) => [ms, 1, 1, 1, 1, 1] as const);
  await expect(writeDataset(target, { symbol: 'A', rows: tuples })).rejects.toEqual(SECONDS);
  const candles = Array.from(rows.timestamp, (timestamp) => ({ symbol: 'A', timestamp, close: 1 }));
  await expect(writeDataset(target, candles)).rejects.toEqual(SECONDS);
});

test('a long history of days that begins before 1973 is recognised as seconds too', async () => {
  const rows = columns(-252_460_800, 86_400, 20_000);
  await expect(writeDataset(path.join(folder, 'set'), { symbol: 'IBM', columns: rows })).rejects.toEqual(SECONDS);
});

test.each([
  ['minutes', 5.1e8, 60_000],
  ['days', 0, 86_400_000],
  ['hours', -3.6e9, 3_600_000],
  ['seconds', 1.7e9, 1000],
  ['one row', 1.7e9, 0],
])('a series of 1970 in ms (%s) is written', async (_, from, step) => {
  const rows = columns(from, step, step === 0 ? 1 : 50);
  const dataset = await writeDataset(path.join(folder, 'set'), { symbol: 'A', columns: rows });
  expect(dataset.table('A').column('timestamp')).toEqual(rows.timestamp);
  dataset.close();
});

test('seconds that are added to a history in ms are reported as such, and the history stays', async () => {
  const target = path.join(folder, 'set');
  (await writeDataset(target, { symbol: 'A', columns: columns(1.6e12, 60_000) })).close();
  const dataset = await openDataset(target);
  await expect(dataset.append('A', columns(1.7e9, 60))).rejects.toEqual(SECONDS);
  await expect(dataset.upsert('A', columns(1.7e9, 60))).rejects.toEqual(SECONDS);
  expect(dataset.table('A').length).toBe(5);
  dataset.close();
});

test.each([
  ['NaN', [0, Number.NaN], 'row 1 of A: the timestamp is NaN, not a number of ms'],
  ['NaN at first', [Number.NaN, 1], 'row 0 of A: the timestamp is NaN, not a number of ms'],
  ['descending', [0, 120_000, 60_000], 'row 2 of A: the timestamp 1970-01-01T00:01:00.000Z comes after'],
  ['duplicate', [0, 60_000, 60_000], 'row 2 of A: the timestamp 1970-01-01T00:01:00.000Z is there twice'],
  ['infinite', [0, Number.POSITIVE_INFINITY], 'row 1 of A: the timestamp is Infinity, not a number of ms'],
  ['nanoseconds', [0, 1.7e18], 'row 1 of A: the timestamp 1700000000000000000 is beyond the times'],
])('a table in memory with %s times is ARGUMENT with the row', (_, times, message) => {
  const timestamp = Float64Array.from(times);
  const call = () => memoryTable('A', { timestamp, close: new Float64Array(timestamp.length) });
  expect(call).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining(message) }));
});

test.each([[undefined], [null], [5], [''], [Symbol('A')], [{}]])('the symbol %p is ARGUMENT', async (symbol) => {
  const refused = { code: 'ARGUMENT', message: expect.stringContaining('the symbol must be a text') };
  const given = symbol as string;
  expect(() => memoryTable(given, columns(1.7e12, 60_000))).toThrow(expect.objectContaining(refused));
  const target = path.join(folder, 'set');
  const source = { symbol: given, columns: columns(1.7e12, 60_000) };
  await expect(writeDataset(target, source)).rejects.toMatchObject(refused);
  await expect(writeDataset(target, { symbol: given, rows: [[1.7e12, 1, 1, 1, 1, 1]] })).rejects.toMatchObject(refused);
  expect(readdirSync(folder)).toEqual([]);
});

test('rows where columns are due are ARGUMENT that names rows', async () => {
  const tuples = [[1.7e12, 1, 1, 1, 1, 1]];
  const write = writeDataset(path.join(folder, 'set'), { symbol: 'A', columns: tuples as never });
  const message = expect.stringMatching(/go into "rows": \{ symbol: "A", rows: \[\.\.\.\] \}/);
  await expect(write).rejects.toMatchObject({ code: 'ARGUMENT', message });
  expect(() => memoryTable('A', tuples as never)).toThrow(expect.objectContaining({ code: 'ARGUMENT', message }));
});

test('rows as exchanges return them are appended as candles are', async () => {
  const target = path.join(folder, 'set');
  const tuple = (ms: number) => [ms, 1, 3, 0.5, 2, ms === 1.7e12 ? null : 7] as const;
  (await writeDataset(target, { symbol: 'A', rows: [tuple(1.7e12)] })).close();
  const dataset = await openDataset(target);
  await dataset.append('A', [tuple(1.7e12 + 60_000)]);
  await dataset.upsert('A', [tuple(1.7e12 + 120_000), tuple(1.7e12 + 180_000)]);
  expect([...dataset.table('A').column('volume')]).toEqual([Number.NaN, 7, 7, 7]);
  expect([...dataset.table('A').column('close')]).toEqual([2, 2, 2, 2]);
  await expect(dataset.append('A', [tuple(1.8e12), { timestamp: 1.9e12 }] as never)).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('A: row 1 is not [timestamp, open, high, low, close, volume]'),
  });
  dataset.close();
});

test('candles of a store in seconds or microseconds are ARGUMENT with the unit', () => {
  const store = openCandleStore(path.join(folder, 'store'));
  const series = store.series({ exchange: 'binance', symbol: 'A', interval: '1m' });
  expect(() => series.write([{ timestamp: 1_700_000_060, close: 1 }])).toThrow(SECONDS);
  expect(() => series.write([{ timestamp: 1.7e15, close: 1 }])).toThrow(
    expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining('microseconds') }),
  );
  store.close();
});

test('an account that is fed seconds is ARGUMENT with the unit', () => {
  const times = [1.7e9, 1.7e9 + 60, 1.7e9 + 120];
  expect(() => new TradingAccount().push(times, [1, 2, 3], [1, 1, 1])).toThrow(SECONDS);
});
