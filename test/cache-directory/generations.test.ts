import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { boundCache } from '../../src/cache-directory/cache-budget.js';
import { enforceMaxBytes, listUsage, removeOlderThan, sweepCache } from '../../src/cache-directory/cache-usage.js';
import { Generations } from '../../src/cache-directory/generations.js';
import { acquireLock, isLocked, tryLock } from '../../src/io/process-lock.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { whileReadOnly } from '../io/unprivileged.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
let number = 0;
const fresh = () => new Generations(workspace.at(`generations-${number++}`));
const writing = (text: string) => (directory: string) => writeFileSync(`${directory}/content`, text);
const content = (lease: { path: string }) => readFileSync(`${lease.path}/content`, 'utf8');
/** The token of a process that is deleted: this one's pid with another start time. */
const dead = ownerToken().replace(/-(\d+)-/, '-1-');
/** The names that are not hidden. */
const names = (directory: string) =>
  readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .sort();

describe('Generations', () => {
  it('starts with nothing, and looking creates nothing', () => {
    const generations = fresh();
    expect([generations.current(), generations.acquire(), generations.inUse(), generations.lastUsedMs()]).toEqual([
      undefined,
      undefined,
      false,
      0,
    ]);
    expect(existsSync(generations.directory)).toBe(false);
  });

  it('builds what is missing, once, and hands out what is there', async () => {
    const generations = fresh();
    let builds = 0;
    const build = (directory: string) => {
      builds += 1;
      writing('one')(directory);
    };
    const leases = await Promise.all(Array.from({ length: 5 }, () => generations.obtain({ build })));
    expect(builds).toBe(1);
    expect(new Set(leases.map((lease) => lease.path)).size).toBe(1);
    expect(content(leases[0])).toBe('one');
    for (const lease of leases) lease.release();
    expect(names(generations.directory)).toEqual(['current', 'g1']);
    expect(generations.inUse()).toBe(false);
  });

  it('replaces what is not fresh; a leased generation stays, then goes', async () => {
    const generations = fresh();
    const first = await generations.obtain({ build: writing('one') });
    const second = await generations.obtain({
      isFresh: (directory) => readFileSync(`${directory}/content`, 'utf8') === 'two',
      build: writing('two'),
    });
    expect([first.generation, second.generation, content(first), content(second)]).toEqual([1, 2, 'one', 'two']);
    expect(generations.collect()).toEqual([]);
    const worker = generations.acquire(1);
    first.release();
    first.release();
    expect(generations.collect()).toEqual([]);
    worker?.release();
    expect(generations.collect()).toEqual([1]);
    expect(generations.acquire(1)).toBeUndefined();
    const third = await generations.replace({ build: writing('three') });
    expect(content(second)).toBe('two');
    second.release();
    third.release();
    expect(generations.collect()).toEqual([2]);
    expect(names(generations.directory)).toEqual(['current', 'g3']);
  });

  it('a build that fails leaves everything as it was', async () => {
    const generations = fresh();
    (await generations.obtain({ build: writing('one') })).release();
    const failing = (directory: string) => {
      writing('half')(directory);
      throw new Error('no more');
    };
    await expect(generations.replace({ build: failing })).rejects.toThrow('no more');
    await expect(
      generations.obtain({ isFresh: () => Promise.reject(new Error('look')), build: failing }),
    ).rejects.toThrow('look');
    expect(readdirSync(generations.directory).sort()).toEqual(['current', 'g1']);
    expect(generations.current()).toBe(1);
  });

  it('leases, locks and removal marks of dead processes count for nothing; their unfinished work is swept', async () => {
    const generations = fresh();
    (await generations.obtain({ build: writing('one') })).release();
    const at = (name: string) => `${generations.directory}/${name}`;
    const left = [`lease.1.${dead}.00000000`, `doomed.1.${dead}.00000000`, `.build.${dead}.00000000.atc-lock`];
    for (const name of left) writeFileSync(at(name), '');
    mkdirSync(at(`.g2.${dead}.00000000.atc-tmp`));
    mkdirSync(at('g7'));
    const lease = generations.acquire();
    expect(lease?.generation).toBe(1);
    lease?.release();
    (await generations.replace({ build: writing('two') })).release();
    expect(readdirSync(generations.directory).sort()).toEqual(['current', 'g8']);
  });

  it('can be read where nothing may be changed, whatever dead processes left', async () => {
    const generations = fresh();
    (await generations.obtain({ build: writing('one') })).release();
    writeFileSync(`${generations.directory}/doomed.1.${dead}.00000000`, '');
    writeFileSync(`${generations.directory}/lease.1.${dead}.00000000`, '');
    writeFileSync(`${generations.directory}/.build.${dead}.00000000.atc-lock`, '');
    await whileReadOnly(generations.directory, async () => {
      const lease = generations.acquire();
      expect(lease && content(lease)).toBe('one');
      lease?.release();
      expect(generations.inUse()).toBe(false);
    });
  });

  it('a generation that cannot be shown is removed, and nothing is held', async () => {
    const generations = fresh();
    const build = (directory: string) => {
      writing('one')(directory);
      // In place of the pointer: renaming it there fails.
      mkdirSync(`${generations.directory}/current/occupied`, { recursive: true });
    };
    await expect(generations.obtain({ build })).rejects.toMatchObject({ code: 'IO' });
    expect(readdirSync(generations.directory)).toEqual(['current']);
  });

  it('a removal in progress is not leased; the current generation is waited for, not spun for', async () => {
    const generations = fresh();
    (await generations.obtain({ build: writing('one') })).release();
    writeFileSync(`${generations.directory}/doomed.1.${ownerToken()}.00000000`, '');
    expect(generations.acquire()).toBeUndefined();
    expect(names(generations.directory).filter((name) => name.startsWith('lease'))).toEqual([]);
  });

  it('a damaged pointer is CORRUPT with its path', async () => {
    const generations = fresh();
    (await generations.obtain({ build: writing('one') })).release();
    for (const text of ['', '0\n', '1', '1\n1\n', '../1\n', '-1\n', '9999999999999999\n']) {
      writeFileSync(`${generations.directory}/current`, text);
      expect(() => generations.acquire()).toThrow(
        expect.objectContaining({ code: 'CORRUPT', path: `${generations.directory}/current` }),
      );
    }
  });

  it('remove takes the whole directory, unless somebody reads or builds', async () => {
    const generations = fresh();
    const lease = await generations.obtain({ build: writing('one') });
    expect(generations.remove()).toBe(false);
    expect(content(lease)).toBe('one');
    lease.release();
    const lock = tryLock(generations.directory, 'build');
    expect(generations.remove()).toBe(false);
    lock?.release();
    expect(generations.remove()).toBe(true);
    expect(generations.remove()).toBe(true);
    expect(existsSync(generations.directory)).toBe(false);
    const again = await generations.obtain({ build: writing('again') });
    expect([again.generation, content(again)]).toEqual([1, 'again']);
    again.release();
  });

  it('stops waiting with the reason of the signal', async () => {
    const generations = fresh();
    const lock = tryLock(generations.directory, 'build');
    const controller = new AbortController();
    const waiting = generations.obtain({ build: writing('x'), signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(waiting).rejects.toThrow('enough');
    lock?.release();
  });
});

describe('locks', () => {
  it('exclude, by name, and are released once', async () => {
    const directory = workspace.at('locks');
    const first = tryLock(directory, 'a');
    expect(first).toBeDefined();
    expect(tryLock(directory, 'a')).toBeUndefined();
    const other = tryLock(directory, 'b');
    expect(other).toBeDefined();
    first?.release();
    const second = await acquireLock(directory, 'a');
    first?.release();
    expect(isLocked(directory, 'a')).toBe(true);
    second.release();
    other?.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('of another host or container are respected for a day', () => {
    const directory = workspace.at('foreign');
    mkdirSync(directory);
    const foreign = `${directory}/.a.1-1-0000000${ownerToken().endsWith('0') ? 1 : 0}.00000000.atc-lock`;
    writeFileSync(foreign, '');
    expect(tryLock(directory, 'a')).toBeUndefined();
    const dayBefore = Date.now() / 1000 - 25 * 3600;
    utimesSync(foreign, dayBefore, dayBefore);
    expect(tryLock(directory, 'a')).toBeDefined();
    expect(existsSync(foreign)).toBe(false);
  });
});

describe('cache directory', () => {
  const used = (target: string, secondsAgo: number) =>
    utimesSync(target, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);

  const ENTRY = `ab/${'0'.repeat(62)}.atc-entry`;

  /** Four entries of 40 KiB each, `a` used last, and what is not ours. */
  async function filled(): Promise<string> {
    const root = workspace.at(`cache-${number++}`);
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

  it('stays below a bound: oldest first, never what is in use or not ours', async () => {
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

  it('the process that writes enforces the bound and retains what was just written', async () => {
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
