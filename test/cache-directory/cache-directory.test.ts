/** The size and age of what several writers store in one cache directory. */
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { boundCache } from '../../src/cache-directory/cache-budget.js';
import { enforceMaxBytes, listUsage, removeOlderThan, sweepCache } from '../../src/cache-directory/cache-usage.js';
import { Generations } from '../../src/cache-directory/generations.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { content, workspace, writing } from './generations-fixture.js';

let made = 0;

describe('cache directory', () => {
  const used = (target: string, secondsAgo: number) =>
    utimesSync(target, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);

  const ENTRY = `ab/${'0'.repeat(62)}.atc-entry`;

  /** Four entries of 40 KiB each, `a` used last, and what is not ours. */
  async function filled(): Promise<string> {
    const root = workspace.at(`cache-${made++}`);
    for (const [index, name] of ['a', 'history/Service.load/b', 'copies/c'].entries()) {
      const lease = await new Generations(`${root}/${name}`).obtain({
        build: writing('x'.repeat(40_000)),
        durability: 'process',
      });
      lease.release();
      used(`${root}/${name}/current`, (index + 1) * 1000);
    }
    mkdirSync(`${root}/ab`);
    writeFileSync(`${root}/${ENTRY}`, 'x'.repeat(40_000));
    used(`${root}/${ENTRY}`, 3500);
    mkdirSync(`${root}/notes`);
    writeFileSync(`${root}/notes/mine`, 'not ours');
    used(`${root}/notes`, 99_999);
    // Named like ours, but there is nothing of ours in it.
    mkdirSync(`${root}/ab/mine`);
    writeFileSync(`${root}/ab/mine/current`, 'the current plan\n');
    used(`${root}/ab/mine`, 99_000);
    writeFileSync(`${root}/prices.csv`, 'timestamp,close\n1,2\n');
    used(`${root}/prices.csv`, 98_000);
    return root;
  }

  const OTHERS = ['notes', 'ab/mine', 'prices.csv'];
  const listed = (root: string) =>
    listUsage(root)
      .filter(({ kind }) => kind !== 'other')
      .map(({ name }) => name);

  it('lists who uses how much, the oldest first', async () => {
    const root = await filled();
    const usage = listUsage(root);
    expect(usage.map(({ name, kind, inUse }) => [name, kind, inUse])).toEqual([
      ...OTHERS.map((name) => [name, 'other', true]),
      [ENTRY, 'entry', false],
      ['copies/c', 'generations', false],
      ['history/Service.load/b', 'generations', false],
      ['a', 'generations', false],
    ]);
    for (const { kind, byteLength, allocatedBytes } of usage) {
      if (kind !== 'other') expect(byteLength).toBe(kind === 'entry' ? 40_000 : 40_011);
      expect(allocatedBytes).toBeGreaterThanOrEqual(byteLength);
    }
    expect(listUsage(`${root}/nowhere`)).toEqual([]);
  });

  it('stays below a bound: the oldest entries go first, entries in use and foreign files never', async () => {
    const root = await filled();
    const reading = new Generations(`${root}/copies/c`).acquire();
    used(`${root}/copies/c/current`, 3000);
    expect(enforceMaxBytes(root, 1e9)).toEqual([]);
    const gone = [ENTRY, 'history/Service.load/b'];
    expect(enforceMaxBytes(root, 100_000, true).map(({ name }) => name)).toEqual(gone);
    expect(listed(root)).toHaveLength(4);
    expect(enforceMaxBytes(root, 100_000).map(({ name }) => name)).toEqual(gone);
    expect(listed(root)).toEqual(['copies/c', 'a']);
    expect(enforceMaxBytes(root, 0).map(({ name }) => name)).toEqual(['a']);
    expect(content(reading!)).toHaveLength(40_000);
    reading?.release();
    expect(enforceMaxBytes(root, 0).map(({ name }) => name)).toEqual(['copies/c']);
    expect(listed(root)).toEqual([]);
    for (const name of OTHERS) expect(existsSync(`${root}/${name}`)).toBe(true);
    expect(() => enforceMaxBytes(root, Number.NaN)).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
  });

  it('the process that writes enforces the bound and retains its new entry', async () => {
    const root = await filled();
    boundCache(root, undefined, 0);
    boundCache(root, 1e9, 0);
    expect(listed(root)).toHaveLength(4);
    // 160 KiB are there; nine tenths of the bound hold two.
    boundCache(root, 110_000, 40_000);
    expect(listed(root)).toEqual(['history/Service.load/b', 'a']);
    // Counted without a look: what another process has put there is seen when our own count reaches the bound.
    writeFileSync(`${root}/${ENTRY}`, 'x'.repeat(40_000));
    boundCache(root, 110_000, 10);
    expect(listed(root)).toContain(ENTRY);
    boundCache(root, 110_000, 20_000);
    expect(listed(root)).toEqual(['a', ENTRY]);
  });

  it('what others have written is looked for before it can be more than a tenth', async () => {
    const root = await filled();
    boundCache(root, 1e6, 0);
    // Another process, which has not looked yet either.
    for (let i = 0; i < 30; i++) {
      mkdirSync(`${root}/${(16 + i).toString(16)}`);
      writeFileSync(`${root}/${(16 + i).toString(16)}/${'a'.repeat(62)}.atc-entry`, Buffer.alloc(50_000, 1));
    }
    boundCache(root, 1e6, 50_000);
    expect(listed(root)).toHaveLength(34);
    boundCache(root, 1e6, 60_000);
    const ours = listUsage(root).filter(({ kind }) => kind !== 'other');
    expect(ours.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0)).toBeLessThanOrEqual(1e6);
  });

  it('using an entry makes it the newest', async () => {
    const root = await filled();
    new Generations(`${root}/copies/c`).acquire()?.release();
    expect(listed(root).at(-1)).toBe('copies/c');
  });

  it('is cleaned by age', async () => {
    const root = await filled();
    const gone = [ENTRY, 'copies/c', 'history/Service.load/b'];
    expect(removeOlderThan(root, 1500 * 1000, true).map(({ name }) => name)).toEqual(gone);
    expect(removeOlderThan(root, 1500 * 1000).map(({ name }) => name)).toEqual(gone);
    expect(listed(root)).toContain('a');
    for (const name of OTHERS) expect(existsSync(`${root}/${name}`)).toBe(true);
  });

  it('what dead processes left is swept, wherever it is', async () => {
    const root = await filled();
    const dead = `2147483646-1-${ownerToken().split('-')[2]}`;
    const left = [
      `${root}/scratch.${dead}.00000000`,
      `${root}/copies/c/.g2.${dead}.00000000.atc-tmp`,
      `${root}/ab/.x.${dead}.00000000.atc-tmp`,
    ];
    for (const directory of left) mkdirSync(directory);
    expect(sweepCache(root).toSorted()).toEqual(left.toSorted());
    expect(listed(root)).toHaveLength(4);
  });
});
