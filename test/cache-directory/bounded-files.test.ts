/** Files up to a size, shared by processes: what is there is returned whole, and nothing foreign is touched. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BoundedFiles } from '../../src/cache-directory/bounded-files.js';
import { ownerToken } from '../../src/io/process-owner.js';

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-bounded-'));
  directory = path.join(folder, 'cache');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);
const stored = () =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.atc-part'));
const only = () => path.join(directory, stored()[0]);

test('bytes are returned as they were put, also by another process', async () => {
  await new BoundedFiles(directory, 1000).put('a', bytes(10, 7));
  const other = new BoundedFiles(directory, 1000);
  expect(await other.get('a', 10)).toEqual(bytes(10, 7));
  expect(await other.get('b', 10)).toBeUndefined();
  await other.put('a', bytes(12, 8));
  expect(await other.get('a', 12)).toEqual(bytes(12, 8));
  await other.remove('a');
  await other.remove('a');
  expect(await other.get('a', 12)).toBeUndefined();
  expect(stored()).toEqual([]);
});

test('a file of another length is not read, however long it is', async () => {
  const files = new BoundedFiles(directory, 1000);
  await files.put('a', bytes(10));
  for (const length of [0, 9, 11, 2 ** 40]) {
    truncateSync(only(), length);
    expect(await files.get('a', 10)).toBeUndefined();
  }
});

test('those not used for longest go when the bound is passed, down to nine tenths of it', async () => {
  const files = new BoundedFiles(directory, 1000);
  for (const key of ['a', 'b', 'c', 'd']) await files.put(key, bytes(240));
  const past = new Date(Date.now() - 60_000);
  for (const name of stored()) utimesSync(path.join(directory, name), past, past);
  // Reading counts as use.
  await files.get('b', 240);
  await files.put('e', bytes(240));
  expect(stored()).toHaveLength(3);
  expect(await files.get('b', 240)).toEqual(bytes(240));
  expect(await files.get('e', 240)).toEqual(bytes(240));
});

test('links are neither read nor written, listed nor removed through', async () => {
  const foreign = path.join(folder, 'foreign');
  const name = `${'0'.repeat(62)}.atc-part`;
  mkdirSync(foreign);
  for (const file of [name, 'thesis.txt']) writeFileSync(path.join(foreign, file), bytes(5000));
  const files = new BoundedFiles(directory, 100);
  await files.put('a', bytes(10));
  const home = path.dirname(only());
  const inside = path.basename(only());
  symlinkSync(foreign, path.join(directory, path.basename(home) === '00' ? '01' : '00'));
  // Enforces the bound.
  await files.put('b', bytes(95));
  expect(readdirSync(foreign).sort()).toEqual([name, 'thesis.txt']);
  // A link in the place of the directory, then in that of the file.
  rmSync(home, { recursive: true, force: true });
  symlinkSync(foreign, home);
  writeFileSync(path.join(foreign, inside), bytes(10));
  expect(await files.get('a', 10)).toBeUndefined();
  await expect(files.put('a', bytes(10))).rejects.toMatchObject({ code: 'CORRUPT', path: home });
  rmSync(home);
  mkdirSync(home);
  symlinkSync(path.join(foreign, inside), path.join(home, inside));
  expect(await files.get('a', 10)).toBeUndefined();
  await files.put('a', bytes(10, 3));
  expect(await files.get('a', 10)).toEqual(bytes(10, 3));
  expect(readdirSync(foreign).sort()).toEqual([inside, name, 'thesis.txt'].sort());
});

test('what a killed process left unfinished is removed with the next look; other files stay', async () => {
  await new BoundedFiles(directory, 1000).put('a', bytes(10));
  const home = path.dirname(only());
  const dead = `.x.${2 ** 22 + 1}-1-${ownerToken().split('-')[2]}.00000000.atc-tmp`;
  for (const name of [dead, 'notes.txt', 'short.atc-part']) writeFileSync(path.join(home, name), bytes(2000));
  const files = new BoundedFiles(directory, 1000);
  await files.put('b', bytes(10));
  expect(existsSync(path.join(home, dead))).toBe(false);
  expect(readdirSync(home)).toEqual(expect.arrayContaining(['notes.txt', 'short.atc-part']));
  expect(await files.get('a', 10)).toEqual(bytes(10));
});
