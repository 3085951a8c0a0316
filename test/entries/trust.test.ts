/** What stands in a cache directory and is not ours, or claims more than it has: links, forged notes, sizes, marks. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { EntryDirectory, onMemoryEvent } from 'atc-memory';
import { entryPath } from '../../src/entries/entry-file.js';
import { migrateDirectory } from '../../src/entries/migrate/migrate.js';
import { revertDirectory } from '../../src/entries/migrate/revert.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
let count = 0;
const folder = (name: string) => {
  const made = workspace.at(`${name} ${count++}`);
  mkdirSync(made);
  return made;
};
const md5 = createHash('md5').update('k').digest('hex');
/** An entry of cache-manager-fs-hash for the key `k`. */
const fsHash = (val: unknown) => JSON.stringify({ expireTime: null, key: 'k', val });
const SEPARATE = [`diskstore-${md5.slice(0, 3)}`, `${md5.slice(3)}.json`] as const;
const TEMPORARY = `.x.${ownerToken().replace(/^\d+/, '999999999')}.0123abcd.atc-tmp`;

async function outcome(directory: string, options = {}) {
  const errors: unknown[] = [];
  const stop = onMemoryEvent('corrupt', ({ error }) => errors.push(error));
  const entry = await new EntryDirectory({ directory, ...options }).get('k');
  stop();
  return { value: entry?.value, errors };
}

describe('links', () => {
  test('an entry of another cache behind a linked directory or file is not there, and stays', async () => {
    const foreign = folder('foreign');
    writeFileSync(path.join(foreign, SEPARATE[1]), fsHash('secret'));
    for (const make of [
      (directory: string) => symlinkSync(foreign, path.join(directory, SEPARATE[0])),
      (directory: string) => {
        mkdirSync(path.join(directory, SEPARATE[0]));
        symlinkSync(path.join(foreign, SEPARATE[1]), path.join(directory, ...SEPARATE));
      },
    ]) {
      const directory = folder('linked');
      make(directory);
      expect(await outcome(directory)).toEqual({ value: undefined, errors: [] });
      const entries = new EntryDirectory({ directory });
      await entries.clear();
      await entries.delete('k');
      expect((await migrateDirectory(directory)).formats).toEqual([]);
      expect(readdirSync(foreign)).toEqual([SEPARATE[1]]);
    }
  });

  test('a migration does not write through a link instead of a directory of ours', async () => {
    const directory = folder('migrated');
    const foreign = folder('foreign');
    mkdirSync(path.join(directory, SEPARATE[0]));
    writeFileSync(path.join(directory, ...SEPARATE), fsHash('v'));
    symlinkSync(foreign, path.join(directory, path.dirname(entryPath('k'))));
    const { left } = await migrateDirectory(directory);
    expect(left).toEqual([{ what: 'k', reason: expect.stringContaining('is a symbolic link') }]);
    expect(readdirSync(foreign)).toEqual([]);
    expect(existsSync(path.join(directory, ...SEPARATE))).toBe(true);
  });

  test.each(['../out.json', '/tmp/out.json', 'a/b.json', '..', '', 'a\\b', 7])(
    'a note that names the file %p is CORRUPT, and nothing is written',
    async (file) => {
      const directory = folder('noted');
      await new EntryDirectory({ directory }).set('k', 1);
      const formats = [{ name: 'keyv-file', file, items: 'values' }];
      writeFileSync(path.join(directory, '.atc-migrated.json'), JSON.stringify({ version: 1, formats }));
      await expect(revertDirectory(directory)).rejects.toMatchObject({ code: 'CORRUPT' });
      expect(await new EntryDirectory({ directory }).get('k')).toMatchObject({ value: 1 });
    },
  );
});

test.each([
  ['migrate', migrateDirectory],
  ['prune', (directory: string) => new EntryDirectory({ directory }).prune()],
])('%s removes what a killed migration left unfinished, wherever it wrote', async (_, run) => {
  const directory = folder('swept');
  const foreign = folder('foreign');
  for (const name of ['', 'a0', SEPARATE[0]]) {
    mkdirSync(path.join(directory, name), { recursive: true });
    writeFileSync(path.join(directory, name, TEMPORARY), 'x');
  }
  writeFileSync(path.join(foreign, TEMPORARY), 'x');
  symlinkSync(foreign, path.join(directory, 'b1'));
  await run(directory);
  unlinkSync(path.join(directory, 'b1'));
  const left = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('atc-tmp'));
  expect(left).toEqual([]);
  expect(readdirSync(foreign)).toEqual([TEMPORARY]);
});

describe('sizes', () => {
  const entryOf = (text: string | Uint8Array, name: string = SEPARATE[1], beside?: Uint8Array) => {
    const directory = folder('sized');
    mkdirSync(path.join(directory, SEPARATE[0]));
    writeFileSync(path.join(directory, SEPARATE[0], name), text);
    if (beside) writeFileSync(path.join(directory, SEPARATE[0], `${md5.slice(3)}-0.bin`), beside);
    return directory;
  };
  const external = (size: unknown) => fsHash({ __$diskstoreType: 'ExternalBuffer', index: 0, size });

  test('a buffer beside an entry that lacks its stated size is CORRUPT before anything is allocated', async () => {
    expect((await outcome(entryOf(external(3), SEPARATE[1], Uint8Array.of(1, 2, 3)))).value).toEqual(
      Buffer.from([1, 2, 3]),
    );
    for (const size of [2, 4, 2 ** 40, -1, 'x', null]) {
      const { value, errors } = await outcome(entryOf(external(size), SEPARATE[1], Uint8Array.of(1, 2, 3)));
      expect(value).toBeUndefined();
      expect(errors).toHaveLength(1);
    }
  });

  test('an object with a length instead of bytes is CORRUPT', async () => {
    for (const node of [
      { __$diskstoreType: 'Buffer', data: { length: 2 ** 31 } },
      { __$diskstoreType: 'Uint8Array', data64: { length: 2 ** 31 } },
      { type: 'Buffer', data: { length: 2 ** 31 } },
    ]) {
      const { errors } = await outcome(entryOf(fsHash(node)));
      expect(errors).toEqual([expect.objectContaining({ code: 'CORRUPT' })]);
    }
  });

  test('what takes more than maxValueBytes is a miss and an event, and stays', async () => {
    const most = 2 ** 20;
    const many = fsHash(Array.from({ length: 60_000 }, () => ({})));
    for (const [text, name] of [
      [many, SEPARATE[1]],
      [gzipSync(fsHash('x'.repeat(3 * most))), `${SEPARATE[1]}.gz`],
    ] as const) {
      const directory = entryOf(text, name);
      const { value, errors } = await outcome(directory, { maxValueBytes: most });
      expect(value).toBeUndefined();
      expect(errors).toEqual([expect.objectContaining({ code: 'ARGUMENT' })]);
      expect(existsSync(path.join(directory, SEPARATE[0], name))).toBe(true);
      expect((await outcome(directory)).value).toBeDefined();
    }
  });

  test('an entry file of a terabyte is a miss and an event, and stays', async () => {
    const directory = folder('sparse');
    await new EntryDirectory({ directory }).set('k', 1);
    const file = path.join(directory, entryPath('k'));
    truncateSync(file, 2 ** 40);
    const { value, errors } = await outcome(directory);
    expect(value).toBeUndefined();
    expect(errors).toEqual([expect.objectContaining({ code: 'ARGUMENT', path: file })]);
    expect(existsSync(file)).toBe(true);
  });
});

test('a directory that was written with power once is marked, and reads and clears as before', async () => {
  const directory = folder('power');
  await new EntryDirectory({ directory }).set('a', 1);
  expect(existsSync(path.join(directory, '.atc-power'))).toBe(false);
  await new EntryDirectory({ directory, durability: 'power' }).set('b', 2);
  expect(readFileSync(path.join(directory, '.atc-power'))).toHaveLength(0);
  const entries = new EntryDirectory({ directory });
  await entries.set('b', 3);
  expect(await entries.get('b')).toMatchObject({ value: 3 });
  await entries.clear();
  expect(await entries.get('a')).toBeUndefined();
});
