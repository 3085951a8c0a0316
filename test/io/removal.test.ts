/** Removal that happens some time: what the disk refuses now is tried again, and does not count meanwhile. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { DirectoryWriter } from '../../src/io/atomic-directory.js';
import { finishRemovalsIn, isRemovalPending, removeSurely } from '../../src/io/removal.js';
import { startChild } from './child.js';
import { thrownBy, useWorkspace } from './workspace.js';

const workspace = useWorkspace();

/** A name whose removal is refused, for root too: a file where a directory was. */
function refused(directory: string): { readonly target: string; readonly allow: () => void } {
  const blocker = path.join(directory, 'blocker');
  mkdirSync(directory, { recursive: true });
  writeFileSync(blocker, '');
  return {
    target: path.join(blocker, 'inside'),
    allow() {
      rmSync(blocker);
      mkdirSync(blocker);
    },
  };
}

test('files, directories and nothing at all are removed at once', () => {
  const file = workspace.file('file', 'x');
  mkdirSync(workspace.at('full/inside'), { recursive: true });
  for (const target of [file, workspace.at('full'), workspace.at('nothing')]) {
    removeSurely(target);
    expect([existsSync(target), isRemovalPending(target)]).toEqual([false, false]);
  }
});

test('a refused removal is pending until the disk takes it', async () => {
  const { target, allow } = refused(workspace.at('refused'));
  removeSurely(target);
  expect(isRemovalPending(target)).toBe(true);
  expect(isRemovalPending(workspace.at('another'))).toBe(false);
  expect(finishRemovalsIn(workspace.at('refused'))).toBe(false);
  expect(finishRemovalsIn(workspace.at('elsewhere'))).toBe(true);
  allow();
  for (const until = Date.now() + 10_000; isRemovalPending(target) && Date.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isRemovalPending(target)).toBe(false);
});

test('what is still refused stays pending; what the disk takes is forgotten at once, and no timer goes on', () => {
  const ended = jest.spyOn(globalThis, 'clearInterval');
  const directory = workspace.at('refused-twice');
  const [first, second] = ['one', 'two'].map((name) => refused(path.join(directory, name)));
  for (const { target } of [first, second]) removeSurely(target);
  first.allow();
  expect(finishRemovalsIn(directory)).toBe(false);
  expect([first, second].map(({ target }) => isRemovalPending(target))).toEqual([false, true]);
  expect(finishRemovalsIn(path.join(directory, 'one'))).toBe(true);
  expect(isRemovalPending(second.target)).toBe(true);
  expect(ended).not.toHaveBeenCalled();
  second.allow();
  expect(finishRemovalsIn(directory)).toBe(true);
  expect(isRemovalPending(second.target)).toBe(false);
  expect(ended).toHaveBeenCalledTimes(1);
  ended.mockRestore();
});

test('pending removals below a directory happen before the directory gets its name', () => {
  const writer = new DirectoryWriter(workspace.at('target'), { durability: 'process' });
  const { target } = refused(writer.temporary);
  removeSurely(target);
  expect(thrownBy(() => writer.commit()).message).toContain('temporary files in it cannot be removed');
  expect([existsSync(workspace.at('target')), existsSync(writer.temporary)]).toEqual([false, false]);
  expect(finishRemovalsIn(writer.temporary)).toBe(true);
});

test('waiting for a removal does not keep a process alive', async () => {
  const child = startChild(
    (dist) => `
      const { removeSurely } = await import(${JSON.stringify(dist)} + '/io/removal.js');
      removeSurely(${JSON.stringify(workspace.file('plain', ''))} + '/inside');
    `,
  );
  expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
});
