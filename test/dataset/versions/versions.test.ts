/** Naming versions of a dataset, opening them with `asOf`, and what is refused. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DatasetLayout, exportDataset, openDataset, openHistory, updateDataset, writeDataset } from 'atc-memory';
import { backtest } from 'atc-memory/atc';
import { verifyDataset } from '../../../src/dataset/verify.js';
import { candleColumns } from '../history-files.js';

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-asof-'));
  directory = path.join(folder, 'set');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const later = (rows: number) => {
  const { timestamp, close, volume } = candleColumns(rows, 5);
  return { timestamp: Float64Array.from([...timestamp], (ms) => Number(ms) + 1e10), close, volume };
};
const opened = async (layout: DatasetLayout = 'packed', rows = 300) =>
  writeDataset(directory, { symbol: 'A', columns: candleColumns(rows) }, { layout });
const lengthAt = async (asOf?: string | number | Date) => {
  const dataset = await openDataset(directory, { asOf });
  const { length } = dataset.table('A');
  dataset.close();
  return length;
};

describe.each<DatasetLayout>(['mapped', 'packed'])('%s', (layout) => {
  test('a snapshot is opened by its name, its generation and its time', async () => {
    const dataset = await opened(layout);
    const first = await dataset.snapshot('first');
    expect(first).toMatchObject({
      name: 'first',
      generation: 1,
      rows: 300,
      symbols: 1,
      snapshotId: dataset.snapshotId,
    });
    expect(first.bytes).toBe(first.ownBytes + first.sharedBytes);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await dataset.append('A', later(10));
    const { publishedMs = 0 } = dataset.catalogue;
    expect(publishedMs).toBeGreaterThan(first.publishedMs);
    expect([await lengthAt('first'), await lengthAt(1), await lengthAt(2), await lengthAt()]).toEqual([
      300, 300, 310, 310,
    ]);
    expect(await lengthAt(new Date(publishedMs - 1))).toBe(300);
    expect(await lengthAt(publishedMs - 1)).toBe(300);
    expect(await lengthAt(new Date(publishedMs).toISOString())).toBe(310);
    await expect(lengthAt(new Date(first.publishedMs - 1))).rejects.toMatchObject({ code: 'ARGUMENT' });
    await expect(lengthAt(3)).rejects.toThrow(/has no generation 3 .*there are: 1, 2/);
    dataset.close();
  });

  test('unchanged segments are shared, and what only a version holds is its own', async () => {
    const dataset = await opened(layout, 5000);
    await dataset.snapshot('before');
    const { timestamp } = candleColumns(5000);
    const changed = {
      timestamp: timestamp.slice(100, 102),
      close: Float64Array.of(1, 2),
      volume: Float64Array.of(3, 4),
    };
    await dataset.upsert('A', changed);
    const [shared] = await dataset.snapshots();
    // Rows of the same files, except the two.
    expect(shared.sharedBytes).toBeGreaterThan(shared.ownBytes);
    await dataset.compact();
    const [alone] = await dataset.snapshots();
    expect(alone).toMatchObject({ sharedBytes: 0, bytes: shared.bytes });
    const sizeOf = (name: string) => readdirSync(path.join(directory, name), { recursive: true }).length;
    expect(sizeOf('00000-A')).toBeGreaterThan(0);
    await dataset.deleteSnapshot('before');
    expect(existsSync(path.join(directory, '00000-A'))).toBe(false);
    dataset.close();
  });

  test('a deletion waits for its readers, and later changes do not wait for it', async () => {
    const dataset = await opened(layout);
    await dataset.snapshot('held');
    await dataset.upsert('A', candleColumns(300, 9));
    await dataset.compact();
    const reader = await openDataset(directory, { asOf: 'held' });
    const close = reader.table('A').column('close').slice();
    await dataset.deleteSnapshot('held');
    expect(existsSync(path.join(directory, '00000-A'))).toBe(true);
    expect(reader.table('A').column('close')).toEqual(close);
    reader.close();
    await dataset.compact();
    expect(existsSync(path.join(directory, '00000-A'))).toBe(false);
    dataset.close();
  });
});

test('a version that is open never changes, and refuses changes', async () => {
  const dataset = await opened();
  await dataset.snapshot('still');
  const still = await openDataset(directory, { asOf: 'still' });
  await dataset.append('A', later(3));
  expect([still.refresh(), still.table('A').length, still.snapshotName, still.generation]).toEqual([
    false,
    300,
    'still',
    1,
  ]);
  const changes = [
    () => still.append('A', later(1)),
    () => still.upsert('A', later(1)),
    () => still.compact(),
    () => still.markEmpty('A', [[0, 1]]),
  ];
  for (const change of changes) {
    await expect(change()).rejects.toMatchObject({ code: 'READ_ONLY', message: expect.stringContaining('"still"') });
  }
  // A second name for the same version.
  expect(await still.snapshot('again')).toMatchObject({ generation: 1, rows: 300 });
  still.close();
  dataset.close();
});

test('names that a file system could confuse, and those that are taken, are refused', async () => {
  const dataset = await opened();
  const wrong = [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    '.hidden',
    'x.',
    'nul',
    'NUL.txt',
    'com1',
    'Aux',
    '12',
    'ü',
    'a b',
  ];
  for (const name of [...wrong, 'x'.repeat(101), 'a\0', null, 5, {}] as string[]) {
    await expect(dataset.snapshot(name)).rejects.toMatchObject({ code: 'ARGUMENT' });
  }
  expect(existsSync(path.join(directory, 'snapshots'))).toBe(false);
  await dataset.snapshot('Q1');
  await dataset.snapshot('Q1');
  await dataset.append('A', later(2));
  await expect(dataset.snapshot('q1')).rejects.toThrow(/has a snapshot "Q1" of generation 1 already/);
  await expect(dataset.snapshot('Q1')).rejects.toMatchObject({ code: 'ARGUMENT' });
  expect(await lengthAt('Q1')).toBe(300);
  await expect(lengthAt('Q2')).rejects.toThrow(/no snapshot "Q2"; did you mean "Q1"\?/);
  await expect(dataset.deleteSnapshot('../catalogue')).rejects.toMatchObject({ code: 'ARGUMENT' });
  for (const asOf of [
    '../x',
    '',
    0,
    -1,
    0.5,
    Number.NaN,
    new Date(Number.NaN),
    null,
    {},
    '2024-01-01T99:00Z',
    '2024-02-30T00:00Z',
  ]) {
    await expect(openDataset(directory, { asOf: asOf as string })).rejects.toMatchObject({ code: 'ARGUMENT' });
  }
  dataset.close();
});

test('keep retains the newest generations and lets go of older ones', async () => {
  (await opened()).close();
  for (let turn = 1; turn <= 5; turn += 1) {
    await updateDataset(directory, { symbol: 'A', columns: later(turn) }, { keep: 3 });
  }
  const dataset = await openDataset(directory);
  expect((await dataset.snapshots()).map(({ generation }) => generation)).toEqual([4, 5]);
  expect([await lengthAt(4), await lengthAt(5), await lengthAt(6)]).toEqual([303, 304, 305]);
  await dataset.append('A', { ...later(6), timestamp: Float64Array.from(later(6).timestamp, (ms) => ms + 1e9) });
  // Without keep nothing is let go of, and nothing added.
  expect((await dataset.snapshots()).map(({ generation }) => generation)).toEqual([4, 5]);
  await dataset.compact({ keep: 1 });
  expect(await dataset.snapshots()).toEqual([]);
  for (const keep of [0, -1, 1.5, '2'] as number[]) {
    await expect(dataset.compact({ keep })).rejects.toMatchObject({ code: 'ARGUMENT' });
  }
  dataset.close();
});

test('a dataset of release 1.0 takes a snapshot, and 1.0 no longer removes its files', async () => {
  cpSync('test/dataset/corpus/version-1-packed', directory, { recursive: true });
  const dataset = await openDataset(directory);
  const closes = dataset.table('A').column('close').slice();
  await dataset.snapshot('of-1.0');
  expect(JSON.parse(readFileSync(path.join(directory, 'catalogue.json'), 'utf8'))).toMatchObject({ version: 2 });
  await dataset.upsert('A', { timestamp: Float64Array.of(0), close: Float64Array.of(-1) });
  await dataset.compact();
  const version = await openDataset(directory, { asOf: 'of-1.0' });
  expect(version.table('A').column('close')).toEqual(closes);
  version.close();
  dataset.close();
  expect(await verifyDataset(directory)).toMatchObject({ versions: 1 });
});

test('a snapshot that is damaged, renamed or a link is reported, keeps all files, and can be deleted', async () => {
  const dataset = await opened();
  await dataset.snapshot('a');
  await dataset.snapshot('b');
  const file = (name: string) => path.join(directory, 'snapshots', `${name}.json`);
  const text = readFileSync(file('a'), 'utf8');
  writeFileSync(file('a'), text.replace('"rows":300', '"rows":301'));
  await expect(lengthAt('a')).rejects.toMatchObject({ code: 'CORRUPT', path: file('a') });
  await expect(verifyDataset(directory)).rejects.toMatchObject({ code: 'CORRUPT', path: file('a') });
  await dataset.upsert('A', candleColumns(300, 3));
  await dataset.compact();
  await dataset.deleteSnapshot('b');
  // Nobody knows what "a" needs.
  expect(existsSync(path.join(directory, '00000-A'))).toBe(true);
  writeFileSync(file('a'), text);
  expect(await lengthAt('a')).toBe(300);
  renameSync(file('a'), file('c'));
  await expect(lengthAt('c')).rejects.toThrow(/holds "a"/);
  rmSync(file('c'));
  symlinkSync('../catalogue.json', file('link'));
  await expect(lengthAt('link')).rejects.toThrow(/symbolic link/);
  await dataset.deleteSnapshot('link');
  expect(existsSync(path.join(directory, '00000-A'))).toBe(false);
  dataset.close();
});

test('a backtest names the version that it saw, and runs again on the same bits', async () => {
  const dataset = await opened('packed', 3000);
  await dataset.snapshot('seen');
  dataset.close();
  const before = await backtest(directory, { emaLength: 10 });
  expect(before.storage.version).toEqual({ generation: 1, snapshotId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  await updateDataset(directory, { symbol: 'A', columns: candleColumns(2000, 8) });
  const now = await backtest(directory, { emaLength: 10 });
  expect([now.storage.version?.generation, now.symbols[0].summary]).not.toEqual([1, before.symbols[0].summary]);
  for (const options of [{}, { useMemoryMapped: true }, { from: 0 }, { from: 0, useCompression: true }] as const) {
    const again = await backtest(directory, { emaLength: 10, asOf: 'seen', ...options });
    expect(again.storage.version).toEqual({ ...before.storage.version, snapshot: 'seen' });
    expect(again.symbols).toEqual(before.symbols);
  }
  const csv = path.join(folder, 'A.csv');
  await exportDataset(directory, csv, { asOf: 'seen' });
  expect((await backtest(csv, { emaLength: 10 })).storage.version).toBeUndefined();
  expect((await backtest(csv, { emaLength: 10 })).symbols).toEqual(before.symbols);
  await expect(openHistory(csv, { asOf: 'seen' })).rejects.toMatchObject({ code: 'ARGUMENT' });
});
