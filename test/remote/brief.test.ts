/** The short form of the catalogue, and blocks that end at midnight. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset, writeDataset } from 'atc-memory';
import { blockEnds, rowsOfWholeDays } from '../../src/dataset/block-ends.js';
import { encodeBrief } from '../../src/dataset/brief-catalogue.js';
import { decodeBrief } from '../../src/dataset/brief-reader.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import { serveFiles } from './file-server.js';
import { minutes } from './made-up-history.js';

const DAY_MS = 86_400_000;
const root = mkdtempSync(path.join(tmpdir(), 'remote-brief-'));
const directory = path.join(root, 'history');
const file = path.join(directory, 'catalogue.brief');

beforeAll(async () => {
  const pieces = ['BTC', 'ETH/EUR'].map((symbol, k) => ({ symbol, columns: minutes(30_000, k) }));
  (await writeDataset(directory, pieces, { durability: 'process' })).close();
});
afterAll(() => rmSync(root, { recursive: true }));

test('the brief catalogue has the symbols and segments of the catalogue', async () => {
  const dataset = await openDataset(directory);
  const brief = decodeBrief(readFileSync(file));
  expect(brief).toEqual(decodeBrief(encodeBrief(dataset.catalogue)));
  const [{ segments, ...entry }] = dataset.catalogue.symbols;
  const { check: _, crc32c: __, ...segment } = segments[0];
  expect(brief?.symbols[0]).toEqual({ ...entry, segments: [segment] });
  dataset.close();
});

test('a change writes it again; without it, damaged, or by a later version, the catalogue is read', async () => {
  const { url, close } = await serveFiles(directory);
  const dataset = await openDataset(directory);
  const last = dataset.catalogue.symbols[0].lastMs;
  const row = { timestamp: last + 60_000, open: 1, high: 1, low: 1, close: 1, volume: 1 };
  await dataset.append(
    'BTC',
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Float64Array.of(value)])),
  );
  dataset.close();
  const good = readFileSync(file);
  expect(decodeBrief(good)?.generation).toBe(2);
  const states: [string, () => void][] = [
    ['whole', () => undefined],
    [
      'damaged',
      () =>
        writeFileSync(
          file,
          good.map((byte, k) => (k === 40 ? byte ^ 1 : byte)),
        ),
    ],
    ['cut', () => writeFileSync(file, good.subarray(0, 50))],
    [
      'later',
      () =>
        writeFileSync(
          file,
          good.map((byte, k) => (k === 4 ? 2 : byte)),
        ),
    ],
    ['absent', () => rmSync(file)],
  ];
  for (const [, make] of states) {
    make();
    const remote = await openDataset(url);
    expect([remote.generation, remote.table('BTC').length]).toEqual([2, 30_001]);
    expect((await remote.table('ETH/EUR').column('close', { from: 5, to: 9 })).length).toBe(4);
    remote.close();
  }
  expect(existsSync(file)).toBe(false);
  await verifyDataset(directory);
  writeFileSync(file, good.subarray(0, 50));
  await expect(verifyDataset(directory)).rejects.toMatchObject({ code: 'CORRUPT', path: file });
  writeFileSync(file, good);
  await close();
});

test('blocks end at midnight where they can, and cover all rows', () => {
  const times = (rows: number, stepMs: number) =>
    Float64Array.from({ length: rows }, (_, k) => 3 * 3_600_000 + k * stepMs);
  for (const [rows, step] of [
    [16_384, 60_000],
    [16_384, 300_000],
    [9000, 60_000],
    [16_384, 100],
    [100, 60_000],
    [16_384, DAY_MS],
  ]) {
    const all = times(rows, step);
    const ends = blockEnds(all);
    expect(ends[ends.length - 1]).toBe(rows);
    expect(ends.every((end, k) => end > (ends[k - 1] ?? 0))).toBe(true);
    const days = Math.floor(all[rows - 1] / DAY_MS);
    if (rows > 8192 && days > 3 && step < DAY_MS) expect(all[ends[0]] % DAY_MS).toBe(0);
    const whole = rowsOfWholeDays(all, rows);
    expect(whole).toBeGreaterThanOrEqual(rows >> 1);
    expect(whole).toBeLessThanOrEqual(rows);
  }
});
