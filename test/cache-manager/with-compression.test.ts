import { isAtcError } from 'atc-memory';
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
import { moveClock, realClock } from './clock.js';
import { openSqlite, SqliteStore } from './sqlite-store.js';

const workspace = useWorkspace();
afterEach(realClock);

describe('withCompression', () => {
  test('mode false returns the same object and overrides nothing', () => {
    const keyv = new Keyv();
    const { serialize, deserialize } = keyv;
    expect(withCompression(keyv, { mode: false })).toBe(keyv);
    expect([keyv.serialize, keyv.deserialize]).toEqual([serialize, deserialize]);
  });

  test('the memory level stays as it is, the store below is compressed', async () => {
    const memory = new Map();
    const database = openSqlite(workspace.at('levels.sqlite'));
    const stores = [new Keyv({ store: memory }), new Keyv({ store: new SqliteStore(database) })];
    const cache = createCache({ stores });
    expect(withCompression(cache)).toBe(cache);
    await cache.set('rows', candles(500));
    const lengths = [memory.get('keyv:rows'), await new SqliteStore(database).get('keyv:rows')].map(
      (text) => String(text).length,
    );
    expect(lengths[1]).toBeLessThan(lengths[0] / 4);
    expect(await stores[1].get('rows')).toEqual(candles(500));
    expect(await cache.get('rows')).toEqual(candles(500));
    database.close();
  });

  test("'read' writes as before and reads both; wrapping twice changes nothing", async () => {
    const store = new Map();
    await withCompression(withCompression(new Keyv({ store }))).set('packed', candles(100));
    const back = withCompression(new Keyv({ store }), { mode: 'read' });
    await back.set('plain', candles(100));
    expect(await back.get('packed')).toEqual(candles(100));
    expect(store.get('keyv:packed')).toContain('atc-memory:1:');
    expect(JSON.parse(store.get('keyv:plain'))).toEqual({ value: candles(100) });
  });

  test('a Keyv over our file store only stops making JSON; its earlier JSON is still read', async () => {
    const directory = workspace.at('text');
    const before = new Keyv({ store: new CompressedFileStore({ directory }) });
    await before.set('json', { rows: candles(30) });
    const keyv = withCompression(new Keyv({ store: new CompressedFileStore({ directory }) }));
    expect(await keyv.get('json')).toEqual({ rows: candles(30) });
    const ema = Float64Array.from([1, Number.NaN, -0]);
    await keyv.set('ema', ema);
    expectSame(await keyv.get('ema'), ema);
    const found: unknown[] = [];
    for await (const [key] of keyv.iterator?.(undefined) ?? []) found.push(key);
    expect(found.sort()).toEqual(['ema', 'json']);
    expect(await keyv.get('json', { raw: true })).toMatchObject({ value: { rows: candles(30) } });
  });

  test('our own stores in a cache-manager cache are left as they are', async () => {
    const cache = createAtcCache({ cacheDir: workspace.at('atc') });
    const serializers = cache.stores.map((keyv) => keyv.serialize);
    withCompression(cache);
    expect(cache.stores.map((keyv) => keyv.serialize)).toEqual(serializers);
    await cache.set('rows', candles(10));
    expect(await cache.get('rows')).toEqual(candles(10));
  });

  test("Keyv's own compression is refused at once, and so is a wrong level", () => {
    const errorOf = (run: () => unknown) => {
      try {
        run();
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const compression = { compress: (value: unknown) => value, decompress: (value: unknown) => value };
    const refused = errorOf(() => withCompression(new Keyv({ compression: compression as never })));
    expect(isAtcError(refused, 'UNSUPPORTED')).toBe(true);
    expect(
      isAtcError(
        errorOf(() => withCompression(new Keyv(), { level: 12 })),
        'ARGUMENT',
      ),
    ).toBe(true);
  });
});

describe('createAtcCache', () => {
  test('memory in front, files below; a new process finds the files', async () => {
    const options = { cacheDir: workspace.at('two levels') };
    const cache = createAtcCache(options);
    expect(cache.stores.map((keyv) => keyv.store.constructor)).toEqual([PackedMemoryStore, CompressedFileStore]);
    let computed = 0;
    const compute = async () => {
      computed++;
      return candles(100);
    };
    await cache.wrap('rows', compute);
    const again = createAtcCache(options);
    expect(await again.wrap('rows', compute)).toEqual(candles(100));
    expect(computed).toBe(1);
    // wrap has put it into the memory: the file is not needed any more.
    await again.stores[1].clear();
    expect(await again.get('rows')).toEqual(candles(100));
    await again.clear();
    expect(await again.get('rows')).toBeUndefined();
  });

  test('ttl, namespaces in one directory, configuration as it is', async () => {
    moveClock(0);
    const cacheDir = workspace.at('shared');
    const short = createAtcCache({ cacheDir, namespace: 'short', ttl: 20 });
    const long = createAtcCache({ cacheDir, namespace: 'long', useCompression: false, compressionLevel: 9 });
    await short.set('key', 1);
    await long.set('key', 2);
    expect(await short.ttl('key')).toBe(Date.now() + 20);
    moveClock(40);
    expect(await short.get('key')).toBeUndefined();
    expect(await long.get('key')).toBe(2);
  });

  test('a time to live ends in both levels; an entry without one expires in the memory level only', async () => {
    moveClock(0);
    const cacheDir = workspace.at('times');
    const cache = createAtcCache({ cacheDir, memoryTtlMs: 30 });
    await cache.set('short', 1, 40);
    await cache.set('lasting', 2);
    await cache.set('long', 3, 60_000);
    const [memory, files] = cache.stores;
    const seen = (keyv: Keyv) => Promise.all(['short', 'lasting', 'long'].map((key) => keyv.get(key)));
    expect(await seen(memory)).toEqual([1, 2, 3]);
    expect(await seen(files)).toEqual([1, 2, 3]);
    moveClock(80);
    expect(await seen(memory)).toEqual([undefined, undefined, 3]);
    expect(await seen(files)).toEqual([undefined, 2, 3]);
    expect(await cache.get('lasting')).toBe(2);
  });

  test('what wrap copied into the memory level expires there soon after the files', async () => {
    moveClock(0);
    const cacheDir = workspace.at('promoted');
    await createAtcCache({ cacheDir }).set('key', 'old', 60);
    const cache = createAtcCache({ cacheDir, memoryTtlMs: 30 });
    let computed = 0;
    const wrapped = () => cache.wrap('key', async () => `new ${++computed}`);
    expect(await wrapped()).toBe('old');
    expect(await cache.stores[0].get('key')).toBe('old');
    moveClock(120);
    expect(await wrapped()).toBe('new 1');
  });

  test("another process' write is seen once the memory level has expired", async () => {
    moveClock(0);
    const cacheDir = workspace.at('two processes');
    const [one, two] = [0, 1].map(() => createAtcCache({ cacheDir, memoryTtlMs: 30 }));
    await one.set('key', 'first');
    await two.set('key', 'second');
    moveClock(60);
    expect(await one.get('key')).toBe('second');
  });

  test('disconnect waits for requested writes', async () => {
    const cacheDir = workspace.at('closing');
    const cache = createAtcCache({ cacheDir });
    const sets = Array.from({ length: 300 }, (_, i) => cache.set(`key ${i}`, candles(i % 40)));
    let isDone = false;
    const all = Promise.all(sets).then(() => (isDone = true));
    // The values are on their way through Keyv; the files are asked for in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    await cache.disconnect();
    const found = await createAtcCache({ cacheDir }).mget(Array.from({ length: 300 }, (_, i) => `key ${i}`));
    expect(found).toEqual(Array.from({ length: 300 }, (_, i) => candles(i % 40)));
    await all;
    expect(isDone).toBe(true);
  });

  test('nothing is created before something is set', () => {
    createAtcCache({ cacheDir: workspace.at('untouched') });
    createKeyv({ directory: workspace.at('untouched') });
    expect(() => useFile(workspace.at('untouched'))).toThrow(/ENOENT/);
  });

  function useFile(directory: string): void {
    const { statSync } = process.getBuiltinModule('node:fs');
    statSync(directory);
  }
});

describe('PackedMemoryStore', () => {
  test('the least recently used values are dropped; sizes are those of encoded values', () => {
    const store = new PackedMemoryStore({ maxBytes: 5000 });
    for (let i = 0; i < 40; i++) {
      store.set(`key ${i}`, 'abc'.repeat(20) + i);
      store.get('key 0');
      expect(store.byteLength).toBeLessThanOrEqual(5000);
    }
    expect(store.has('key 0')).toBe(true);
    expect(store.has('key 1')).toBe(false);
    expect(store.size).toBeGreaterThan(5);
    store.set(
      'too large',
      Array.from({ length: 3000 }, (_, i) => Math.sin(i)),
    );
    expect([store.has('too large'), store.has('key 0')]).toEqual([false, true]);
    store.clear();
    expect([store.size, store.byteLength]).toEqual([0, 0]);
  });

  test('candles take a tenth of their JSON', () => {
    const store = new PackedMemoryStore();
    store.set('rows', candles(10_000));
    expect(store.byteLength).toBeLessThan(JSON.stringify(candles(10_000)).length / 10);
  });
});
