import { appendFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { isFileUnchanged, stampFile } from '../../src/io/source-stamp.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
const TEXT = 'time,close\n1,2\n'.repeat(20_000);
const LONG_AGO = 1_700_000_000;
let number = 0;

function source(text = TEXT): string {
  const path = workspace.file(`source-${number++}`, Buffer.from(text));
  utimesSync(path, LONG_AGO, LONG_AGO);
  return path;
}

/** The same file with one byte in the middle changed, and size, inode and mtime as they were. */
function changeMiddle(path: string): void {
  const bytes = Buffer.from(TEXT);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
  utimesSync(path, LONG_AGO, LONG_AGO);
}

it('an untouched file is unchanged, whichever digest is taken', () => {
  const path = source();
  for (const full of [false, true]) {
    const stamp = stampFile(path, { full });
    expect(isFileUnchanged(stamp)).toBe(true);
    expect(isFileUnchanged(JSON.parse(JSON.stringify(stamp)))).toBe(true);
  }
});

it.each([
  ['longer', (path: string) => appendFileSync(path, '2,3\n')],
  ['another time', (path: string) => utimesSync(path, LONG_AGO, LONG_AGO + 1)],
  ['another file of the same name', (path: string) => renameSync(source(), path)],
  ['gone', (path: string) => rmSync(path)],
  ['written with size and time restored', changeMiddle],
])('%s: changed', (_, change) => {
  const path = source();
  const stamp = stampFile(path);
  change(path);
  expect(isFileUnchanged(stamp)).toBe(false);
});

/** As if the clock had not moved between the stamp and the write. */
function withTimesOf(stamp: ReturnType<typeof stampFile>, path: string) {
  const { mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return { ...stamp, mtimeNs: String(mtimeNs), ctimeNs: String(ctimeNs) };
}

it('a file written a moment before it is looked at is known by all of it: a write within the same tick shows', () => {
  const path = source();
  const stamp = stampFile(path);
  expect(stamp.full).toBeDefined();
  changeMiddle(path);
  expect(isFileUnchanged(withTimesOf(stamp, path))).toBe(false);
});

it('one that is older is known by its ends unless the whole is asked for', () => {
  const path = source();
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
  try {
    const ends = stampFile(path);
    const whole = stampFile(path, { full: true });
    expect([ends.full, typeof whole.full]).toEqual([undefined, 'string']);
    const changed = Buffer.from(TEXT);
    changed[70_000] ^= 1;
    writeFileSync(path, changed);
    utimesSync(path, LONG_AGO, LONG_AGO);
    // What the times would have shown is taken out of the comparison: the digests are what is tested.
    expect(isFileUnchanged(withTimesOf(ends, path))).toBe(true);
    expect(isFileUnchanged(withTimesOf(whole, path))).toBe(false);
    changed[10] ^= 1;
    writeFileSync(path, changed);
    utimesSync(path, LONG_AGO, LONG_AGO);
    expect(isFileUnchanged(withTimesOf(ends, path))).toBe(false);
  } finally {
    now.mockRestore();
  }
});

it('a missing file cannot be stamped', () => {
  expect(() => stampFile(workspace.at('nowhere'))).toThrow(expect.objectContaining({ code: 'IO' }));
});
