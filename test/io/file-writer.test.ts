import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFileAtomicSync } from '../../src/io/atomic-file.js';
import { openFileReader } from '../../src/io/file-reader.js';
import { FileWriter } from '../../src/io/file-writer.js';
import { writeFully } from '../../src/io/open-file.js';
import { isTemporaryName } from '../../src/io/temporary.js';
import { startChild } from './child.js';
import { bytesOfLength, fresh } from './files-fixture.js';
import { thrownBy } from './workspace.js';

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

test('writers at work at the same time share no memory, whichever of them ends first', () => {
  const folder = fresh();
  const writers = ['a', 'b', 'c', 'd'].map((name) => new FileWriter(`${folder}/${name}`, { durability: 'process' }));
  const text = (name: string, part: number) => Buffer.from(`${name}${part};`.repeat(50));
  writers.forEach((writer, k) => {
    writer.write(text('abcd'[k], 0));
  });
  writers[1].abort();
  writers[0].write(text('a', 1));
  writers[0].commit();
  const late = new FileWriter(`${folder}/e`, { durability: 'process' });
  late.write(text('e', 0));
  writers[2].write(text('c', 1));
  for (const writer of [writers[3], late, writers[2]]) writer.commit();
  const found = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]),
  );
  const expected = (name: string, parts: number) => Array.from({ length: parts }, (_, k) => text(name, k)).join('');
  expect(found).toEqual({ a: expected('a', 2), c: expected('c', 2), d: expected('d', 1), e: expected('e', 1) });
});
