/** Damaged bytes and files are put aside beside the entries: once, under a name in the order of time, within bounds. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type FileIdentity, identifyFile } from '../../src/cache-directory/entry-files.js';
import { quarantineBytes, quarantinedFiles, quarantineFile } from '../../src/cache-directory/quarantine.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { whileReadOnly } from '../io/unprivileged.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
let rounds = 0;
let directory: string;
let folder: string;
beforeEach(() => {
  directory = workspace.at(`q${rounds++}`);
  mkdirSync(directory);
  folder = path.join(directory, '.damaged');
});
const bytes = Uint8Array.of(1, 2, 3);
/** Of an empty file from long ago, `k` ms after the first. */
const old = (k: number) => `${1_700_000_000_000 + k}.0000000${k % 10}-${k}.x.entry`;

test('bytes are copied under time, checksum, length and service, once', () => {
  const before = Date.now();
  const file = quarantineBytes(directory, 'Candle/cache 1', bytes) as string;
  const [time, content, service, ending] = path.basename(file).split('.');
  expect([path.dirname(file), content, service, ending]).toEqual([
    folder,
    `${crc32c(bytes).toString(16).padStart(8, '0')}-3`,
    'Candle_cache_1',
    'entry',
  ]);
  expect(Number(time)).toBeGreaterThanOrEqual(before);
  expect([...readFileSync(file)]).toEqual([...bytes]);
  expect(quarantineBytes(directory, 'other', bytes)).toBe(file);
  expect(quarantinedFiles(directory)).toEqual([file]);
  const second = quarantineBytes(directory, undefined, Uint8Array.of(9)) as string;
  expect(path.basename(second)).toMatch(/^\d+\.[0-9a-f]{8}-1\.store\.entry$/);
  expect(quarantinedFiles(directory)).toHaveLength(2);
  const long = quarantineBytes(directory, 'x'.repeat(100), Uint8Array.of(8)) as string;
  expect(path.basename(long).split('.')[2]).toBe('x'.repeat(60));
});

test('a checksum with zeros in front has eight digits', () => {
  let k = 0;
  while (crc32c(Uint8Array.of(k & 255, k >> 8)) >= 2 ** 24) k++;
  const file = quarantineBytes(directory, 's', Uint8Array.of(k & 255, k >> 8)) as string;
  expect(path.basename(file)).toMatch(/^\d+\.0[0-9a-f]{7}-2\.s\.entry$/);
  expect(quarantineBytes(directory, 's', Uint8Array.of(k & 255, k >> 8))).toBe(file);
});

test('a damaged file is moved; one that was replaced meanwhile is left', async () => {
  const file = path.join(directory, `${'n'.repeat(90)}.atc-entry`);
  writeFileSync(file, 'damaged');
  const seen = (await identifyFile(file)) as FileIdentity;
  const aside = (await quarantineFile(directory, file, seen)) as string;
  expect(path.basename(aside)).toMatch(/^\d{13}\.[0-9a-f]{8}\.n{80}$/);
  expect([existsSync(file), readFileSync(aside, 'utf8'), quarantinedFiles(directory)]).toEqual([
    false,
    'damaged',
    [aside],
  ]);
  writeFileSync(file, 'newer');
  expect(await quarantineFile(directory, file, seen)).toBeUndefined();
  expect([readFileSync(file, 'utf8'), quarantinedFiles(directory)]).toEqual(['newer', [aside]]);
});

test('nothing goes into a link or a file in place of the folder', async () => {
  const foreign = workspace.at(`foreign${rounds}`);
  mkdirSync(foreign);
  writeFileSync(path.join(foreign, old(1)), 'x');
  const file = path.join(directory, 'k');
  writeFileSync(file, 'damaged');
  const seen = (await identifyFile(file)) as FileIdentity;
  for (const place of [() => symlinkSync(foreign, folder), () => writeFileSync(folder, 'x')]) {
    place();
    expect(quarantineBytes(directory, 's', bytes)).toBeUndefined();
    expect(await quarantineFile(directory, file, seen)).toBeUndefined();
    expect(quarantinedFiles(directory)).toEqual([]);
    rmSync(folder);
  }
  expect([readdirSync(foreign), readFileSync(file, 'utf8')]).toEqual([[old(1)], 'damaged']);
});

test('a disk that takes no copy is no error: a cache goes on without', async () => {
  await whileReadOnly(directory, async () => {
    expect(quarantineBytes(directory, 's', bytes)).toBeUndefined();
  });
  expect(quarantinedFiles(directory)).toEqual([]);
});

test('more than 64 MiB are not copied; what is not ours does not count and stays', () => {
  expect(quarantineBytes(directory, 's', new Uint8Array(2 ** 26 + 1))).toBeUndefined();
  expect(existsSync(folder)).toBe(false);
  mkdirSync(folder);
  const foreign = ['notes.txt', '123.00000001-1.x.entry', `x${old(1)}`, '1700000000000.zzz.x'];
  for (const name of foreign) writeFileSync(path.join(folder, name), 'x');
  for (let k = 0; k < 99; k++) writeFileSync(path.join(folder, old(k)), '');
  quarantineBytes(directory, 's', bytes);
  expect(quarantinedFiles(directory)).toHaveLength(100);
  quarantineBytes(directory, 's', Uint8Array.of(7));
  const names = readdirSync(folder);
  expect(quarantinedFiles(directory)).toHaveLength(100);
  expect([names.includes(old(0)), names.includes(old(1))]).toEqual([false, true]);
  expect(names).toEqual(expect.arrayContaining(foreign));
});

test('the newest stay up to 64 MiB, and the last one however large it is', async () => {
  mkdirSync(folder);
  for (let k = 0; k < 3; k++) {
    writeFileSync(path.join(folder, old(k)), '');
    truncateSync(path.join(folder, old(k)), 2 ** 25);
  }
  const file = path.join(directory, 'k');
  writeFileSync(file, '');
  // With two of the others they are exactly as many as may be.
  const aside = await quarantineFile(directory, file, (await identifyFile(file)) as FileIdentity);
  expect(quarantinedFiles(directory)).toEqual([path.join(folder, old(1)), path.join(folder, old(2)), aside]);
  writeFileSync(file, '');
  truncateSync(file, 2 ** 27);
  const large = await quarantineFile(directory, file, (await identifyFile(file)) as FileIdentity);
  expect(quarantinedFiles(directory)).toEqual([large]);
});
