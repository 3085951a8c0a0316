/** A directory below a size: when it is looked at, which files go, and which stay. */
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ByteBudget } from '../../src/cache-directory/byte-budget.js';
import { identifyFile } from '../../src/cache-directory/entry-files.js';
import { type SizedFile, SizeLimit } from '../../src/cache-directory/size-limit.js';
import { useWorkspace } from '../io/workspace.js';

describe('a budget of bytes', () => {
  test('is due before the first look, and while one is under way', () => {
    const budget = new ByteBudget(1000);
    expect([budget.maxBytes, budget.lowWater, budget.isDue]).toEqual([1000, 900, true]);
    budget.endLook(500);
    expect(budget.isDue).toBe(false);
    budget.startLook();
    expect(budget.isDue).toBe(true);
  });

  test.each([
    ['a tenth of the bound since the last look', 500, 100],
    ['what was left below the bound', 960, 40],
    ['anything, at the bound', 1000, 0],
  ])('is due after %s', (_, seen, most) => {
    const budget = new ByteBudget(1000);
    budget.startLook();
    budget.endLook(seen);
    budget.wrote(most - 1);
    budget.wrote(1);
    expect(budget.isDue).toBe(false);
    budget.wrote(1);
    expect(budget.isDue).toBe(true);
    budget.startLook();
    budget.endLook(seen);
    expect(budget.isDue).toBe(false);
  });

  test('counts what is written while a look is under way', () => {
    const budget = new ByteBudget(1000);
    budget.startLook();
    budget.wrote(101);
    budget.endLook(0);
    expect(budget.isDue).toBe(true);
  });
});

const workspace = useWorkspace();
let rounds = 0;
let folder: string;
let looks: number;
/** Runs while the directory is listed. */
let meanwhile = () => {};
beforeEach(() => {
  folder = workspace.at(`s${rounds++}`);
  mkdirSync(folder);
  looks = 0;
  meanwhile = () => {};
});

/** Files of 100 bytes, the first used longest ago. */
function fill(...names: string[]): void {
  names.forEach((name, k) => {
    writeFileSync(path.join(folder, name), new Uint8Array(100));
    utimesSync(path.join(folder, name), 1000 + k, 500);
  });
}
async function* files(): AsyncGenerator<SizedFile> {
  looks++;
  // Not in the order of use.
  for (const name of readdirSync(folder).sort().reverse()) {
    const identity = await identifyFile(path.join(folder, name));
    if (identity !== undefined) yield { path: path.join(folder, name), identity };
  }
  meanwhile();
}
const left = () => readdirSync(folder).sort();

test('those used longest ago go, down to nine tenths', async () => {
  fill('c', 'a', 'b', 'e', 'd', 'f');
  expect(await new SizeLimit(500, files).evict()).toBe(2);
  expect(left()).toEqual(['b', 'd', 'e', 'f']);
  expect(await new SizeLimit(400, files).evict()).toBe(0);
  expect(left()).toHaveLength(4);
  expect(await new SizeLimit(399, files).evict()).toBe(1);
  expect(left()).toEqual(['d', 'e', 'f']);
});

test('one that was written just now stays, and so does one that was written anew meanwhile', async () => {
  fill('a', 'b', 'c', 'd');
  meanwhile = () => {
    rmSync(path.join(folder, 'b'));
    writeFileSync(path.join(folder, 'b'), 'newer');
  };
  expect(await new SizeLimit(250, files).evict(path.join(folder, 'a'))).toBe(2);
  expect(left()).toEqual(['a', 'b']);
});

test('a write looks when it is due, at the bound and not before', async () => {
  fill('a', 'b', 'c');
  const limit = new SizeLimit(1000, files);
  await limit.wrote(100, 'x');
  expect(looks).toBe(1);
  await limit.wrote(100, 'x');
  expect(looks).toBe(1);
  await limit.wrote(1, 'x');
  expect([looks, left()]).toEqual([2, ['a', 'b', 'c']]);
  fill('d', 'e', 'f', 'g', 'h', 'i', 'j', 'k');
  await limit.wrote(800, path.join(folder, 'd'));
  expect([looks, left().length, existsSync(path.join(folder, 'd'))]).toEqual([3, 9, true]);
});

test('looks that are asked for together are one; one that fails does not fail the next', async () => {
  fill('a', 'b');
  const limit = new SizeLimit(150, files);
  expect(await Promise.all([limit.evict(), limit.evict()])).toEqual([1, 1]);
  expect([looks, left()]).toEqual([1, ['b']]);
  meanwhile = () => {
    throw new Error('the disk is gone');
  };
  await expect(limit.evict()).rejects.toThrow('the disk is gone');
  const failing = limit.evict();
  const write = limit.wrote(100, 'x');
  await expect(failing).rejects.toThrow('the disk is gone');
  meanwhile = () => {};
  await write;
  expect(looks).toBe(4);
});
