/** Times that are not UTC ms are refused with the unit they look like, wherever columns are handed over. */
import { TradingAccount } from '../../src/backtest/trading.js';
import { updateDataset, writeDataset } from '../../src/dataset/dataset.js';
import { findGaps } from '../../src/dataset/gaps.js';
import { memoryTable } from '../../src/dataset/memory.js';
import { resample } from '../../src/dataset/resample.js';
import { thrownBy, useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
const close = Float64Array.of(1, 2);
const MICROSECONDS = Float64Array.of(1.7e15, 1.7e15 + 6e7);
const NANOSECONDS = BigInt64Array.of(1_700_000_000_000_000_000n, 1_700_000_060_000_000_000n);
const cases = [
  ['microseconds', MICROSECONDS],
  ['nanoseconds', NANOSECONDS],
] as const;

test.each(cases)('%s are refused by writeDataset, by appending and by a table of columns', async (unit, timestamp) => {
  const refused = {
    code: 'ARGUMENT',
    message: expect.stringContaining(`it looks like ${unit}: timestamps are UTC ms`),
  };
  const columns = { timestamp, close };
  await expect(writeDataset(workspace.at(`new-${unit}`), { symbol: 'A', columns })).rejects.toMatchObject(refused);
  expect(thrownBy(() => memoryTable('A', columns))).toMatchObject(refused);

  const directory = workspace.at(`present-${unit}`);
  const early = timestamp instanceof BigInt64Array ? BigInt64Array.of(1n) : Float64Array.of(1);
  const first = { timestamp: early, close: close.slice(0, 1) };
  (await writeDataset(directory, { symbol: 'A', columns: first })).close();
  await expect(updateDataset(directory, { symbol: 'A', columns })).rejects.toMatchObject(refused);
});

test.each([
  [[1.7e15, 1.7e15 + 6e7], /bar 0: the timestamp 1700000000000000 .* microseconds/],
  [[1.7e18, 1.7e18 + 6e10], /bar 0: .* nanoseconds/],
  [[0, Number.NaN], /time of bar 1 is NaN/],
  [['0', 60_000], /time of bar 0 is "0"/],
  [[60_000, 0], /time of bar 1 is 0 after 60000/],
])('an account refuses times %p and stays as it was', (times, message) => {
  const account = new TradingAccount();
  account.push([0], [10], [1]);
  const before = account.statistics();
  expect(thrownBy(() => account.push(times as number[], [20, 40], [1, 1]))).toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringMatching(message),
  });
  expect(account.statistics()).toEqual(before);
});

test('a range takes numbers and dates, and refuses text instead of comparing it', () => {
  const table = memoryTable('A', { timestamp: Float64Array.of(0, 60_000, 120_000), close: Float64Array.of(1, 2, 3) });
  expect(table.range(60_000, 180_000).length).toBe(2);
  const range = (from: unknown, to: unknown) => table.range(from as number, to as number);
  expect(range(new Date(60_000), new Date(180_000)).length).toBe(2);
  const message = expect.stringMatching(
    /^range: from must be UTC ms, got "1970-01-01T00:01:00Z"; Date.parse reads ISO text/,
  );
  expect(thrownBy(() => range('1970-01-01T00:01:00Z', '1970-01-01T00:03:00Z'))).toMatchObject({
    code: 'ARGUMENT',
    message,
  });
  for (const bounds of [
    ['0', 1],
    [0, null],
    [0n, 1],
    [undefined, 1],
  ]) {
    expect(thrownBy(() => range(bounds[0], bounds[1]))).toMatchObject({ code: 'ARGUMENT' });
  }
});

test('resample, findGaps and memoryTable refuse other tables, options and columns by code', () => {
  const timestamp = Float64Array.of(0, 60_000);
  const table = memoryTable('A', { timestamp });
  const calls = [
    () => [...resample(null as never, '1m')],
    () => [...resample(table, '1m', null as never)],
    () => findGaps(table, { interval: '1m' } as never),
    () => memoryTable('A', { timestamp, close: null as never }),
    () => memoryTable('A', { timestamp: [0, 1] as never }),
  ];
  for (const call of calls) expect(thrownBy(call)).toMatchObject({ code: 'ARGUMENT' });
});
