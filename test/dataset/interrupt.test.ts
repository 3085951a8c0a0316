/**
 * Long work gives the event loop turns, so that a signal that is raised meanwhile ends it; then nothing has changed.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { convertToPacked } from '../../src/dataset/copy.js';
import { updateDataset, writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import { candleColumns } from './history-files.js';

const ROWS = 100_000;
let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-interrupt-'));
  const half = (from: number, to: number) =>
    Object.fromEntries(Object.entries(candleColumns(ROWS)).map(([name, column]) => [name, column.slice(from, to)]));
  const dataset = await writeDataset(at('set'), { symbol: 'A', columns: half(0, ROWS / 2) }, { layout: 'mapped' });
  await dataset.append('A', half(ROWS / 2, ROWS));
  dataset.close();
  // A clock that has always gone on by more than a turn: what is tested is that turns are given, not how often.
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => (now += 60));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const compact = async (signal: AbortSignal) => {
  const dataset = await openDataset(at('set'));
  try {
    await dataset.compact({ signal });
  } finally {
    dataset.close();
  }
};

test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
  ['import of a dataset', (signal) => writeDataset(at('new'), at('set'), { signal })],
  ['import of columns', (signal) => writeDataset(at('new'), pieces(), { signal })],
  ['convert', (signal) => convertToPacked(at('set'), at('new'), { signal })],
  ['update', (signal) => updateDataset(at('set'), pieces(), { signal })],
  ['compaction', compact],
  ['verify', (signal) => verifyDataset(at('set'), { signal })],
])('%s', async (_, work) => {
  const before = readdirSync(at('set')).toSorted();
  const controller = new AbortController();
  // Runs only if the work lets it.
  setImmediate(() => controller.abort(new Error('enough')));
  await expect(work(controller.signal)).rejects.toThrow('enough');
  expect(readdirSync(at('set')).toSorted()).toEqual(before);
  expect(readdirSync(folder)).toEqual(['set']);
  expect((await verifyDataset(at('set'))).rows).toBe(ROWS);
});

function* pieces() {
  const columns = candleColumns(ROWS, 2);
  for (let from = 0; from < ROWS; from += 10_000) {
    const part = Object.entries(columns).map(([name, column]) => [name, column.subarray(from, from + 10_000)]);
    yield { symbol: 'A', columns: Object.fromEntries(part) };
  }
}

test('how far it is: rows, and the share of the whole', async () => {
  const seen: [number, number | undefined][] = [];
  (await writeDataset(at('new'), at('set'), { onRows: (rows, share) => seen.push([rows, share]) })).close();
  expect(seen.at(-1)).toEqual([ROWS, 1]);
  for (const [rows, share] of seen) expect(share).toBeCloseTo(rows / ROWS, 12);
  const checked: number[] = [];
  await verifyDataset(at('set'), { onRows: (_, share) => checked.push(share) });
  expect(checked.at(-1)).toBe(1);
  expect(checked).toEqual(checked.toSorted((a, b) => a - b));
});
