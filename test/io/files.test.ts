import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { type FileIdentity, identifyFile, takeAway } from '../../src/cache-directory/entry-files.js';
import { DirectoryWriter } from '../../src/io/atomic-directory.js';
import { readFileIfPresent, writeFileAtomic, writeFileAtomicSync } from '../../src/io/atomic-file.js';
import { readChunks, readChunksAsync } from '../../src/io/chunk-reader.js';
import { diskUsage } from '../../src/io/disk-usage.js';
import { openFileReader } from '../../src/io/file-reader.js';
import { FileWriter } from '../../src/io/file-writer.js';
import { ioError } from '../../src/io/io-error.js';
import { writeFully } from '../../src/io/open-file.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { isTemporaryName, sweepTemporaries, temporaryPath } from '../../src/io/temporary.js';
import { startChild } from './child.js';
import { thrownBy, useWorkspace } from './workspace.js';

const workspace = useWorkspace();
let number = 0;
/** A fresh empty directory. */
function fresh(): string {
  const directory = workspace.at(`directory-${number++}`);
  mkdirSync(directory);
  return directory;
}
const bytesOfLength = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);

describe('FileWriter', () => {
  it.each(['power', 'process'] as const)(
    'durability %s: the file is there after commit, complete, and not before',
    (durability) => {
      const directory = fresh();
      const target = `${directory}/deep/er/file`;
      const writer = new FileWriter(target, { durability });
      const parts = [1, 255 * 1024, 3, 256 * 1024, 0, 700_000, 9].map(bytesOfLength);
      for (const part of parts) writer.write(part);
      expect(existsSync(target)).toBe(false);
      expect(writer.byteLength).toBe(Buffer.concat(parts).byteLength);
      writer.rewrite(2, new Uint8Array([9, 9]));
      writer.commit();
      const expected = Buffer.concat(parts);
      expected.set([9, 9], 2);
      expect(readFileSync(target).equals(expected)).toBe(true);
      expect(readdirSync(`${directory}/deep/er`)).toEqual(['file']);
      expect(thrownBy(() => writer.write(new Uint8Array(1)))).toMatchObject({ code: 'CLOSED', path: target });
      writer.abort();
      expect(existsSync(target)).toBe(true);
    },
  );

  it('copies what it is given: the array may be reused at once', () => {
    const target = `${fresh()}/file`;
    const writer = new FileWriter(target);
    const reused = new Uint8Array(10);
    for (let i = 0; i < 5; i++) writer.write(reused.fill(i));
    writer.commit();
    expect([...readFileSync(target)]).toEqual(Array.from({ length: 50 }, (_, i) => Math.floor(i / 10)));
  });

  it('abort leaves nothing, an old file stays', () => {
    const directory = fresh();
    writeFileSync(`${directory}/file`, 'old');
    const writer = new FileWriter(`${directory}/file`);
    writer.write(bytesOfLength(1_000_000));
    expect(readdirSync(directory).filter(isTemporaryName)).toHaveLength(1);
    writer.abort();
    writer.abort();
    expect(readdirSync(directory)).toEqual(['file']);
    expect(readFileSync(`${directory}/file`, 'utf8')).toBe('old');
  });

  it('replaces by rename: a process that has the old file open keeps it', () => {
    const target = `${fresh()}/file`;
    writeFileSync(target, 'old');
    const reader = openFileReader(target);
    writeFileAtomicSync(target, 'new and longer');
    expect(Buffer.from(reader.read(0, 3)).toString()).toBe('old');
    expect(readFileSync(target, 'utf8')).toBe('new and longer');
    reader.close();
  });

  it('replace: false refuses an existing file and removes its own', () => {
    const directory = fresh();
    writeFileSync(`${directory}/file`, 'old');
    const error = thrownBy(() => writeFileAtomicSync(`${directory}/file`, 'new', { replace: false }));
    expect(error).toMatchObject({ code: 'IO', path: `${directory}/file` });
    expect(error.message).toContain('exists already');
    expect(readdirSync(directory)).toEqual(['file']);
    expect(readFileSync(`${directory}/file`, 'utf8')).toBe('old');
    writeFileAtomicSync(`${directory}/other`, 'new', { replace: false });
    expect(readdirSync(directory)).toEqual(['file', 'other']);
  });

  it('a directory in the way is IO and leaves nothing', () => {
    const directory = fresh();
    mkdirSync(`${directory}/file/full`, { recursive: true });
    expect(thrownBy(() => writeFileAtomicSync(`${directory}/file`, 'x')).code).toBe('IO');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('a full disk is reported with the path', () => {
    if (!existsSync('/dev/full')) return console.warn('/dev/full is missing here: a full disk is not tested');
    const full = openSync('/dev/full', 'w');
    const error = thrownBy(() => writeFully(full, 'target', bytesOfLength(10), 0));
    closeSync(full);
    expect(error).toMatchObject({ code: 'IO', path: 'target' });
    return expect(error.message).toContain('cannot write target: no space left on the device');
  });

  it('a write that fails half-way leaves nothing', async () => {
    const directory = fresh();
    // The shell limits the size of files to 512 KiB (units of 1024 or 512 bytes).
    const child = startChild(
      (dist) => `
        const { FileWriter } = await import(${JSON.stringify(`${dist}/io/file-writer.js`)});
        const writer = new FileWriter(${JSON.stringify(`${directory}/file`)});
        try {
          for (let i = 0; i < 100; i++) writer.write(new Uint8Array(100_000));
          writer.commit();
          console.log('written');
        } catch (error) {
          console.log(error.code, error.cause?.code, error.path);
        }
      `,
      { shellLimit: 'ulimit -f 512' },
    );
    expect(await child.line()).toBe(`IO EFBIG ${directory}/file`);
    expect(await child.ended).toMatchObject({ code: 0 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('a long name has a temporary name too', () => {
    const target = `${fresh()}/${'é'.repeat(120)}`;
    writeFileAtomicSync(target, 'x');
    expect(existsSync(target)).toBe(true);
  });
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

describe('openFileReader', () => {
  it('reads exactly what is asked for', () => {
    const target = workspace.file('read', bytesOfLength(1000));
    const reader = openFileReader(target);
    expect(reader).toMatchObject({ path: target, byteLength: 1000 });
    expect([...reader.read(990, 10)]).toEqual([...bytesOfLength(1000).subarray(990)]);
    expect(reader.read(1000, 0).byteLength).toBe(0);
    expect(thrownBy(() => reader.read(991, 10))).toMatchObject({ code: 'ARGUMENT', path: target });
    truncateSync(target, 500);
    expect(thrownBy(() => reader.read(400, 200))).toMatchObject({ code: 'CORRUPT', path: target, offset: 500 });
    reader.close();
    reader.close();
    expect(thrownBy(() => reader.read(0, 0))).toMatchObject({ code: 'CLOSED', path: target });
  });

  it('a named pipe is refused, not waited for', () => {
    const pipe = workspace.at('pipe');
    try {
      execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', pipe]);
    } catch {
      return console.warn('mkfifo is missing here: named pipes are not tested');
    }
    return expect(thrownBy(() => openFileReader(pipe)).message).toContain('not a regular file');
  });

  it('errors say what, where and what to do', () => {
    const missing = workspace.at('missing');
    const error = thrownBy(() => openFileReader(missing));
    expect(error.message).toBe(
      `cannot open ${missing}: no such file or directory; check the path: a relative one starts at the working directory (ENOENT)`,
    );
    for (const [code, words] of [
      ['EACCES', 'permission denied'],
      ['EMFILE', 'too many open files'],
      ['ENOSPC', 'no space left'],
      ['EISDIR', 'it is a directory'],
    ]) {
      const wrapped = ioError(Object.assign(new Error('x'), { code }), 'open', missing);
      expect(wrapped).toMatchObject({ code: 'IO', path: missing });
      expect(wrapped.message).toContain(words);
      expect(ioError(wrapped, 'read', 'elsewhere')).toBe(wrapped);
    }
  });
});

describe('chunks of a file', () => {
  const content = bytesOfLength(10_007);

  it.each([1, 7, 1000, 10_007, 20_000])('of %i bytes join to the file, sync and async', async (chunkBytes) => {
    const target = workspace.file('chunks', content);
    const joined = Buffer.concat(Array.from(readChunks(target, { chunkBytes }), (chunk) => Buffer.from(chunk)));
    expect(joined.equals(content)).toBe(true);
    const parts: Buffer[] = [];
    for await (const chunk of readChunksAsync(target, { chunkBytes })) parts.push(Buffer.from(chunk));
    expect(Buffer.concat(parts).equals(content)).toBe(true);
    expect(parts.every((part) => part.byteLength <= chunkBytes)).toBe(true);
  });

  it('an empty file has none', async () => {
    const target = workspace.file('empty', '');
    expect([...readChunks(target)]).toEqual([]);
    for await (const chunk of readChunksAsync(target)) throw new Error(`unexpected chunk of ${chunk.byteLength}`);
  });

  it('closes the file when the consumer stops early, and when it throws', async () => {
    if (!existsSync('/proc/self/fd')) return console.warn('no /proc here: open descriptors are not counted');
    const open = () => readdirSync('/proc/self/fd').length;
    const target = workspace.file('early', content);
    const before = open();
    for (const chunk of readChunks(target, { chunkBytes: 10 })) if (chunk) break;
    for await (const chunk of readChunksAsync(target, { chunkBytes: 10 })) if (chunk) break;
    await expect(
      (async () => {
        for await (const chunk of readChunksAsync(target, { chunkBytes: 10 }))
          throw new Error(`boom ${chunk.byteLength}`);
      })(),
    ).rejects.toThrow('boom 10');
    return expect(open()).toBe(before);
  });

  it('stops with the reason of the signal', async () => {
    const target = workspace.file('abort', content);
    const controller = new AbortController();
    let seen = 0;
    const reading = (async () => {
      for await (const chunk of readChunksAsync(target, { chunkBytes: 10, signal: controller.signal })) {
        seen += chunk.byteLength;
        if (seen === 30) controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(seen).toBe(30);
  });

  it('a missing file is IO, a directory too', async () => {
    expect(thrownBy(() => [...readChunks(workspace.at('missing'))])).toMatchObject({ code: 'IO' });
    expect(thrownBy(() => [...readChunks(workspace.directory)])).toMatchObject({ code: 'IO' });
    await expect(readChunksAsync(workspace.directory).next()).rejects.toMatchObject({ code: 'IO' });
    await expect(readChunksAsync(workspace.at('missing')).next()).rejects.toMatchObject({ code: 'IO' });
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
