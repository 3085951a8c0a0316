/** What reaches the disk in which order, and what stays when a call fails: of directories that are complete or absent. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Durability } from '../../src/io/durability.js';
import { recordDisk, useRecordedDirectory } from './recorded-disk.js';

const disk = recordDisk();
const { DirectoryWriter, syncTree } = await import('../../src/io/atomic-directory.js');
const { syncFile } = await import('../../src/io/durability.js');
const { AtcError } = await import('../../src/errors.js');

const { at } = useRecordedDirectory(disk);

const fails = (call: string, code = 'EIO') => {
  disk.failure = (made) => (made === call ? code : undefined);
};

describe('DirectoryWriter', () => {
  const build = (durability?: Durability) => {
    const writer = new DirectoryWriter(at('target'), { durability });
    mkdirSync(path.join(writer.temporary, 'inner'));
    writeFileSync(path.join(writer.temporary, 'a'), 'a');
    writeFileSync(path.join(writer.temporary, 'inner/b'), 'b');
    return writer;
  };

  it('syncs every file, then the directories, then the name; power is the default', () => {
    for (const durability of ['power', undefined] as const) {
      const writer = build(durability);
      disk.start(at());
      writer.commit();
      const { calls } = disk;
      const order = ['sync ~target/a', 'sync ~target', 'rename ~target target', 'sync .'].map((one) =>
        calls.indexOf(one),
      );
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(order).not.toContain(-1);
      const inner = ['sync ~target/inner/b', 'sync ~target/inner', 'sync ~target'].map((one) => calls.indexOf(one));
      expect(inner).toEqual([...inner].sort((a, b) => a - b));
      expect(inner).not.toContain(-1);
      expect(disk.open.size).toBe(0);
      rmSync(at('target'), { recursive: true });
    }
  });

  it('with process durability nothing is synced', () => {
    build('process').commit();
    expect(disk.calls.filter((call) => call.startsWith('sync'))).toEqual([]);
    expect(readFileSync(at('target/inner/b'), 'utf8')).toBe('b');
  });

  it.each(['sync ~target/a', 'sync ~target/inner', 'list ~target/inner', 'rename ~target target'])(
    'when "%s" fails there is no directory, and no part of one',
    (call) => {
      const writer = build();
      fails(call);
      expect(() => writer.commit()).toThrow(expect.objectContaining({ code: 'IO', applied: undefined }));
      expect([readdirSync(at()), disk.open.size]).toEqual([[], 0]);
      expect(() => writer.commit()).toThrow(
        expect.objectContaining({ code: 'CLOSED', path: at('target'), message: expect.stringContaining('finished') }),
      );
    },
  );

  it('when the name cannot be synced the directory is there, and the error says so', () => {
    const writer = build();
    fails('sync .');
    expect(() => writer.commit()).toThrow(expect.objectContaining({ code: 'IO', applied: true }));
    expect(existsSync(at('target/inner/b'))).toBe(true);
  });

  it('links and unfinished files in it are not synced, and links are not followed', () => {
    const writer = build();
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/c'), 'c');
    symlinkSync(at('elsewhere'), path.join(writer.temporary, 'link'));
    symlinkSync(at('elsewhere/c'), path.join(writer.temporary, 'file-link'));
    writeFileSync(path.join(writer.temporary, '.x.1-2-0123abcd.0123abcd.atc-tmp'), '');
    writer.commit();
    expect(disk.calls.filter((call) => /^sync .*(link|elsewhere|~x)/.test(call))).toEqual([]);
  });

  it('a target that is there is refused before anything is made', () => {
    mkdirSync(at('target'));
    expect(() => new DirectoryWriter(at('target'))).toThrow(
      expect.objectContaining({ code: 'IO', path: at('target'), message: expect.stringContaining('exists already') }),
    );
    expect(readdirSync(at())).toEqual(['target']);
  });

  it('errors about its files name the location that they were to have', () => {
    const writer = build();
    const inside = path.join(writer.temporary, 'a');
    const where = { path: inside, offset: 3, line: 4, column: 'close', key: 'k', applied: true } as const;
    const cause = new Error('why');
    expect(writer.named(new AtcError('CORRUPT', `${inside} is damaged`, { ...where, cause }))).toMatchObject({
      ...where,
      code: 'CORRUPT',
      message: `${at('target/a')} is damaged`,
      path: at('target/a'),
      cause,
    });
    // By the message alone, without a path.
    expect(writer.named(new AtcError('IO', `see ${inside}`))).toMatchObject({
      message: `see ${at('target/a')}`,
      path: undefined,
    });
    // By the path alone.
    expect(writer.named(new AtcError('IO', 'damaged', { path: inside }))).toMatchObject({ path: at('target/a') });
    for (const other of [new AtcError('IO', 'elsewhere', { path: at('b') }), new Error(inside), 'text']) {
      expect(writer.named(other)).toBe(other);
    }
    writer.abort();
  });
});

test('syncing a tree covers what is below it, and reports what cannot be listed', () => {
  mkdirSync(at('d/e'), { recursive: true });
  writeFileSync(at('d/e/f'), '');
  syncTree(at('d'));
  expect(disk.calls.filter((call) => call.startsWith('sync'))).toEqual(['sync d/e/f', 'sync d/e', 'sync d']);
  expect(() => syncTree(at('nothing'))).toThrow(expect.objectContaining({ code: 'IO', path: at('nothing') }));
  expect(disk.open.size).toBe(0);
});

test('a file that was deleted meanwhile needs no sync; one that refuses it is reported', () => {
  writeFileSync(at('file'), '');
  syncFile(at('file'));
  syncFile(at('nothing'));
  expect(disk.calls.filter((call) => call.startsWith('sync'))).toEqual(['sync file']);
  fails('sync file');
  expect(() => syncFile(at('file'))).toThrow(
    expect.objectContaining({ code: 'IO', path: at('file'), message: expect.stringContaining('cannot sync') }),
  );
  expect(disk.open.size).toBe(0);
});
