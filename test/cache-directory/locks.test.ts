import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { acquireLock, isLocked, tryLock } from '../../src/io/process-lock.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { workspace } from './generations-fixture.js';

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
