/** Reading the catalogue of a directory, replacing it, and dating it where versions are retained. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BRIEF_FILE } from '../../src/dataset/brief-catalogue.js';
import { withFacts } from '../../src/dataset/catalogue.js';
import {
  hasCatalogue,
  isCurrentText,
  readCatalogue,
  readCurrent,
  strongest,
} from '../../src/dataset/catalogue-file.js';
import { updateDataset, writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { dateCatalogue, publishCatalogue } from '../../src/dataset/publish-catalogue.js';
import { pathsOf } from '../../src/dataset/superseded.js';
import { DirectoryWriter } from '../../src/io/atomic-directory.js';
import type { Durability } from '../../src/io/durability.js';
import { acquireLock } from '../../src/io/process-lock.js';
import { thrownBy } from '../io/workspace.js';

let folder: string;
let directory: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-catalogue-'));
  directory = path.join(folder, 'd');
  file = path.join(directory, 'catalogue.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FAST = { durability: 'process' } as const;
const columnsOf = (first: number) => ({
  timestamp: Float64Array.of(first * 60_000, (first + 1) * 60_000),
  close: Float64Array.of(1, 2),
});
async function written(symbols = ['A']): Promise<void> {
  const source = symbols.map((symbol) => ({ symbol, columns: columnsOf(0) }));
  (await writeDataset(directory, source, FAST)).close();
}
const appended = (first: number, keep?: number) =>
  updateDataset(
    directory,
    { symbol: 'A', columns: columnsOf(first) },
    { ...FAST, ...(keep !== undefined && { keep }) },
  );

describe('a directory without a catalogue', () => {
  test('is no dataset, with what to do: one that is missing, and one that has none', () => {
    expect(hasCatalogue(directory)).toBe(false);
    expect(thrownBy(() => readCatalogue(directory))).toMatchObject({
      code: 'IO',
      path: directory,
      message: expect.stringContaining(
        `${directory} is not a dataset: there is no such directory; a relative path starts at the working directory`,
      ),
    });
    mkdirSync(directory);
    expect(hasCatalogue(directory)).toBe(false);
    for (const read of [readCatalogue, readCurrent, (at: string) => isCurrentText(at, '')]) {
      expect(thrownBy(() => read(directory))).toMatchObject({
        code: 'IO',
        path: directory,
        message: expect.stringContaining(
          `${directory} is not a dataset: it has no catalogue.json; make one with atc import`,
        ),
      });
    }
  });

  test('a link in its place is not followed, and damage names the file', async () => {
    await written();
    expect(hasCatalogue(directory)).toBe(true);
    const elsewhere = path.join(folder, 'elsewhere.json');
    renameSync(file, elsewhere);
    symlinkSync(elsewhere, file);
    expect(thrownBy(() => readCatalogue(directory))).toMatchObject({ code: 'CORRUPT', path: file });
    rmSync(file);
    writeFileSync(file, '{}');
    for (const read of [readCatalogue, readCurrent]) {
      expect(thrownBy(() => read(directory))).toMatchObject({ code: 'CORRUPT', path: file });
    }
  });
});

test('the catalogue in force, its text, and since when: the time of the file, or the one that it is dated with', async () => {
  await written();
  utimesSync(file, 1000, 2000.5);
  const { catalogue, publishedMs, text } = readCurrent(directory);
  expect(catalogue).toEqual(readCatalogue(directory));
  expect(catalogue).toMatchObject({ generation: 1, symbols: [{ symbol: 'A' }] });
  expect([publishedMs, text]).toEqual([2_000_500, readFileSync(file, 'utf8')]);
  expect([isCurrentText(directory, text), isCurrentText(directory, `${text} `)]).toEqual([true, false]);
  const before = Date.now();
  await appended(10, 2);
  expect(isCurrentText(directory, text)).toBe(false);
  utimesSync(file, 1000, 2000);
  const dated = readCurrent(directory);
  expect(dated.publishedMs).toBe(dated.catalogue.publishedMs);
  expect(dated.publishedMs).toBeGreaterThanOrEqual(before);
  expect(dated.publishedMs).toBeLessThanOrEqual(Date.now());
});

test.each<[Durability | undefined, Durability | undefined, Durability]>([
  [undefined, undefined, 'power'],
  ['process', 'process', 'process'],
  ['process', undefined, 'power'],
  [undefined, 'process', 'power'],
  ['power', 'process', 'power'],
  ['process', 'power', 'power'],
])('a change asked for with %s of a dataset with %s is made with %s', (asked, promised, expected) => {
  expect(strongest(asked, promised)).toBe(expected);
});

describe('dates', () => {
  test('are given once a version is retained, and time does not run backwards', async () => {
    await written();
    await appended(10);
    expect(readCatalogue(directory).publishedMs).toBeUndefined();
    dateCatalogue(directory, readCatalogue(directory), 5e12);
    const dated = readCatalogue(directory);
    expect(dated).toMatchObject({ publishedMs: 5e12, generation: 2, durability: 'process' });
    const text = readFileSync(file, 'utf8');
    dateCatalogue(directory, dated, 6e12);
    expect(readFileSync(file, 'utf8')).toBe(text);
    // A clock that was set back.
    await appended(20);
    expect(readCatalogue(directory)).toMatchObject({ publishedMs: 5e12, generation: 3 });
  });

  test('stay when no version does', async () => {
    await written();
    dateCatalogue(directory, readCatalogue(directory), 1000);
    const before = Date.now();
    await appended(10);
    expect(readCatalogue(directory).publishedMs).toBeGreaterThanOrEqual(before);
  });

  test('are given with the first generation that is retained, and are not before it', async () => {
    await written();
    const future = Math.ceil(Date.now() / 1000) + 1000;
    utimesSync(file, future, future);
    await appended(10, 2);
    expect(existsSync(path.join(directory, 'snapshots/1.json'))).toBe(true);
    expect(readCatalogue(directory)).toMatchObject({ generation: 2, publishedMs: future * 1000 });
    const dataset = await openDataset(directory, { asOf: future * 1000 });
    expect(dataset.table('A').length).toBe(4);
    dataset.close();
  });

  test('are those of the clock where a version lies there and the catalogue has none', async () => {
    await written();
    await appended(10, 2);
    const { publishedMs: _, ...undated } = readCatalogue(directory);
    const before = Date.now();
    await publish(undated, { ...undated, generation: 3 });
    const { publishedMs = 0 } = readCatalogue(directory);
    expect(publishedMs).toBeGreaterThanOrEqual(before);
    expect(publishedMs).toBeLessThanOrEqual(Date.now());
  });
});

type Present = ReturnType<typeof readCatalogue>;

/** As a change would, with no new segment. */
async function publish(present: Present, next: Present, replacesAll?: boolean): Promise<void> {
  const lock = await acquireLock(directory, 'write');
  const writer = new DirectoryWriter(path.join(directory, `added-${next.generation}`), FAST);
  writeFileSync(path.join(writer.temporary, 'new'), 'x');
  try {
    publishCatalogue(directory, present, next, { lock, writer, ...(replacesAll !== undefined && { replacesAll }) });
  } finally {
    writer.abort();
    lock.release();
  }
}

describe('a published catalogue', () => {
  test('is the one in force, with a brief one beside it; files of a named directory stay', async () => {
    await written();
    const present = readCatalogue(directory);
    const [container] = pathsOf(present).map((one) => one.split('/')[0]);
    writeFileSync(path.join(directory, container, 'left'), 'x');
    const brief = readFileSync(path.join(directory, BRIEF_FILE));
    await publish(present, withFacts(present, { generation: 2 }));
    expect(readCatalogue(directory)).toEqual({ ...present, generation: 2 });
    expect(readFileSync(path.join(directory, BRIEF_FILE)).equals(brief)).toBe(false);
    expect(existsSync(path.join(directory, container, 'left'))).toBe(true);
    // It names nothing in the new directory.
    expect(existsSync(path.join(directory, 'added-2'))).toBe(false);
  });

  test('that replaces everything leaves no file that it does not name', async () => {
    await written();
    const present = readCatalogue(directory);
    const [segment] = pathsOf(present);
    const left = path.join(directory, segment.split('/')[0], 'left');
    writeFileSync(left, 'x');
    await publish(present, withFacts(present, { generation: 2 }), true);
    expect([existsSync(left), existsSync(path.join(directory, segment))]).toEqual([false, true]);
  });

  test('of many symbols takes the sections of unchanged pages from the brief one', async () => {
    await written(Array.from({ length: 70 }, (_, k) => `S${k}`));
    const present = readCatalogue(directory);
    const sizes = [false, true].map(async (replacesAll) => {
      await publish(readCatalogue(directory), withFacts(present, { generation: replacesAll ? 3 : 2 }), replacesAll);
      return statSync(path.join(directory, BRIEF_FILE)).size;
    });
    expect((await Promise.all(sizes)).every((size) => size > 0)).toBe(true);
    expect(readCatalogue(directory).symbols).toEqual(present.symbols);
  });
});
