/** Columns of a mapped dataset under names that are no file names everywhere. */
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-columns-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NAMES = [
  'close',
  'Close',
  'aux',
  'nul',
  'com1',
  'lpt9',
  'con',
  'prn',
  'column-1',
  'column-3',
  'a/b',
  '..',
  'é',
  'auxiliary',
];
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

async function written(): Promise<string> {
  const columns = Object.fromEntries(NAMES.map((name, i) => [name, Float64Array.of(i, i + 0.5)]));
  const directory = path.join(folder, 'set');
  await (
    await writeDataset(
      directory,
      { symbol: 'A', columns: { timestamp: Float64Array.of(0, 60_000), ...columns } },
      { layout: 'mapped' },
    )
  ).close();
  return directory;
}

const filesOf = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.npy'));

async function expectReadable(directory: string): Promise<void> {
  const dataset = await openDataset(directory);
  try {
    const table = dataset.table('A');
    for (const [i, name] of NAMES.entries()) expect([name, ...table.column(name)]).toEqual([name, i, i + 0.5]);
  } finally {
    await dataset.close();
  }
  await verifyDataset(directory);
}

test('each column has a file of its own, of no name that Windows reserves or that differs by case alone', async () => {
  const directory = await written();
  const files = filesOf(directory).map((file) => path.basename(file));
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(NAMES.length + 1);
  expect(files.filter((file) => WINDOWS_DEVICE.test(file) || !/^[a-z0-9_-]+\.npy$/.test(file))).toEqual([]);
  await expectReadable(directory);
});

test('a segment whose column `aux` lies in aux.npy, as release 1.0 wrote it, is read', async () => {
  const directory = await written();
  const index = NAMES.indexOf('aux') + 1;
  const file = filesOf(directory).find((name) => name.endsWith(`column-${index}.npy`))!;
  renameSync(path.join(directory, file), path.join(directory, path.dirname(file), 'aux.npy'));
  await expectReadable(directory);
});
