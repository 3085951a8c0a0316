import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, truncateSync } from 'node:fs';
import { readChunks, readChunksAsync } from '../../src/io/chunk-reader.js';
import { openFileReader } from '../../src/io/file-reader.js';
import { ioError } from '../../src/io/io-error.js';
import { bytesOfLength, workspace } from './files-fixture.js';
import { thrownBy } from './workspace.js';

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

  it('errors name the failure, the location and the remedy', () => {
    const missing = workspace.at('missing');
    const error = thrownBy(() => openFileReader(missing));
    expect(error.message).toBe(
      `cannot open ${missing}: no such file or directory; check the path: a relative one starts at the working ` +
        'directory (ENOENT)',
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
