import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tryLock } from '../../src/io/process-lock.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { whileReadOnly } from '../io/unprivileged.js';
import { content, dead, fresh, names, writing } from './generations-fixture.js';

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

  it('builds a missing generation once, and hands out one that is there', async () => {
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

  it('replaces a stale generation; a leased one is deleted after its lease', async () => {
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

  it('leases, locks and removal marks of dead processes are ignored; their unfinished work is swept', async () => {
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

  it('a process that finds its generation fresh removes what dead ones left', async () => {
    const generations = fresh();
    const options = { build: writing('one'), durability: 'process' } as const;
    (await generations.obtain(options)).release();
    const before = readdirSync(generations.directory);
    for (const name of [`lease.1.${dead}.00000000`, `.build.${dead}.00000000.atc-lock`]) {
      writeFileSync(`${generations.directory}/${name}`, '');
    }
    mkdirSync(`${generations.directory}/.g2.${dead}.00000000.atc-tmp`);
    (await generations.obtain(options)).release();
    expect(readdirSync(generations.directory)).toEqual(before);
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

  it('remove deletes the whole directory, unless a process reads or builds', async () => {
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
