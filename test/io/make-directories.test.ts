/** Directories that are made with what is missing above them. */
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeDirectories } from '../../src/io/make-directories.js';
import { probeWritable } from '../../src/io/path-kind.js';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'atc-directories-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(folder, ...names);

test('the topmost directory that was made is returned, nothing for one that was there', () => {
  expect(makeDirectories(at('a', 'b', 'c'))).toBe(at('a'));
  expect(statSync(at('a', 'b', 'c')).isDirectory()).toBe(true);
  expect(makeDirectories(at('a', 'b', 'd'))).toBe(at('a', 'b', 'd'));
  expect(makeDirectories(at('a', 'b'))).toBeUndefined();
  expect(makeDirectories('/')).toBeUndefined();
  symlinkSync(at('a'), at('link'));
  expect(makeDirectories(at('link'))).toBeUndefined();
  expect(makeDirectories(at('link', 'e'))).toBe(at('link', 'e'));
});

test.each([
  ['a file', ['file'], 'EEXIST'],
  ['what is below a file', ['file', 'a', 'b'], 'ENOTDIR'],
  ['a link to nothing', ['nowhere', 'a'], 'EEXIST'],
  ['a name that is too long', ['x'.repeat(300), 'a'], 'ENAMETOOLONG'],
])('%s is the error of the system, and nothing is left', (_, names, code) => {
  writeFileSync(at('file'), '');
  symlinkSync(at('missing'), at('nowhere'));
  expect(() => makeDirectories(at(...names))).toThrow(expect.objectContaining({ code }));
  expect(existsSync(at('missing'))).toBe(false);
});

const hasProc = process.platform === 'linux' && existsSync('/proc/self');
if (!hasProc) console.warn('left out: directories below /proc, which only Linux has');
(hasProc ? test : test.skip)(
  'where the system denies that there can be a directory it is said, not tried for ever',
  () => {
    expect(() => makeDirectories('/proc/none/a/b')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(probeWritable('/proc/none/a')).toContain('/proc/none/a');
  },
);
