/**
 * What reaches the disk in which order, and what stays when a call fails: of files that are complete or
 * absent. test/io/directory-order.test.ts does so for directories, test/io/power-order.test.ts for whole datasets, seen
 * from outside by strace.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Durability } from '../../src/io/durability.js';
import { recordDisk, useRecordedDirectory } from './recorded-disk.js';

const disk = recordDisk();
const { writeFileAtomic, writeFileAtomicSync, readFileIfPresent } = await import('../../src/io/atomic-file.js');
const { FileWriter } = await import('../../src/io/file-writer.js');
const { makeDirectory } = await import('../../src/io/durability.js');
const { appendBytes, overwriteBytes } = await import('../../src/io/append.js');
const { AtcError } = await import('../../src/errors.js');

const { at } = useRecordedDirectory(disk);

/** Without what only looks. */
const changes = () => disk.calls.filter((call) => !/^(list|read|open|close|mkdir) /.test(call));

async function errorOf(run: () => unknown) {
  try {
    await run();
  } catch (error) {
    return error as InstanceType<typeof AtcError>;
  }
  throw new Error('nothing was refused');
}

const fails = (call: string, code = 'EIO') => {
  disk.failure = (made) => (made === call ? code : undefined);
};

const writers: [string, (target: string, bytes: string, durability?: Durability) => unknown][] = [
  ['writeFileAtomicSync', (target, bytes, durability) => writeFileAtomicSync(target, bytes, { durability })],
  ['writeFileAtomic', (target, bytes, durability) => writeFileAtomic(target, bytes, { durability })],
];

describe.each(writers)('%s', (_, write) => {
  it('syncs the bytes before the name, and the name before it returns; power is the default', async () => {
    const whole = ['write ~file', 'sync ~file', 'rename ~file file', 'sync .'];
    for (const durability of ['power', undefined] as const) {
      disk.start(at());
      await write(at('file'), 'some bytes', durability);
      // The first time, the names of the directories above are synced too.
      expect(changes().filter((call, k, all) => call !== 'sync .' || k === all.length - 1)).toEqual(whole);
      expect(readFileSync(at('file'), 'utf8')).toBe('some bytes');
    }
    expect(disk.open.size).toBe(0);
  });

  it('with process durability nothing is synced', async () => {
    await write(at('deep/file'), 'some bytes', 'process');
    expect(changes()).toEqual(['write deep/~file', 'rename deep/~file deep/file']);
  });

  it('with power the names of new directories are synced before the file gets its own', async () => {
    await write(at('one/two/file'), 'x', 'power');
    const { calls } = disk;
    const rename = calls.indexOf('rename one/two/~file one/two/file');
    for (const parent of ['.', 'one']) {
      const synced = calls.indexOf(`sync ${parent}`);
      expect([parent, synced >= 0 && synced < rename]).toEqual([parent, true]);
    }
    expect(calls.at(-2)).toBe('sync one/two');
  });

  it.each(['open ~file', 'write ~file', 'sync ~file', 'close ~file', 'rename ~file file'])(
    'when "%s" fails, what was there stays, and nothing else',
    async (call) => {
      writeFileSync(at('file'), 'old');
      fails(call);
      const error = await errorOf(() => write(at('file'), 'new', 'power'));
      expect(error).toMatchObject({ name: 'AtcError', code: 'IO', path: at('file'), applied: undefined });
      expect(error.message).toContain('the device reported an error');
      expect(readdirSync(at())).toEqual(['file']);
      expect(readFileSync(at('file'), 'utf8')).toBe('old');
      expect(disk.open.size).toBe(0);
    },
  );

  it('when the name cannot be synced the file is there, and the error says so', async () => {
    makeDirectory(at(), 'power');
    fails('sync .');
    const error = await errorOf(() => write(at('file'), 'new', 'power'));
    expect(error).toMatchObject({ code: 'IO', applied: true });
    expect(readFileSync(at('file'), 'utf8')).toBe('new');
    expect(disk.open.size).toBe(0);
  });

  it('a directory that cannot be made is the reason that is reported', async () => {
    fails('mkdir deep', 'EACCES');
    for (const durability of ['power', 'process'] as const) {
      const error = await errorOf(() => write(at('deep/file'), 'new', durability));
      expect(error.message).toContain('permission denied');
    }
    expect(readdirSync(at())).toEqual([]);
  });

  it('a write that is cut short goes on where it stopped', async () => {
    disk.most = 3;
    await write(at('file'), 'some more bytes', 'process');
    expect(readFileSync(at('file'), 'utf8')).toBe('some more bytes');
  });
});

test('a file that is not wanted any more leaves what was there', async () => {
  writeFileSync(at('file'), 'old');
  expect(await writeFileAtomic(at('file'), 'new', { isWanted: () => false })).toBe(false);
  expect(readdirSync(at())).toEqual(['file']);
  expect(readFileSync(at('file'), 'utf8')).toBe('old');
  expect(await writeFileAtomic(at('file'), 'new', { isWanted: () => true })).toBe(true);
  expect(await writeFileAtomic(at('file'), 'newer')).toBe(true);
  expect(readFileSync(at('file'), 'utf8')).toBe('newer');
});

test('without replace a file that is there stays, whichever function writes', async () => {
  writeFileSync(at('file'), 'old');
  const error = await errorOf(() => writeFileAtomic(at('file'), 'new', { replace: false }));
  expect(error.message).toContain('exists already');
  expect(readdirSync(at())).toEqual(['file']);
  expect(readFileSync(at('file'), 'utf8')).toBe('old');
});

test('a file that is linked into place stays when its temporary name cannot be removed', () => {
  disk.failure = (call) => (call === 'remove ~file' ? 'EIO' : undefined);
  writeFileAtomicSync(at('file'), 'new', { replace: false });
  expect(readFileSync(at('file'), 'utf8')).toBe('new');
});

test('reading a file whole takes what each read gives', async () => {
  writeFileSync(at('file'), 'some more bytes');
  expect(new TextDecoder().decode(await readFileIfPresent(at('file')))).toBe('some more bytes');
  expect(await readFileIfPresent(at('nothing'))).toBeUndefined();
  fails('open file', 'EACCES');
  expect(await errorOf(() => readFileIfPresent(at('file')))).toMatchObject({ code: 'IO', path: at('file') });
  expect(disk.open.size).toBe(0);
});

describe('FileWriter', () => {
  it('collects small writes, and passes large ones on', () => {
    const writer = new FileWriter(at('file'), { durability: 'process' });
    for (let k = 0; k < 100; k += 1) writer.write(new Uint8Array(1000).fill(k));
    expect(changes()).toEqual([]);
    writer.write(new Uint8Array(300_000).fill(7));
    // What was collected, then the large one as it is.
    expect(changes()).toEqual(['write ~file', 'write ~file']);
    writer.commit();
    expect(changes()).toEqual(['write ~file', 'write ~file', 'rename ~file file']);
    expect(readFileSync(at('file')).length).toBe(400_000);
    expect(readFileSync(at('file')).subarray(99_000, 100_001).equals(Buffer.alloc(1001, 99).fill(7, 1000))).toBe(true);
  });

  it('refuses to overwrite what is not written yet', () => {
    const writer = new FileWriter(at('file'), { durability: 'process' });
    writer.write(new Uint8Array(10));
    for (const offset of [-1, 8, 10, Number.NaN]) {
      expect(() => writer.rewrite(offset, new Uint8Array(3))).toThrow(
        expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining('not written yet') }),
      );
    }
    writer.rewrite(0, Uint8Array.of(1));
    writer.rewrite(7, Uint8Array.of(2, 3, 4));
    writer.commit();
    expect([...readFileSync(at('file'))]).toEqual([1, 0, 0, 0, 0, 0, 0, 2, 3, 4]);
  });

  it('a failed write ends it: nothing is left, and it is closed', () => {
    const writer = new FileWriter(at('file'), { durability: 'process' });
    fails('write ~file', 'ENOSPC');
    expect(() => writer.write(new Uint8Array(500_000))).toThrow('no space left');
    expect([readdirSync(at()), disk.open.size]).toEqual([[], 0]);
    expect(() => writer.commit()).toThrow(expect.objectContaining({ code: 'CLOSED', path: at('file') }));
  });

  it('an abort whose close fails removes the file all the same', () => {
    const writer = new FileWriter(at('file'), { durability: 'process' });
    fails('close ~file');
    writer.abort();
    expect([readdirSync(at()), disk.open.size]).toEqual([[], 0]);
  });

  it('a file that cannot be created is reported with its own name', () => {
    fails('open ~file', 'EMFILE');
    expect(() => new FileWriter(at('file'))).toThrow(
      expect.objectContaining({ code: 'IO', path: at('file'), message: expect.stringContaining('cannot create') }),
    );
  });
});

describe('names of directories', () => {
  const synced = () => disk.calls.filter((call) => call.startsWith('sync'));

  it('are synced once by a process, and again where the directory is another one', () => {
    makeDirectory(at('a/b'), 'power');
    expect(synced()).toEqual(['sync a', 'sync .']);
    makeDirectory(at('a/b'), 'power');
    expect(synced()).toEqual(['sync a', 'sync .']);
    rmSync(at('a'), { recursive: true });
    // Holds the old number, so that the new directory gets another one.
    mkdirSync(at('between'));
    mkdirSync(at('between/again'));
    makeDirectory(at('a/b'), 'power');
    expect(synced()).toEqual(['sync a', 'sync .', 'sync a', 'sync .']);
    makeDirectory(at('c'), 'process');
    expect(synced()).toHaveLength(4);
  });

  it.each(['EACCES', 'EPERM', 'EINVAL'])('those above that may not be opened (%s) are left out', (code) => {
    mkdirSync(at('a'));
    fails('open .', code);
    makeDirectory(at('a/b'), 'power');
    expect(synced()).toEqual(['sync a']);
  });

  it('other failures are reported, and tried again the next time', () => {
    fails('sync .');
    expect(() => makeDirectory(at('a'), 'power')).toThrow(expect.objectContaining({ code: 'IO' }));
    disk.start(at());
    makeDirectory(at('a'), 'power');
    expect(synced()).toEqual(['sync .']);
    expect(disk.open.size).toBe(0);
  });
});

describe('growing files', () => {
  it('a write that is cut short goes on where it stopped, at the end or at an offset', () => {
    disk.most = 2;
    appendBytes(at('file'), new TextEncoder().encode('abcdefg'));
    appendBytes(at('file'), new TextEncoder().encode('hij'));
    overwriteBytes(at('file'), 3, new TextEncoder().encode('DEFGH'));
    expect(readFileSync(at('file'), 'utf8')).toBe('abcDEFGHij');
    expect(disk.open.size).toBe(0);
  });

  it.each(['open file', 'write file'])('when "%s" fails it is reported, and nothing stays open', (call) => {
    writeFileSync(at('file'), 'old');
    fails(call, 'ENOSPC');
    for (const run of [
      () => appendBytes(at('file'), new Uint8Array(3)),
      () => overwriteBytes(at('file'), 0, new Uint8Array(3)),
    ])
      expect(run).toThrow(
        expect.objectContaining({
          code: 'IO',
          path: at('file'),
          message: expect.stringContaining(`cannot ${call.split(' ')[0]}`),
        }),
      );
    expect([readFileSync(at('file'), 'utf8'), disk.open.size]).toEqual(['old', 0]);
  });
});
