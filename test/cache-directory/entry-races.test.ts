/** An entry file that changes between two system calls of the process that takes it away, and what the disk refuses. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import * as nodePromises from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import type { FileIdentity } from '../../src/cache-directory/entry-files.js';
import { whileReadOnly } from '../io/unprivileged.js';
import { thrownBy, useWorkspace } from '../io/workspace.js';

/** What another process does right before, or right after, the entry is renamed. */
let beforeRename = () => {};
let afterRename = (_to: string) => {};
const promises = { ...nodePromises };
jest.unstable_mockModule('node:fs/promises', () => ({
  ...promises,
  rename: async (from: string, to: string) => {
    beforeRename();
    await promises.rename(from, to);
    afterRename(to);
  },
}));
const { identifyFile, listDirectory, readEntryFile, removeFile, removeIfEmpty, restoreUse, takeAway, touchFile } =
  await import('../../src/cache-directory/entry-files.js');
const { heldFilesOf, heldPath, putBack, removeHeld, restoreHeld } = await import(
  '../../src/cache-directory/held-files.js'
);

const workspace = useWorkspace();
let rounds = 0;
let folder: string;
let file: string;
let seen: FileIdentity;
beforeEach(async () => {
  folder = workspace.at(`r${rounds++}`);
  mkdirSync(folder);
  file = path.join(folder, 'k');
  writeFileSync(file, 'first');
  seen = (await identifyFile(file)) as FileIdentity;
});
afterEach(() => {
  beforeRename = () => {};
  afterRename = () => {};
});

/** Another process writes the entry anew: another inode, moved into place. */
function rewrite(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe('between looking at an entry and moving it', () => {
  test.each(['removed', 'moved aside'])('a newer one that took its name is put back, not %s', async (what) => {
    const aside = path.join(folder, 'aside/k');
    beforeRename = () => rewrite('newer');
    expect(await takeAway(file, seen, what === 'removed' ? undefined : aside)).toBe(false);
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['newer', ['k']]);
  });

  test('the one that was put back gives way to one that is newer still', async () => {
    beforeRename = () => rewrite('newer');
    afterRename = () => rewrite('newest');
    expect(await takeAway(file, seen)).toBe(false);
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['newest', ['k']]);
  });

  test('one that was deleted is taken by nobody, and no folder stays', async () => {
    beforeRename = () => rmSync(file);
    expect(await takeAway(file, seen)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('one that another process took out of the folder is not there either', async () => {
    afterRename = (held) => rmSync(held);
    expect(await takeAway(file, seen)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('the folder stays while others hold something in it', async () => {
    const other = heldPath(path.join(folder, 'other'));
    mkdirSync(path.dirname(other));
    writeFileSync(other, 'x');
    expect(await takeAway(file, seen)).toBe(true);
    expect(heldFilesOf(path.join(folder, 'other'))).toEqual([other]);
  });
});

describe('what the system refuses is an IO error that names the action', () => {
  const refusal = (action: string, target: string) => ({
    code: 'IO',
    path: target,
    message: expect.stringContaining(`cannot ${action} ${target}: `),
  });

  test('removing, moving, touching and listing', async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed);
    const hidden = path.join(closed, 'x');
    const secret = path.join(folder, 'secret');
    writeFileSync(secret, 'x');
    await whileReadOnly(folder, async () => {
      const uid = process.geteuid?.() ?? 0;
      process.seteuid?.(process.getuid?.() ?? 0);
      chmodSync(closed, 0);
      chmodSync(secret, 0);
      process.seteuid?.(uid);
      await expect(removeFile(file)).rejects.toMatchObject(refusal('remove', file));
      await expect(takeAway(file, seen)).rejects.toMatchObject(refusal('move', file));
      await expect(touchFile(file, seen)).rejects.toMatchObject(refusal('touch', file));
      await restoreUse(file, seen);
      await expect(listDirectory(closed)).rejects.toMatchObject(refusal('list', closed));
      await expect(identifyFile(hidden)).rejects.toMatchObject(refusal('read', hidden));
      await expect(readEntryFile(secret)).rejects.toMatchObject(refusal('read', secret));
      await removeIfEmpty(closed);
    });
    expect([readFileSync(file, 'utf8'), existsSync(closed)]).toEqual(['first', true]);
  });

  test('moving aside into a file: the entry stays where others find it', async () => {
    const aside = path.join(folder, 'file/k');
    writeFileSync(path.dirname(aside), 'x');
    await expect(takeAway(file, seen, aside)).rejects.toMatchObject(refusal('move', file));
    expect(heldFilesOf(file)).toHaveLength(1);
  });

  test('putting back and removing what is held; it is read where it is', async () => {
    const held = heldPath(file);
    mkdirSync(path.dirname(held));
    const dead = path.join(path.dirname(held), 'gone.4194301-1-00000000.0123abcd');
    for (const one of [held, dead]) writeFileSync(one, 'held');
    // Old enough for one of another machine to be dead.
    utimesSync(dead, 1000, 1000);
    const target = path.join(folder, 'gone');
    await whileReadOnly(folder, async () => {
      expect(thrownBy(() => putBack(dead, target))).toMatchObject(refusal('restore', target));
      expect(thrownBy(() => removeHeld(held))).toMatchObject(refusal('remove', held));
      restoreHeld(folder);
      expect(heldFilesOf(target)).toEqual([dead]);
    });
    restoreHeld(folder);
    expect([readFileSync(target, 'utf8'), heldFilesOf(target), heldFilesOf(file)]).toEqual(['held', [], [held]]);
  });
});
