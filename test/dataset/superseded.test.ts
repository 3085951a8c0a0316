/** What a dataset removes once no catalogue names it, and what it leaves: file by file. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PagedCatalogue } from '../../src/dataset/catalogue.js';
import { readCatalogue } from '../../src/dataset/catalogue-file.js';
import { updateDataset, writeDataset } from '../../src/dataset/dataset.js';
import {
  addedContainerOf,
  addedDirectory,
  pathsOf,
  removeAllSuperseded,
  removeSuperseded,
  removeUnfinished,
  unfinishedIn,
} from '../../src/dataset/superseded.js';
import { takeLease } from '../../src/io/leases.js';

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-superseded-'));
  directory = path.join(folder, 'd');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FAST = { durability: 'process' } as const;
const columnsOf = (first: number, rows = 3) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => (first + k) * 60_000),
  close: Float64Array.from({ length: rows }, (_, k) => first + k),
});
/** Symbols S0 and so on, in one directory of their own each, or bundled where there are many. */
async function written(symbols = 1): Promise<void> {
  const source = Array.from({ length: symbols }, (_, k) => ({ symbol: `S${k}`, columns: columnsOf(0) }));
  (await writeDataset(directory, source, FAST)).close();
}
async function appended(first: number, keep?: number): Promise<void> {
  const options = { ...FAST, ...(keep !== undefined && { keep }) };
  await updateDataset(directory, { symbol: 'S0', columns: columnsOf(first) }, options);
}
const inside = (name: string) => path.join(directory, ...name.split('/'));
/** A file of that name below the dataset, with the directories above it. */
function put(...names: string[]): void {
  for (const name of names) {
    mkdirSync(path.dirname(inside(name)), { recursive: true });
    writeFileSync(inside(name), 'x');
  }
}
const there = (...names: string[]) => names.filter((name) => existsSync(inside(name)));
const containerOf = (file: string) => file.split('/')[0];
/** Leaves the directory as a reader of another process would see it, until the returned function is called. */
const leased = (generation: number) => takeLease(directory, generation, () => true) as () => void;

test('the directory of a change is named by its generation, and recognised among others', () => {
  expect(addedDirectory(12)).toBe('added-12');
  const paths = [
    'added-12/00000/close',
    'added-3',
    '00000-A/close',
    'added-/x',
    'x-added-3/x',
    'added-3x/y',
    'a/added-3',
  ];
  expect(paths.map(addedContainerOf)).toEqual(['added-12', 'added-3', ...new Array(5).fill(undefined)]);
});

test('what a writer left that died is of a generation after the one in force', async () => {
  await written();
  await appended(10);
  const catalogue = readCatalogue(directory);
  expect(catalogue.generation).toBe(2);
  put('added-1/a', 'added-3/a', 'added-10/b', 'added-x/a', 'x-added-9/a', 'added-9x/a');
  expect(unfinishedIn(directory, catalogue).sort()).toEqual(['added-10', 'added-3']);
  removeUnfinished(directory, catalogue);
  const others = ['added-1', 'added-2', 'added-x', 'x-added-9', 'added-9x'];
  expect(there('added-3', 'added-10', ...others)).toEqual(others);
});

describe('directories that no catalogue names', () => {
  const unnamed = ['added-1/a', 'added-77/b', '00042-Z/close', '00042/close'];
  const foreign = ['1234-A/a', 'x00001-A/a', '00001x/a', 'notes/a', 'x-added-1/a', 'added-1x/a', 'read.me'];

  test('are removed, and none that is named or foreign', async () => {
    await written(2);
    await appended(10);
    const catalogue = readCatalogue(directory);
    const named = pathsOf(catalogue);
    expect(new Set(named.map(containerOf))).toEqual(new Set(['00001-S1', 'added-2']));
    put(...unnamed, ...foreign);
    removeSuperseded(directory, catalogue);
    expect(there(...unnamed.map(containerOf))).toEqual([]);
    expect(there(...foreign)).toEqual(foreign);
    expect(there(...named)).toEqual(named);
  });

  test('stay while somebody reads a generation before, and go with the next look', async () => {
    await written();
    await appended(10);
    const catalogue = readCatalogue(directory);
    put(...unnamed, ...foreign);
    const end = leased(1);
    removeSuperseded(directory, catalogue);
    removeAllSuperseded(directory, catalogue);
    expect(there(...unnamed)).toEqual(unnamed);
    end();
    const current = leased(2);
    removeSuperseded(directory, catalogue);
    current();
    expect(there(...unnamed)).toEqual([]);
  });

  test('stay when a version names them, whose readers hold nothing else back', async () => {
    await written();
    const before = pathsOf(readCatalogue(directory));
    await appended(10, 3);
    // All that there is, written anew: the first generation is only a version by now.
    await updateDataset(directory, { symbol: 'S1', columns: columnsOf(0) }, { ...FAST, keep: 3 });
    const catalogue = readCatalogue(directory);
    const others = { ...catalogue, symbols: catalogue.symbols.slice(1) };
    expect(pathsOf(others).map(containerOf)).not.toContain(containerOf(before[0]));
    put(...unnamed);
    const end = leased(1);
    removeSuperseded(directory, others);
    end();
    expect(there(...before, 'added-2')).toEqual([...before, 'added-2']);
    expect(there(...unnamed)).toEqual([]);
    put(...unnamed);
    removeAllSuperseded(directory, others);
    expect(there(...before, ...unnamed)).toEqual(before);
  });

  test('stay while a version cannot be read: nobody knows what it needs', async () => {
    await written();
    await appended(10, 2);
    put(...unnamed);
    writeFileSync(inside('snapshots/1.json'), '{}');
    const catalogue = readCatalogue(directory);
    removeSuperseded(directory, catalogue);
    removeAllSuperseded(directory, catalogue);
    expect(there(...unnamed)).toEqual(unnamed);
  });

  test('of more than 64 symbols: pages are named, directories of the first generation stay until all is looked at', async () => {
    await written(70);
    await appended(10);
    const catalogue = readCatalogue(directory);
    expect(catalogue).toBeInstanceOf(PagedCatalogue);
    const named = pathsOf(catalogue);
    const { files } = (catalogue as PagedCatalogue).pages;
    expect([...files].length).toBeGreaterThan(0);
    expect(named).toEqual(expect.arrayContaining([...files]));
    expect(named.length).toBe([...files].length + catalogue.symbols.flatMap(({ segments }) => segments).length);
    put(...unnamed, ...foreign);
    removeSuperseded(directory, catalogue);
    expect(there(...named)).toEqual(named);
    // The pages of the catalogue lie in `added-1`.
    expect(there(...unnamed)).toEqual(['added-1/a', '00042-Z/close', '00042/close']);
    removeAllSuperseded(directory, catalogue);
    expect(there(...named)).toEqual(named);
    expect(there(...unnamed)).toEqual([]);
    expect(there(...foreign)).toEqual(foreign);
  });
});

test('files that are not named go out of directories of which others are, however deep', async () => {
  await written();
  await appended(10);
  const catalogue = readCatalogue(directory);
  const named = pathsOf(catalogue);
  const container = containerOf(named[0]);
  expect(named[0].split('/').length).toBeGreaterThan(1);
  const beside = [`${container}/left.atc`, `${container}/deep/er/left.atc`, 'added-2/left.atc'];
  put(...beside, 'notes/left.atc');
  removeSuperseded(directory, catalogue);
  expect(there(...beside)).toEqual(beside);
  removeAllSuperseded(directory, catalogue);
  expect(there(...beside, `${container}/deep`)).toEqual([]);
  expect(there(...named, 'notes/left.atc')).toEqual([...named, 'notes/left.atc']);
});

test('files two directories deep, as where a whole dataset was replaced', async () => {
  await written();
  const catalogue = readCatalogue(directory);
  const [symbol] = catalogue.symbols;
  const moved = {
    ...symbol,
    segments: symbol.segments.map((one) => ({ ...one, path: `added-1/00000-A/${one.path}` })),
  };
  const [named] = moved.segments.map((one) => one.path);
  const beside = ['added-1/00001-B/x', 'added-1/00000-A/left', 'added-1/left'];
  put(named, ...beside);
  removeAllSuperseded(directory, { ...catalogue, symbols: [moved] });
  expect(there(named, ...beside, ...pathsOf(catalogue))).toEqual([named]);
});

test('a link in place of a directory of segments is not followed', async () => {
  await written();
  const catalogue = readCatalogue(directory);
  const foreign = path.join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(path.join(foreign, 'mine'), 'x');
  const [container] = pathsOf(catalogue).map(containerOf);
  rmSync(inside(container), { recursive: true });
  symlinkSync(foreign, inside(container));
  removeAllSuperseded(directory, catalogue);
  expect(readdirSync(foreign)).toEqual(['mine']);
});
