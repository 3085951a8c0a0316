/** Files of a cache that several processes change at once: what is moved out of the way, put back, and left alone. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {
  ENTRY_SUFFIX,
  identifyFile,
  isEntryName,
  isShardName,
  isStillThere,
  listDirectory,
  readEntryFile,
  removeFile,
  removeIfEmpty,
  restoreUse,
  takeAway,
  touchFile,
} from '../../src/cache-directory/entry-files.js';
import { heldFilesOf, heldPath, putBack, removeHeld, restoreHeld } from '../../src/cache-directory/held-files.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
let rounds = 0;

/** A file in a folder of its own. */
function entry(text = 'first'): string {
  const folder = workspace.at(`f${rounds++}`);
  mkdirSync(folder);
  const file = path.join(folder, 'k');
  writeFileSync(file, text);
  return file;
}

const seen = async (file: string) => {
  const identity = await identifyFile(file);
  if (identity === undefined) throw new Error('it is not there');
  return identity;
};

/** Another generation of the same name. */
function replaced(file: string): void {
  writeFileSync(`${file}.new`, 'second');
  rmSync(file);
  writeFileSync(file, 'second');
  rmSync(`${file}.new`);
}

test('names of entries and of their directories are recognised among others', () => {
  const name = `${'0a'.repeat(31)}.atc-entry`;
  expect(name.slice(62)).toBe(ENTRY_SUFFIX);
  expect([name, `x${name}`, `${name}x`, name.toUpperCase(), 'k'].map(isEntryName)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(['0a', 'ff', 'f', 'fff', 'F0', 'g0'].map(isShardName)).toEqual([true, true, false, false, false, false]);
});

test('a file is read whole, from its start, or not at all when it is too large', async () => {
  const file = entry('0123456789');
  const read = async (...bounds: number[]) =>
    Buffer.from((await readEntryFile(file, ...bounds))?.bytes ?? []).toString();
  expect([await read(), await read(4), await read(Number.POSITIVE_INFINITY, 9)]).toEqual(['0123456789', '0123', '']);
  expect(await read(Number.POSITIVE_INFINITY, 10)).toBe('0123456789');
  const { bytes, identity } = (await readEntryFile(file, 4)) as NonNullable<Awaited<ReturnType<typeof readEntryFile>>>;
  expect([bytes.length, identity.byteLength]).toEqual([4, 10]);
  expect({ ...identity, usedMs: 0 }).toEqual({ ...(await seen(file)), usedMs: 0 });
  const descriptors = () => readdirSync('/proc/self/fd').length;
  if (process.platform !== 'linux') return console.info('descriptors are counted on Linux alone');
  const before = descriptors();
  for (let round = 0; round < 20; round++) await read();
  expect(descriptors()).toBe(before);
});

test.each([
  ['nothing', (at: string) => path.join(at, 'none')],
  ['a file as a directory', (at: string) => path.join(at, 'file', 'below')],
  ['a name too long', (at: string) => path.join(at, 'x'.repeat(300))],
  ['a directory', (at: string) => path.join(at, 'folder')],
  ['a link to a file', (at: string) => path.join(at, 'link')],
])('%s is no file of a cache', async (_, where) => {
  const at = workspace.at(`n${rounds++}`);
  mkdirSync(path.join(at, 'folder'), { recursive: true });
  writeFileSync(path.join(at, 'file'), 'x');
  symlinkSync(path.join(at, 'file'), path.join(at, 'link'));
  expect([await readEntryFile(where(at)), await identifyFile(where(at))]).toEqual([undefined, undefined]);
});

test('a named pipe is no file of a cache, and nobody waits for its writer', async () => {
  const pipe = path.join(path.dirname(entry()), 'pipe');
  if (spawnSync('mkfifo', [pipe]).status !== 0) return console.info('no mkfifo: named pipes are not tested here');
  expect([await readEntryFile(pipe), await identifyFile(pipe)]).toEqual([undefined, undefined]);
});

test('the generation that was looked at is removed, or moved aside', async () => {
  const file = entry();
  expect(await takeAway(file, await seen(file))).toBe(true);
  expect(readdirSync(path.dirname(file))).toEqual([]);
  const other = entry();
  const aside = path.join(path.dirname(other), 'aside/of/others/k');
  expect(await takeAway(other, await seen(other), aside)).toBe(true);
  expect(readFileSync(aside, 'utf8')).toBe('first');
  expect(readdirSync(path.dirname(other))).toEqual(['aside']);
});

test('a newer generation of the same name is left', async () => {
  const file = entry();
  const before = await seen(file);
  replaced(file);
  expect([await takeAway(file, before), readFileSync(file, 'utf8')]).toEqual([false, 'second']);
  expect(isStillThere(file, before)).toBe(false);
  expect(isStillThere(file, await seen(file))).toBe(true);
  rmSync(file);
  expect([await takeAway(file, before), isStillThere(file, before)]).toEqual([false, false]);
});

test.each(['inode', 'writtenNs', 'byteLength'] as const)('another %s is another generation', async (field) => {
  const file = entry();
  const identity = await seen(file);
  const other = { ...identity, [field]: typeof identity[field] === 'bigint' ? identity[field] + 1n : 99 };
  expect([isStillThere(file, other as typeof identity), await takeAway(file, other as typeof identity)]).toEqual([
    false,
    false,
  ]);
  expect(existsSync(file)).toBe(true);
});

test('nothing is moved into a link instead of the folder of held files', async () => {
  const file = entry();
  const foreign = workspace.at(`foreign${rounds++}`);
  mkdirSync(foreign);
  const theirs = `k.${dead}.0123abcd`;
  writeFileSync(path.join(foreign, theirs), 'x');
  symlinkSync(foreign, path.join(path.dirname(file), '.held'));
  expect(await takeAway(file, await seen(file))).toBe(false);
  restoreHeld(path.dirname(file));
  expect([readdirSync(foreign), existsSync(file), heldFilesOf(file)]).toEqual([[theirs], true, []]);
});

/** As another process holds it, dead or alive. */
function hold(file: string, owner: string, text: string): string {
  const folder = path.join(path.dirname(file), '.held');
  mkdirSync(folder, { recursive: true });
  const held = path.join(folder, `${path.basename(file)}.${owner}.0123abcd`);
  writeFileSync(held, text);
  return held;
}
const dead = `4194301-1-${ownerToken().split('-')[2]}`;

test('what a dead process held is put back, what a living one holds is not', () => {
  const file = entry();
  rmSync(file);
  const held = hold(file, ownerToken(), 'held');
  restoreHeld(path.dirname(file));
  expect([existsSync(file), heldFilesOf(file)]).toEqual([false, [held]]);
  rmSync(held);
  hold(file, dead, 'held');
  expect(heldFilesOf(file)).toHaveLength(1);
  expect(heldFilesOf(`${file}2`)).toEqual([]);
  restoreHeld(path.dirname(file));
  expect(readFileSync(file, 'utf8')).toBe('held');
  expect(readdirSync(path.dirname(file))).toEqual(['k']);
});

test('a file that was written since is newer than the one that is put back', () => {
  const file = entry('newer');
  hold(file, dead, 'older');
  restoreHeld(path.dirname(file));
  expect(readFileSync(file, 'utf8')).toBe('newer');
  expect(readdirSync(path.dirname(file))).toEqual(['k']);
});

test('names that nobody held are left in the folder', () => {
  const file = entry();
  const foreign = path.join(path.dirname(file), '.held/foreign');
  hold(file, dead, 'older');
  writeFileSync(foreign, 'x');
  mkdirSync(path.join(path.dirname(file), '.held', `k.${dead}.ffffffff`));
  const longer = [`k.${dead}.ffffffff0`, `k.x${dead}.ffffffff`];
  for (const name of longer) writeFileSync(path.join(path.dirname(foreign), name), 'x');
  restoreHeld(path.dirname(file));
  expect(readdirSync(path.dirname(foreign)).sort()).toEqual(['foreign', `k.${dead}.ffffffff`, ...longer].sort());
});

test('a fresh name for a held file is of this process, and never the same', () => {
  const file = entry();
  const names = [heldPath(file), heldPath(file)];
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(path.basename(name).startsWith(`k.${ownerToken()}.`)).toBe(true);
  expect(path.dirname(names[0])).toBe(path.join(path.dirname(file), '.held'));
});

test('putting back or removing a deleted entry does nothing', () => {
  const file = entry();
  putBack(`${file}.gone`, file);
  removeHeld(`${file}.gone`);
  expect(readFileSync(file, 'utf8')).toBe('first');
});

test('a use is recorded and taken back without a change of the time of writing', async () => {
  const file = entry();
  utimesSync(file, 1000, 2000);
  const before = await seen(file);
  expect(before.usedMs).toBe(1_000_000);
  await touchFile(file, before);
  expect(Math.abs((await seen(file)).usedMs - Date.now())).toBeLessThan(60_000);
  expect(statSync(file).mtimeMs).toBe(2_000_000);
  await restoreUse(file, before);
  expect([(await seen(file)).usedMs, statSync(file).mtimeMs]).toEqual([1_000_000, 2_000_000]);
  await touchFile(`${file}.gone`, before);
  await restoreUse(`${file}.gone`, before);
});

test('missing files and directories are no errors', async () => {
  const file = entry();
  expect([await removeFile(file), await removeFile(file)]).toEqual([true, false]);
  expect(await listDirectory(`${file}/none`)).toEqual([]);
  const folder = path.dirname(file);
  writeFileSync(file, 'x');
  await removeIfEmpty(folder);
  expect((await listDirectory(folder)).map(({ name }) => name)).toEqual(['k']);
  rmSync(file);
  await removeIfEmpty(folder);
  expect(existsSync(folder)).toBe(false);
});
