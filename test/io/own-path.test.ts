/** Links in place of our own files and directories are neither read nor followed by anything that deletes. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sweepCache } from '../../src/cache-directory/cache-usage.js';
import { quarantineBytes } from '../../src/cache-directory/quarantine.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import { AppendLog } from '../../src/io/append-log.js';
import { isOwnDirectory, ownNames, refuseLinks } from '../../src/io/own-path.js';

let folder: string;
let foreign: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-links-'));
  foreign = path.join(folder, 'foreign');
  mkdirSync(path.join(foreign, 'photos'), { recursive: true });
  writeFileSync(path.join(foreign, 'thesis.txt'), 'x');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const foreignIsWhole = () => expect(readdirSync(foreign).sort()).toEqual(['photos', 'thesis.txt']);
const columns = (rows: number) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => k * 60_000),
  close: new Float64Array(rows).fill(1),
});

test('a link below the root is no directory of ours; the root itself may be one', () => {
  symlinkSync(foreign, path.join(folder, 'link'));
  expect(isOwnDirectory(folder, 'foreign/photos')).toBe(true);
  expect(isOwnDirectory(folder, 'link/photos')).toBe(false);
  expect(isOwnDirectory(path.join(folder, 'link'), 'photos')).toBe(true);
  expect(ownNames(folder, 'link')).toEqual([]);
  expect(ownNames(folder, 'foreign').sort()).toEqual(['photos', 'thesis.txt']);
  expect(() => refuseLinks(folder, 'link/photos')).toThrow(/symbolic link/);
});

describe.each(['packed', 'mapped'] as const)('a %s dataset', (layout) => {
  test('a link instead of a segment, a directory or the catalogue is CORRUPT; its target is not deleted', async () => {
    for (const depth of [1, 2]) {
      const directory = path.join(folder, `d${depth}`);
      (
        await writeDataset(directory, [{ symbol: 'A', columns: columns(5) }], { layout, durability: 'process' })
      ).close();
      const part = ['00000-A', readdirSync(path.join(directory, '00000-A'))[0]].slice(0, depth).join('/');
      const target = depth === 1 ? foreign : path.join(foreign, 'moved');
      if (depth === 2) renameSync(path.join(directory, part), target);
      else rmSync(path.join(directory, part), { recursive: true });
      symlinkSync(target, path.join(directory, part));
      const dataset = await openDataset(directory);
      expect(() => dataset.table('A').column('close')).toThrow(/symbolic link/);
      await expect(dataset.append('A', columns(1), { durability: 'process' })).rejects.toMatchObject({
        code: 'ARGUMENT',
      });
      await dataset.compact({ durability: 'process' }).catch(() => undefined);
      dataset.close();
      await expect(verifyDataset(directory)).rejects.toMatchObject({ code: 'CORRUPT' });
      if (depth === 2) rmSync(target, { recursive: true });
      foreignIsWhole();
    }
  });

  test('a linked catalogue is not read', async () => {
    const directory = path.join(folder, 'c');
    (await writeDataset(directory, { symbol: 'A', columns: columns(5) }, { layout, durability: 'process' })).close();
    renameSync(path.join(directory, 'catalogue.json'), path.join(folder, 'elsewhere.json'));
    symlinkSync(path.join(folder, 'elsewhere.json'), path.join(directory, 'catalogue.json'));
    await expect(openDataset(directory)).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});

test('the quarantine and the sweep of a cache directory do not go through links', () => {
  const cache = path.join(folder, 'cache');
  mkdirSync(cache);
  symlinkSync(foreign, path.join(cache, '.damaged'));
  const unfinished = path.join(foreign, '.x.0-0-00000000.00000000.atc-tmp');
  writeFileSync(unfinished, 'of a dead owner');
  symlinkSync(foreign, path.join(cache, 'ab'));
  expect(quarantineBytes(cache, 'service', new Uint8Array(9))).toBeUndefined();
  sweepCache(cache);
  expect(existsSync(unfinished)).toBe(true);
  rmSync(unfinished);
  foreignIsWhole();
});

test('a link instead of a journal is refused', () => {
  symlinkSync(path.join(foreign, 'thesis.txt'), path.join(folder, 'journal'));
  expect(() => AppendLog.openOrCreate(path.join(folder, 'journal'))).toThrow(/ELOOP/);
  expect(() => AppendLog.openExisting(path.join(folder, 'journal'))).toThrow(/ELOOP/);
});
