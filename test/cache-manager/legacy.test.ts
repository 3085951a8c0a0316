/** What others wrote is read as before. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CompressedFileStore } from 'atc-memory/cache-manager';
import { externalSizes } from '../../src/entries/legacy/fs-hash-json.js';
import { migrateDirectory } from '../../src/entries/migrate/migrate.js';
import { revertDirectory } from '../../src/entries/migrate/revert.js';
import { expectSame } from '../same-value.js';
import { HOSTILE_KEYS } from './cache-values.js';
import { FOREIGN } from './foreign-caches.js';
import { empty, filled, normalised, ours, snapshot, workspace } from './legacy-fixture.js';

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
    const directory = empty();
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

test('the sizes that an entry states for external buffers are possible ones', () => {
  const claimed = (size: number) => ({ __$diskstoreType: 'ExternalBuffer', index: 0, size });
  expect(() => externalSizes(JSON.stringify({ val: [claimed(1000), claimed(2000)] }))).toThrow(
    /of 2000 bytes is impos/,
  );
  expect(() => externalSizes(JSON.stringify({ val: [claimed(-1)] }))).toThrow(/of -1 bytes is impossible/);
  expect([...externalSizes(JSON.stringify({ val: [claimed(1000), claimed(1000)] }))]).toEqual([[0, 1000]]);
});
