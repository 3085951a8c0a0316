import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { decodeBrief } from '../../src/dataset/brief-reader.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import { updateDataset } from '../../src/index.js';
import { bitsOf } from './history-files.js';

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-many-'));
  directory = path.join(folder, 'd');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = { durability: 'process' } as const;

function columnsOf(rows: number, first = 0, price = 1) {
  return {
    timestamp: Float64Array.from({ length: rows }, (_, k) => (first + k) * 60_000),
    close: Float64Array.from({ length: rows }, (_, k) => price + (first + k) / 8),
  };
}

const sourceOf = (names: readonly string[], rows = 5) =>
  names.map((symbol, k) => ({ symbol, columns: columnsOf(rows, 0, k) }));
const namesOf = (count: number) => Array.from({ length: count }, (_, k) => `S${k}`);

async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}

/** Files below the dataset, without marks. */
const filesIn = () =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^lease\./.test(entry.name))
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();

async function closesOf(symbol: string): Promise<string> {
  const dataset = await openDataset(directory);
  try {
    return bitsOf(dataset.table(symbol).column('close'));
  } finally {
    dataset.close();
  }
}

test('short histories of many symbols share files, and are read bit by bit', async () => {
  const source = sourceOf(namesOf(300));
  const dataset = await writeDataset(directory, source, options);
  expect(dataset.symbols).toEqual(namesOf(300));
  for (const { symbol, columns } of source) {
    expect(bitsOf(dataset.table(symbol).column('close'))).toBe(bitsOf(columns.close));
  }
  const whole = dataset.snapshotId;
  dataset.close();
  // The catalogue and its short form, its pages, the names, and one file of frames.
  expect(filesIn()).toHaveLength(2 + Math.ceil(300 / 64) + 1 + 1);
  expect(await verifyDataset(directory)).toMatchObject({ symbols: 300, rows: 1500, files: 1 });
  // The identity of the content does not depend on how it is stored.
  const mapped = await writeDataset(path.join(folder, 'mapped'), source, { ...options, layout: 'mapped' });
  expect(mapped.snapshotId).toBe(whole);
  mapped.close();
});

test('opening, and reading one symbol, does not depend on the pages of others', async () => {
  (await writeDataset(directory, sourceOf(namesOf(200)), options)).close();
  const page = path.join(directory, 'added-1/page-00000.json');
  writeFileSync(page, readFileSync(page, 'utf8').replace('"rows":5', '"rows":6'));
  const dataset = await openDataset(directory);
  expect(dataset.symbols).toHaveLength(200);
  expect(dataset.table('S199').length).toBe(5);
  expect(await errorOf(async () => dataset.table('S3'))).toMatchObject({ code: 'CORRUPT', path: page });
  dataset.close();
  expect(await errorOf(() => verifyDataset(directory))).toMatchObject({ code: 'CORRUPT', path: page });
});

test('an earlier page in the place of a later one is refused, though it is whole in itself', async () => {
  (await writeDataset(directory, sourceOf(namesOf(100)), options)).close();
  const page = (generation: number) => path.join(directory, `added-${generation}/page-00000.json`);
  const dataset = await openDataset(directory);
  await dataset.upsert('S3', [{ timestamp: 0, close: 7 }], options);
  const earlier = readFileSync(page(2));
  await dataset.upsert('S3', [{ timestamp: 0, close: 8 }], options);
  dataset.close();
  writeFileSync(page(3), earlier);
  expect(await errorOf(() => closesOf('S3'))).toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining('it is not the file that the catalogue names'),
  });
});

test('an append writes the pages of its symbols only, and leaves nothing behind', async () => {
  const dataset = await writeDataset(directory, sourceOf(namesOf(200)), options);
  const before = filesIn();
  await dataset.append('S150', columnsOf(1, 5, 7), options);
  const added = filesIn().filter((file) => !before.includes(file));
  expect(added).toEqual(['added-2/00000.frames', 'added-2/page-00002.json']);
  for (let row = 6; row < 40; row += 1) await dataset.append('S150', columnsOf(1, row, 7), options);
  await dataset.append('S0', columnsOf(1, 5, 7), options);
  // Generations between, whose segments and pages were all replaced, are gone.
  expect(readdirSync(directory).filter((name) => name.startsWith('added-')).length).toBeLessThan(10);
  expect(dataset.table('S150').length).toBe(40);
  dataset.close();
  expect(await verifyDataset(directory)).toMatchObject({ symbols: 200, rows: 1036 });
});

test('new symbols come after those that are there, in order, whatever their names', async () => {
  const names = ['"],["', ',', '],[', 'é', '\ud800', 'pages', 'format', '"', 'a"b', '__proto__', ' '];
  const dataset = await writeDataset(directory, sourceOf(namesOf(64)), options);
  expect(readFileSync(path.join(directory, 'catalogue.json'), 'utf8')).toContain('"version":2');
  for (const [k, name] of names.entries()) await dataset.append(name, columnsOf(2, 0, k), options);
  await updateDataset(directory, sourceOf(namesOf(150).slice(60)), options);
  dataset.close();
  expect(readFileSync(path.join(directory, 'catalogue.json'), 'utf8')).toContain('"version":3');
  const again = await openDataset(directory);
  expect(again.symbols).toEqual([...namesOf(64), ...names, ...namesOf(150).slice(64)]);
  for (const [k, name] of names.entries()) {
    expect(bitsOf(again.table(name).column('close'))).toBe(bitsOf(columnsOf(2, 0, k).close));
  }
  expect(await errorOf(async () => again.table('S1000'))).toMatchObject({ code: 'ARGUMENT' });
  again.close();
  expect(await verifyDataset(directory)).toMatchObject({ symbols: 161 });
});

test('any names are found, by text or by map', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ minLength: 1, unit: fc.constantFrom('"', '[', ']', ',', '\\', 'a', '\n') }), {
        minLength: 65,
        maxLength: 140,
      }),
      async (names) => {
        const dataset = await writeDataset(directory, sourceOf(names, 1), options);
        expect(dataset.symbols).toEqual(names);
        for (const [k, name] of names.entries()) expect(dataset.table(name).column('close')[0]).toBe(k);
        const absent = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
        expect(() => dataset.table(absent)).toThrow('no symbol');
        dataset.close();
        rmSync(directory, { recursive: true });
      },
    ),
    { numRuns: 15, seed: 3 },
  );
});

test('a change to every symbol writes few files, and compaction leaves none that is mostly dead', async () => {
  const names = namesOf(120);
  (await writeDataset(directory, sourceOf(names), options)).close();
  for (let row = 5; row < 9; row += 1) {
    const candles = names.map((symbol, k) => ({ symbol, columns: columnsOf(1, row, k) }));
    await updateDataset(directory, candles, { ...options, existing: 'refuse' });
  }
  expect(filesIn().length).toBeLessThan(30);
  // All but a few symbols get rows that replace what their frames hold.
  for (const symbol of names.slice(10)) {
    const dataset = await openDataset(directory);
    await dataset.upsert(symbol, columnsOf(9, 0, 50), options);
    dataset.close();
  }
  const dataset = await openDataset(directory);
  const { snapshotId } = dataset;
  await dataset.compact(options);
  expect(dataset.snapshotId).toBe(snapshotId);
  const frames = filesIn().filter((file) => file.endsWith('.frames'));
  const bytes = frames.reduce((sum, file) => sum + statSync(path.join(directory, file)).size, 0);
  const named = dataset.catalogue.symbols.flatMap((entry) => entry.segments.map((one) => one.byteLength ?? 0));
  expect(named.reduce((sum, length) => sum + length, 0)).toBeGreaterThanOrEqual(bytes / 2);
  dataset.close();
  expect(await closesOf('S3')).toBe(bitsOf(columnsOf(9, 0, 3).close));
  expect(await closesOf('S30')).toBe(bitsOf(columnsOf(9, 0, 50).close));
  expect(await verifyDataset(directory)).toMatchObject({ symbols: 120, rows: 1080 });
});

test('long histories among short ones have files of their own', async () => {
  const names = namesOf(70);
  const rowsOf = (k: number) => (k % 23 === 0 ? 20_000 : 10);
  async function* alternating() {
    for (let from = 0; from < 20_000; from += 5000) {
      for (const [k, symbol] of names.entries()) {
        const rows = Math.min(5000, rowsOf(k) - from);
        if (rows > 0) yield { symbol, columns: columnsOf(rows, from, k) };
      }
    }
  }
  const dataset = await writeDataset(directory, alternating(), options);
  for (const k of names.keys()) {
    expect(bitsOf(dataset.table(`S${k}`).column('close'))).toBe(bitsOf(columnsOf(rowsOf(k), 0, k).close));
  }
  expect(filesIn().filter((file) => /\.(atc|frames)$/.test(file))).toHaveLength(4 + 1);
  await dataset.append('S69', columnsOf(1, 20_000, 69), options);
  await dataset.compact(options);
  expect(bitsOf(dataset.table('S69').column('close'))).toBe(bitsOf(columnsOf(20_001, 0, 69).close));
  dataset.close();
  expect(await verifyDataset(directory)).toMatchObject({ symbols: 70, rows: 4 * 20_000 + 66 * 10 + 1 });
});

test('a snapshot of many symbols shares their pages, and keeps them while it is there', async () => {
  const dataset = await writeDataset(directory, sourceOf(namesOf(100)), options);
  await dataset.snapshot('first');
  const { snapshotId } = dataset;
  for (let row = 5; row < 12; row += 1) await dataset.append('S7', columnsOf(1, row, 7), options);
  await dataset.compact(options);
  const old = await openDataset(directory, { asOf: 'first' });
  expect([old.snapshotId, old.table('S7').length]).toEqual([snapshotId, 5]);
  old.close();
  expect(await verifyDataset(directory)).toMatchObject({ symbols: 100, versions: 1 });
  expect(statSync(path.join(directory, 'snapshots/first.json')).size).toBeLessThan(2000);
  await dataset.deleteSnapshot('first');
  dataset.close();
  expect(existsSync(path.join(directory, 'snapshots/first.json'))).toBe(false);
  expect(await closesOf('S7')).toBe(bitsOf(columnsOf(12, 0, 7).close));
});

test('the short form of the catalogue follows every change, and is rebuilt where it was lost or damaged', async () => {
  const file = path.join(directory, 'catalogue.brief');
  const dataset = await writeDataset(directory, sourceOf(namesOf(200)), options);
  const rowsOf = () => decodeBrief(readFileSync(file))?.symbols.map(({ rows }) => rows);
  const rows = Array.from({ length: 200 }, () => 5);
  expect(rowsOf()).toEqual(rows);
  const damages = [
    () => undefined,
    () => rmSync(file),
    () => writeFileSync(file, readFileSync(file).subarray(0, 300)),
    () => writeFileSync(file, 'ATCN'),
  ];
  for (const [k, damage] of damages.entries()) {
    damage();
    await dataset.append(`S${k * 60}`, columnsOf(2, 5, 7), options);
    rows[k * 60] += 2;
    expect(rowsOf()).toEqual(rows);
  }
  await verifyDataset(directory);
  const inline = await writeDataset(path.join(folder, 'few'), sourceOf(namesOf(64)), options);
  expect(readFileSync(path.join(folder, 'few/catalogue.brief'))[4]).toBe(1);
  await inline.append('one more', columnsOf(1), options);
  expect(readFileSync(path.join(folder, 'few/catalogue.brief'))[4]).toBe(2);
  await verifyDataset(path.join(folder, 'few'));
  inline.close();
  dataset.close();
});
