/** Results of jobs in a shared directory: checked when they are read, removed by their age, other files untouched. */
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createHash } from '../../src/io/crypto.js';
import { ResultDirectory } from '../../src/io/result-directory.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
const key = (digit: string) => digit.repeat(64);
const bytes = Uint8Array.of(1, 2, 3);
const sha256 = createHash('sha256').update(bytes).digest('hex');

test('a result is read with the SHA-256 it was written with, and refused with any other', async () => {
  const results = new ResultDirectory(workspace.at('new', 'directory'));
  await expect(results.read(key('a'), sha256)).rejects.toMatchObject({ code: 'IO', path: results.file(key('a')) });
  await results.write(key('a'), bytes);
  expect([...(await results.read(key('a'), sha256))]).toEqual([1, 2, 3]);
  await expect(results.read(key('a'), key('0'))).rejects.toMatchObject({
    code: 'CORRUPT',
    path: results.file(key('a')),
  });
  results.remove(key('a'));
  results.remove(key('a'));
  expect(existsSync(results.file(key('a')))).toBe(false);
});

test.each(['', '../x', 'A'.repeat(64), `${'a'.repeat(64)}/..`, 'a'.repeat(65), 5, undefined])(
  'no path: %p',
  (wrong) => {
    expect(() => new ResultDirectory(workspace.directory).file(wrong as string)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT' }),
    );
  },
);

test('old results and what killed processes left are removed; new ones and the files of others stay', async () => {
  const directory = workspace.at('aged');
  mkdirSync(path.join(directory, `${key('d')}.part`), { recursive: true });
  const results = new ResultDirectory(directory);
  const names = [
    `${key('a')}.part`,
    `.${key('b').slice(24)}.1-2-0123abcd.0123abcd.atc-tmp`,
    `${key('c')}.part`,
    'notes.part',
    `${key('a')}.part.txt`,
  ];
  for (const name of names) {
    writeFileSync(path.join(directory, name), bytes);
    const seconds = Date.now() / 1000 - (name.startsWith('c') ? 50 : 150);
    utimesSync(path.join(directory, name), seconds, seconds);
  }
  expect(await results.removeOlderThan(100_000)).toBe(2);
  expect(readdirSync(directory).sort()).toEqual([names[3], names[2], `${key('d')}.part`, names[4]].sort());
  expect(await new ResultDirectory(workspace.at('missing')).removeOlderThan(0)).toBe(0);
});
