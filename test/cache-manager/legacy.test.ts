/** What others wrote is read as before, and moves there and back without a difference. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { isAtcError } from 'atc-memory';
import { CompressedFileStore, createKeyv } from 'atc-memory/cache-manager';
import type { Keyv } from 'keyv';
import { externalSizes } from '../../src/entries/legacy/fs-hash-json.js';
import { KeyvFileEntries } from '../../src/entries/legacy/keyv-file.js';
import { migrateDirectory } from '../../src/entries/migrate/migrate.js';
import { revertDirectory } from '../../src/entries/migrate/revert.js';
import { whileReadOnly } from '../io/unprivileged.js';
import { useWorkspace } from '../io/workspace.js';
import { expectSame } from '../same-value.js';
import { HOSTILE_KEYS } from './cache-values.js';
import { FOREIGN, type Foreign, fill, JSON_VALUES } from './foreign-caches.js';

const workspace = useWorkspace();
let count = 0;

async function filled(foreign: Foreign): Promise<string> {
  const directory = workspace.at(`legacy ${count++}`);
  mkdirSync(directory);
  await fill(foreign, directory);
  return directory;
}

function ours(foreign: Foreign, directory: string): Keyv {
  return createKeyv({ directory, namespace: foreign.namespace });
}

function snapshot(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    // When keyv-file last looked for expired entries: its own business, and left alone.
    .filter((entry) => entry.isFile() && entry.name !== '.lastExpire')
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [path.relative(directory, file), readFileSync(file, 'latin1')]).sort());
}

describe.each(Object.entries(FOREIGN))('%s', (_, foreign) => {
  const keys = Object.keys(foreign.values);

  test('is read as before, without changing a file', async () => {
    const directory = await filled(foreign);
    const before = snapshot(directory);
    const keyv = ours(foreign, directory);
    for (const key of keys) expectSame(await keyv.get(key), foreign.values[key]);
    expect(await keyv.get('not there')).toBeUndefined();
    expect(snapshot(directory)).toEqual(before);
  });

  test('is iterated over with the new entries, each once', async () => {
    const directory = await filled(foreign);
    const keyv = ours(foreign, directory);
    await keyv.set(keys[0], 'newer');
    await keyv.set('own', 1);
    const found: string[] = [];
    const store = keyv.store as CompressedFileStore;
    for await (const [key] of store.iterator()) found.push(key);
    const prefix = foreign.namespace ? `${foreign.namespace}:` : '';
    expect(found.sort()).toEqual([...keys, 'own'].map((key) => prefix + key).sort());
  });

  test('a legacy entry that was set over or deleted does not reappear', async () => {
    const directory = await filled(foreign);
    const keyv = ours(foreign, directory);
    await keyv.set(keys[0], 'newer');
    expect(await keyv.get(keys[0])).toBe('newer');
    expect(await keyv.delete(keys[0])).toBe(true);
    expect(await keyv.delete(keys[1])).toBe(true);
    for (const cache of [keyv, ours(foreign, directory)]) {
      expect([await cache.get(keys[0]), await cache.get(keys[1])]).toEqual([undefined, undefined]);
      expectSame(await cache.get(keys[2]), foreign.values[keys[2]]);
    }
    await keyv.clear();
    for (const key of keys) expect(await ours(foreign, directory).get(key)).toBeUndefined();
  });

  test('entries deleted at the same time do not reappear, and their neighbours stay', async () => {
    const directory = await filled(foreign);
    const prefix = foreign.namespace ? `${foreign.namespace}:` : '';
    const deleted = keys.slice(0, 4);
    const store = new CompressedFileStore({ directory });
    expect(await store.deleteMany(deleted.map((key) => prefix + key))).toBe(true);
    const left = ours(foreign, directory);
    for (const key of deleted) expect(await left.get(key)).toBeUndefined();
    for (const key of keys.slice(4)) expectSame(await left.get(key), foreign.values[key]);
  });

  test('any text is a key beside it', async () => {
    const store = new CompressedFileStore({ directory: await filled(foreign) });
    const errors: unknown[] = [];
    store.on('error', (error) => errors.push(error));
    for (const [i, key] of HOSTILE_KEYS.entries()) {
      expect(await store.get(key)).toBeUndefined();
      await store.set(key, { i });
      expect(await store.get(key)).toEqual({ i });
      expect(await store.delete(key)).toBe(true);
    }
    expect(errors).toEqual([]);
  });

  test('migrates and reverts to the same bytes', async () => {
    const directory = await filled(foreign);
    const before = snapshot(directory);
    const dry = await migrateDirectory(directory, { dryRun: true });
    expect(snapshot(directory)).toEqual(before);
    const progress: number[] = [];
    const report = await migrateDirectory(directory, { onProgress: (entries) => progress.push(entries) });
    expect({ ...report, isDryRun: true }).toEqual(dry);
    expect(report.left).toEqual([]);
    expect(progress).toEqual(keys.map((_key, i) => i + 1));
    expect(report.formats.map(({ entries }) => entries)).toEqual([keys.length]);
    const files = Object.keys(snapshot(directory));
    expect(files.filter((file) => file.endsWith('.atc-entry'))).toHaveLength(keys.length);
    expect(files.filter((file) => !file.endsWith('.atc-entry'))).toEqual(['.atc-migrated.json']);
    const keyv = ours(foreign, directory);
    for (const key of keys) expectSame(await keyv.get(key), foreign.values[key]);
    // Again: nothing to do.
    expect((await migrateDirectory(directory)).formats).toEqual([]);
    await keyv.set('set after the migration', { a: 1 });
    const back = await revertDirectory(directory);
    expect(back.left).toEqual([]);
    const former = foreign.open(directory);
    for (const key of keys) expectSame(await former.get(key), foreign.values[key]);
    expect(await former.get('set after the migration')).toEqual({ a: 1 });
    const { delete: remove } = former as unknown as { delete(key: string): Promise<unknown> };
    await remove.call(former, 'set after the migration');
    expect(normalised(snapshot(directory))).toEqual(normalised(before));
  });

  test('ttl goes with the entry', async () => {
    const directory = workspace.at(`legacy ${count++}`);
    mkdirSync(directory);
    await foreign.open(directory).set('soon', 'x', 100_000);
    const expiresOf = async () => {
      for await (const [, item] of new CompressedFileStore({ directory }).iterator<{ expires: number }>()) {
        return item?.expires;
      }
      return undefined;
    };
    const before = await expiresOf();
    expect(before).toBeGreaterThan(Date.now());
    await migrateDirectory(directory);
    expect(await expiresOf()).toBe(before);
    await revertDirectory(directory);
    expect(await expiresOf()).toBe(before);
  });
});

/**
 * keyv-file lists the entries of its one file in the order they were set, and remembers when it last looked for expired
 * ones.
 */
function normalised(files: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => {
      if (!text.startsWith('{"cache":')) return [file, text];
      return [file, (JSON.parse(text).cache as unknown[]).map((entry) => JSON.stringify(entry)).sort()];
    }),
  );
}

describe('migration', () => {
  const foreign = FOREIGN['cache-manager-fs-hash, zip'];

  test('a migration interrupted anywhere resumes where it stopped', async () => {
    const directory = await filled(foreign);
    const keys = Object.keys(foreign.values);
    for (let stop = 1; stop < keys.length; stop += 3) {
      const controller = new AbortController();
      const onProgress = (entries: number) => {
        if (entries === 2) controller.abort();
      };
      await expect(migrateDirectory(directory, { signal: controller.signal, onProgress })).rejects.toMatchObject({
        name: 'AbortError',
      });
      for (const key of keys) expectSame(await ours(foreign, directory).get(key), foreign.values[key]);
    }
    await migrateDirectory(directory);
    for (const key of keys) expectSame(await ours(foreign, directory).get(key), foreign.values[key]);
    expect(Object.keys(snapshot(directory)).some((file) => file.includes('diskstore'))).toBe(false);
  });

  test('killed between writing and removing, it takes the entry for done and keeps a newer one', async () => {
    const directory = await filled(foreign);
    const copies = snapshot(directory);
    await migrateDirectory(directory);
    await ours(foreign, directory).set('number', 'newer');
    for (const [file, text] of Object.entries(copies)) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), text, 'latin1');
    }
    const report = await migrateDirectory(directory);
    expect(report.left).toEqual([]);
    expect(await ours(foreign, directory).get('number')).toBe('newer');
    expect(await ours(foreign, directory).get('no')).toBe(false);
  });

  test('damaged files and what cannot be stored exactly stay as they are, and are listed', async () => {
    const directory = await filled(foreign);
    const [damaged] = Object.keys(snapshot(directory)).filter((file) => file.endsWith('.json.gz'));
    await foreign.open(directory).set('an error', new Error('x'));
    writeFileSync(path.join(directory, damaged), 'not a zip');
    const { left } = await migrateDirectory(directory);
    expect(left).toHaveLength(2);
    expect(left).toContainEqual({ what: 'an error', reason: expect.stringContaining('is an instance of Error') });
    const file = path.join(directory, damaged);
    expect(left).toContainEqual({ what: file, reason: `${file} is damaged: it cannot be read` });
    expect(readFileSync(file, 'latin1')).toBe('not a zip');
    expect(await foreign.open(directory).get('an error')).toMatchObject({ message: 'x' });
  });

  test('entries written with compression off are compressed', async () => {
    const directory = workspace.at('uncompressed');
    const off = createKeyv({ directory, mode: false });
    for (const [key, value] of Object.entries(JSON_VALUES)) await off.set(key, value);
    const report = await migrateDirectory(directory);
    expect(report.formats).toEqual([expect.objectContaining({ format: 'atc-memory' })]);
    const [{ bytesBefore, bytesAfter }] = report.formats;
    expect(bytesAfter).toBeLessThan(bytesBefore / 2);
    for (const [key, value] of Object.entries(JSON_VALUES)) expectSame(await off.get(key), value);
  });

  test('an entry that is set while it is compressed stays as it was set', async () => {
    const [directory, elsewhere] = [workspace.at('set meanwhile'), workspace.at('elsewhere')];
    await createKeyv({ directory, mode: false }).set('key', JSON_VALUES['candles:BTC']);
    await createKeyv({ directory: elsewhere }).set('key', 'newer');
    const [shard] = readdirSync(directory);
    const [name] = readdirSync(path.join(directory, shard));
    const migration = migrateDirectory(directory);
    // Another process, at the moment when the compressed entry is being written.
    while (readdirSync(path.join(directory, shard)).length < 2) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    renameSync(path.join(elsewhere, shard, name), path.join(directory, shard, name));
    const { formats, left } = await migration;
    expect([formats, left]).toEqual([[], []]);
    expect(await createKeyv({ directory }).get('key')).toBe('newer');
    expect(readdirSync(path.join(directory, shard))).toEqual([name]);
  });

  test('one at a time, there or back', async () => {
    const directory = await filled(FOREIGN['keyv-file']);
    const others: Promise<unknown>[] = [];
    const onProgress = () => {
      if (others.length === 0) others.push(migrateDirectory(directory), revertDirectory(directory));
      for (const other of others) other.catch(() => undefined);
    };
    expect((await migrateDirectory(directory, { onProgress })).left).toEqual([]);
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'IO', path: directory });
    expect((await migrateDirectory(directory)).formats).toEqual([]);
    expect((await revertDirectory(directory)).left).toEqual([]);
    for (const key of Object.keys(JSON_VALUES)) {
      expectSame(await FOREIGN['keyv-file'].open(directory).get(key), JSON_VALUES[key]);
    }
  });

  test('what the former cache cannot say stays ours when reverting, and is listed', async () => {
    const directory = await filled(FOREIGN['keyv-file']);
    await migrateDirectory(directory);
    const keyv = createKeyv({ directory });
    const ema = Float64Array.from([1, 2, 3]);
    await keyv.set('ema', ema);
    const report = await revertDirectory(directory);
    expect(report.left).toEqual([{ what: 'keyv:ema', reason: expect.stringContaining('cannot store value exactly') }]);
    expectSame(await createKeyv({ directory }).get('ema'), ema);
    expectSame(await createKeyv({ directory }).get('text'), JSON_VALUES.text);
  });

  test('a value that its JSON refuses stays ours too, and its neighbours go back', async () => {
    for (const foreign of [
      FOREIGN['keyv-file'],
      FOREIGN['keyv-file, separated'],
      FOREIGN['Keyv over cache-manager-fs-hash'],
    ]) {
      const directory = await filled(foreign);
      await migrateDirectory(directory);
      await createKeyv({ directory }).set('big', { amount: 10n });
      const { left } = await revertDirectory(directory);
      expect(left).toEqual([{ what: 'keyv:big', reason: expect.stringContaining('cannot store') }]);
      expectSame(await createKeyv({ directory }).get('big'), { amount: 10n });
      expectSame(await foreign.open(directory).get('text'), JSON_VALUES.text);
    }
  });

  test('a directory that was not migrated cannot be reverted', async () => {
    const directory = workspace.at('fresh');
    mkdirSync(directory);
    const error = await revertDirectory(directory).catch((thrown: unknown) => thrown);
    expect(isAtcError(error, 'ARGUMENT')).toBe(true);
    expect((error as Error).message).toContain('was not migrated');
    await expect(migrateDirectory(workspace.at('nowhere'))).rejects.toMatchObject({ code: 'IO' });
  });
});

test.each(['cache-manager-fs-hash', 'cache-manager-fs-hash, zip', 'keyv-file', 'keyv-file, separated'])(
  'a damaged file of %s: a miss, an error event, moved aside',
  async (name) => {
    const foreign = FOREIGN[name];
    const directory = workspace.at(`damaged ${name}`);
    mkdirSync(directory);
    await foreign.open(directory).set('bad', { a: [1, 2, 3] });
    const [file] = Object.keys(snapshot(directory));
    const text = readFileSync(path.join(directory, file));
    writeFileSync(path.join(directory, file), text.subarray(0, text.length - 4));
    const keyv = ours(foreign, directory);
    const errors: unknown[] = [];
    keyv.on('error', (error: unknown) => errors.push(error));
    expect(await keyv.get('bad')).toBeUndefined();
    expect(errors).toEqual([expect.objectContaining({ code: 'CORRUPT' })]);
    expect(Object.keys(snapshot(directory))).toEqual([expect.stringContaining('.damaged')]);
    await keyv.set('bad', 1);
    expect(await keyv.get('bad')).toBe(1);
  },
);

describe('a file that only begins like keyv-file’s', () => {
  const texts = {
    'a list of numbers': '{"cache":[1,2]}',
    'a list of nulls': '{"cache":[null]}',
    'a list of objects': '{"cache":[{"a":1}]}',
    'pairs without an entry': '{"cache":[["bad",null],["bad too"],["good",{"value":1}],[3,{"value":1}]]}',
    'an object without an entry': '{"cache":{"bad":null,"good":{"value":1}}}',
  };

  test.each(Object.entries(texts))('%s: nothing throws, and whole entries are served', async (name, text) => {
    const directory = workspace.at(`like keyv-file, ${name}`);
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'own.json'), text);
    const good = text.includes('good') ? 1 : undefined;
    const store = new CompressedFileStore({ directory });
    expect(await store.get('bad')).toBeUndefined();
    expect(await store.get('good')).toEqual(good && { value: good, expires: undefined });
    const found: string[] = [];
    for await (const [key] of store.iterator()) found.push(key);
    expect(found).toEqual(good ? ['good'] : []);
    await store.set('own', 2);
    expect(await store.get('own')).toBe(2);
    expect(await store.delete('own')).toBe(true);
    expect((await migrateDirectory(directory)).formats.map(({ entries }) => entries)).toEqual(good ? [1] : []);
    await store.clear();
  });
});

test('a common file is written once to remove many entries', async () => {
  const directory = await filled(FOREIGN['keyv-file']);
  const store = new CompressedFileStore({ directory });
  const removeOne = jest.spyOn(KeyvFileEntries.prototype, 'remove');
  const removeAll = jest.spyOn(KeyvFileEntries.prototype, 'removeAll');
  await store.clear();
  expect([removeOne.mock.calls.length, removeAll.mock.calls.length]).toEqual([0, 1]);
  for (const spy of [removeOne, removeAll]) spy.mockRestore();
  expect(await store.get('keyv:text')).toBeUndefined();
});

test('a directory that could not be looked at once is looked at again', async () => {
  const directory = await filled(FOREIGN['keyv-file']);
  const [file] = readdirSync(directory).filter((name) => name.endsWith('.json'));
  const store = new CompressedFileStore({ directory });
  chmodSync(path.join(directory, file), 0);
  expect(await whileReadOnly(directory, () => store.get('keyv:text'))).toBeUndefined();
  chmodSync(path.join(directory, file), 0o644);
  expect(await store.get('keyv:text')).toMatchObject({ value: JSON_VALUES.text });
});

test('the sizes that an entry states for external buffers are possible ones', () => {
  const claimed = (size: number) => ({ __$diskstoreType: 'ExternalBuffer', index: 0, size });
  expect(() => externalSizes(JSON.stringify({ val: [claimed(1000), claimed(2000)] }))).toThrow(
    /of 2000 bytes is impos/,
  );
  expect(() => externalSizes(JSON.stringify({ val: [claimed(-1)] }))).toThrow(/of -1 bytes is impossible/);
  expect([...externalSizes(JSON.stringify({ val: [claimed(1000), claimed(1000)] }))]).toEqual([[0, 1000]]);
});
