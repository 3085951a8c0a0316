import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { jest } from '@jest/globals';
import { type FileIdentity, identifyFile, readEntryFile, takeAway } from '../../src/cache-directory/entry-files.js';
import { DirectoryWriter } from '../../src/io/atomic-directory.js';
import { readFileIfPresent, writeFileAtomic, writeFileAtomicSync } from '../../src/io/atomic-file.js';
import { diskUsage } from '../../src/io/disk-usage.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { sweepTemporaries, temporaryPath } from '../../src/io/temporary.js';
import { bytesOfLength, fresh, workspace } from './files-fixture.js';
import { thrownBy } from './workspace.js';

test('reads that fall short do not end a file', async () => {
  const target = `${fresh()}/file`;
  await writeFileAtomic(target, bytesOfLength(10_000), { durability: 'process' });
  const handle = await open(target);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  type Read = (into: Uint8Array, offset: number, length: number, position: number) => ReturnType<FileHandle['read']>;
  const read = prototype.read as unknown as Read;
  const short = jest.spyOn(prototype as unknown as { read: Read }, 'read').mockImplementation(function (
    this: FileHandle,
    into,
    offset,
    length,
    position,
  ) {
    return read.call(this, into, offset, Math.min(length, 999), position);
  });
  try {
    expect(await readFileIfPresent(target)).toEqual(bytesOfLength(10_000));
    expect((await readEntryFile(target, 5000))?.bytes).toEqual(bytesOfLength(10_000).subarray(0, 5000));
    expect(short.mock.calls.length).toBeGreaterThan(15);
  } finally {
    short.mockRestore();
  }
});

describe('writeFileAtomic', () => {
  it.each(['power', 'process'] as const)(
    'durability %s: creates directories, replaces, leaves no other name',
    async (durability) => {
      const directory = fresh();
      const target = `${directory}/a/b/file`;
      await writeFileAtomic(target, 'one', { durability });
      await writeFileAtomic(target, bytesOfLength(300_000), { durability });
      expect(readFileSync(target).equals(bytesOfLength(300_000))).toBe(true);
      expect(readdirSync(`${directory}/a/b`)).toEqual(['file']);
      expect(Buffer.from((await readFileIfPresent(target)) ?? []).byteLength).toBe(300_000);
      expect(await readFileIfPresent(`${target}x`)).toBeUndefined();
      await expect(readFileIfPresent(directory)).rejects.toMatchObject({ code: 'IO', path: directory });
    },
  );

  it('many writers of one name: one of them wins whole', async () => {
    const directory = fresh();
    const values = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(100_000));
    await Promise.all(values.map((value) => writeFileAtomic(`${directory}/file`, value, { durability: 'process' })));
    expect(values).toContain(readFileSync(`${directory}/file`, 'utf8'));
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('fails as IO and leaves nothing', async () => {
    const directory = fresh();
    mkdirSync(`${directory}/file/full`, { recursive: true });
    await expect(writeFileAtomic(`${directory}/file`, 'x')).rejects.toMatchObject({
      code: 'IO',
      path: `${directory}/file`,
    });
    writeFileSync(`${directory}/plain`, '');
    await expect(writeFileAtomic(`${directory}/plain/x`, 'x')).rejects.toMatchObject({ code: 'IO' });
    expect(readdirSync(directory).sort()).toEqual(['file', 'plain']);
  });
});

describe('DirectoryWriter', () => {
  it.each(['power', 'process'] as const)('durability %s: all files appear at once', (durability) => {
    const parent = fresh();
    const writer = new DirectoryWriter(`${parent}/new/generation`, { durability });
    mkdirSync(`${writer.temporary}/sub`);
    writeFileSync(`${writer.temporary}/a`, '1');
    writeFileSync(`${writer.temporary}/sub/b`, '2');
    expect(existsSync(writer.path)).toBe(false);
    writer.commit();
    expect(readdirSync(`${parent}/new`)).toEqual(['generation']);
    expect(readFileSync(`${writer.path}/sub/b`, 'utf8')).toBe('2');
    expect(thrownBy(() => writer.commit()).code).toBe('CLOSED');
    writer.abort();
    expect(existsSync(writer.path)).toBe(true);
  });

  it('abort leaves nothing; an existing directory is never touched', () => {
    const parent = fresh();
    const aborted = new DirectoryWriter(`${parent}/one`);
    const late = new DirectoryWriter(`${parent}/two`);
    writeFileSync(`${aborted.temporary}/a`, '1');
    aborted.abort();
    mkdirSync(`${parent}/two`);
    expect(thrownBy(() => late.commit())).toMatchObject({ code: 'IO', path: `${parent}/two` });
    expect(thrownBy(() => new DirectoryWriter(`${parent}/two`)).message).toContain('exists already');
    expect(readdirSync(parent)).toEqual(['two']);
  });
});

describe('unfinished files', () => {
  it('of dead processes are swept, of living ones are not', () => {
    const directory = fresh();
    const [pid, start, space] = ownerToken().split('-');
    const alive = temporaryPath(`${directory}/file`);
    const dead = `${directory}/.file.${2 ** 22 + 1}-${start}-${space}.00000000.atc-tmp`;
    mkdirSync(`${dead}x`);
    for (const path of [alive, dead, `${directory}/file`, `${directory}/.hidden.tmp`]) writeFileSync(path, '');
    expect(Number(pid)).toBe(process.pid);
    expect(sweepTemporaries(directory)).toEqual([dead]);
    expect(existsSync(alive)).toBe(true);
    expect(readdirSync(directory)).toHaveLength(4);
  });
});

describe('diskUsage', () => {
  it('adds up a tree, hard links once, links not at all', () => {
    const directory = fresh();
    mkdirSync(`${directory}/sub`);
    writeFileSync(`${directory}/a`, bytesOfLength(10_000));
    writeFileSync(`${directory}/sub/b`, bytesOfLength(5));
    linkSync(`${directory}/a`, `${directory}/sub/again`);
    symlinkSync(workspace.directory, `${directory}/sub/link`);
    const usage = diskUsage(directory);
    const linkBytes = Buffer.byteLength(workspace.directory);
    expect(usage).toMatchObject({ byteLength: 10_005 + linkBytes, files: 3 });
    expect(usage.allocatedBytes).toBeGreaterThanOrEqual(10_005);
    expect(diskUsage(`${directory}/a`)).toMatchObject({ byteLength: 10_000, files: 1 });
    expect(thrownBy(() => diskUsage(`${directory}/none`))).toMatchObject({ code: 'IO', path: `${directory}/none` });
  });
});

describe('an entry that is taken away', () => {
  it('is the one that was looked at: a newer one is not even moved', async () => {
    const file = workspace.file('entry', 'old');
    const seen = await identifyFile(file);
    writeFileAtomicSync(file, 'newer');
    // Any rename or link of it would show.
    const before = statSync(file, { bigint: true }).ctimeNs;
    expect(await takeAway(file, seen as FileIdentity)).toBe(false);
    expect(statSync(file, { bigint: true }).ctimeNs).toBe(before);
    expect(readFileSync(file, 'utf8')).toBe('newer');
    expect(await takeAway(file, (await identifyFile(file)) as FileIdentity)).toBe(true);
    expect(existsSync(file)).toBe(false);
  });
});
