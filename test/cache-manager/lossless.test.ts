/**
 * Our own contract: what is set is returned, bit for bit, by every kind of store. Keyv's suite says nothing about
 * values.
 */
import {
  CompressedFileStore,
  createAtcCache,
  createKeyv,
  PackedMemoryStore,
  withCompression,
} from 'atc-memory/cache-manager';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { useWorkspace } from '../io/workspace.js';
import { expectSame } from '../same-value.js';
import { candles } from '../services/stores/sample-values.js';
import { CACHE_VALUES, HOSTILE_KEYS } from './cache-values.js';
import { openSqlite, type SqliteDatabase, SqliteStore } from './sqlite-store.js';

const workspace = useWorkspace();

interface AnyCache {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
}

/** A Map that several Keyvs share, as they would a server. */
const shared = new Map<string, Map<string, unknown>>();
function sharedMap(name: string): Map<string, unknown> {
  const map = shared.get(name) ?? new Map<string, unknown>();
  shared.set(name, map);
  return map;
}

let database: SqliteDatabase | undefined;
const sqlite = () => new SqliteStore((database ??= openSqlite(workspace.at('values.sqlite'))));
afterAll(() => database?.close());

const caches: Record<string, () => AnyCache> = {
  createKeyv: () => createKeyv({ directory: workspace.at('keyv') }),
  'createKeyv, off': () => createKeyv({ directory: workspace.at('off'), mode: false }),
  'createKeyv, verify': () => createKeyv({ directory: workspace.at('verify'), mode: 'verify' }),
  'createKeyv, level 9, fsync': () => createKeyv({ directory: workspace.at('nine'), level: 9, durability: 'power' }),
  'the file store itself': () => new CompressedFileStore({ directory: workspace.at('bare') }),
  'withCompression over a Keyv over the file store': () =>
    withCompression(new Keyv({ store: new CompressedFileStore({ directory: workspace.at('wrapped') }) })),
  createAtcCache: () => createAtcCache({ cacheDir: workspace.at('atc') }),
  'createAtcCache without memory': () => createAtcCache({ cacheDir: workspace.at('atc-files'), memoryBytes: 0 }),
  'cache-manager over a file store': () =>
    createCache({ stores: [createKeyv({ directory: workspace.at('manager') })] }),
  'a wrapped memory of text': () => withCompression(new Keyv({ store: sharedMap('text') }), { minBytes: 0 }),
  'a wrapped memory of text, as it is configured by default': () =>
    withCompression(new Keyv({ store: sharedMap('default') })),
  'a wrapped memory of values': () =>
    withCompression(new Keyv({ store: sharedMap('values'), serialize: undefined, deserialize: undefined })),
  'a wrapped SQLite': () => withCompression(new Keyv({ store: sqlite() }), { minBytes: 0 }),
  'a wrapped cache-manager over memory and SQLite': () =>
    withCompression(createCache({ stores: [new Keyv({ store: sqlite(), namespace: 'manager' })] })),
};

describe.each(Object.entries(caches))('%s', (name, create) => {
  // Handed to the store itself, that is what Keyv hands it for an entry that ended in 1970.
  const values = Object.entries(CACHE_VALUES).filter(
    ([key]) => name !== 'the file store itself' || key !== 'an object like an envelope with time',
  );
  test.each(values)('%s', async (key, value) => {
    await create().set(key, value);
    // Another instance: nothing is remembered.
    expectSame(await create().get(key), value);
  });
});

describe.each(Object.entries(caches))('hostile keys in %s', (_, create) => {
  test('each has its own value, and none is another', async () => {
    for (const [i, key] of HOSTILE_KEYS.entries()) await create().set(key, { i, rows: candles(i) });
    for (const [i, key] of HOSTILE_KEYS.entries()) expectSame(await create().get(key), { i, rows: candles(i) });
    expect(await create().get('hasOwnProperty of nothing')).toBeUndefined();
  });
});

test('the memory level gives back what it was given, as copies', async () => {
  const cache = createAtcCache({ cacheDir: workspace.at('memory') });
  const keyv = cache.stores[0];
  expect(keyv.store).toBeInstanceOf(PackedMemoryStore);
  for (const [key, value] of Object.entries(CACHE_VALUES)) {
    await cache.set(key, value);
    expectSame(await keyv.get(key), value);
  }
  const rows = candles(50);
  await cache.set('rows', rows);
  const [first] = (await cache.get('rows')) as typeof rows;
  first.close = -1;
  expectSame(await cache.get('rows'), rows);
});

test('a value is stored as it is when set is called', async () => {
  const store = new CompressedFileStore({ directory: workspace.at('snapshot') });
  const list = [1, 2];
  const done = store.set('list', list);
  list.push(3);
  await done;
  expect(await store.get('list')).toEqual([1, 2]);
});

test('a value that cannot be stored exactly is refused with its path, and nothing is written', async () => {
  const keyv = createKeyv({ directory: workspace.at('refused') });
  const errors: unknown[] = [];
  keyv.on('error', (error: unknown) => errors.push(error));
  const cycle: { inner: unknown } = { inner: null };
  cycle.inner = [cycle];
  expect(await keyv.set('cycle', cycle)).toBe(false);
  expect(await keyv.set('function', { run: () => 1 })).toBe(false);
  expect(errors.map((error) => (error as Error).message)).toEqual([
    expect.stringContaining('value.inner[0] is a reference to something it is part of (a cycle)'),
    expect.stringContaining('value.run is a function'),
  ]);
  expect(await keyv.get('cycle')).toBeUndefined();
});

test('sets of one key without await: the last one stays', async () => {
  const keyv = createKeyv({ directory: workspace.at('order') });
  await Promise.all(Array.from({ length: 200 }, (_, i) => keyv.set('key', { i, rows: candles(i % 40) })));
  expect(await keyv.get('key')).toMatchObject({ i: 199 });
});

test('thousands of sets at once do not run out of descriptors', async () => {
  const keyv = createKeyv({ directory: workspace.at('many') });
  await Promise.all(Array.from({ length: 3000 }, (_, i) => keyv.set(`key ${i}`, i)));
  const found = await keyv.getMany(Array.from({ length: 3000 }, (_, i) => `key ${i}`));
  expect(found).toEqual(Array.from({ length: 3000 }, (_, i) => i));
});
