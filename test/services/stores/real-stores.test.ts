/**
 * The cache classes people use, driven through their own public behaviour in every mode: the same answers as without
 * us.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FeatureMode, isAtcError, onMemoryEvent, withCompression } from 'atc-memory';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { FlatCache } from 'flat-cache';
import { Keyv } from 'keyv';
import { KeyvFile } from 'keyv-file';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';
import QuickLRU from 'quick-lru';
import { expectSame } from '../../same-value.js';
import { liveValues, plainValues } from './sample-values.js';

/** A store to drive: every way it has of putting values in and of handing them out. */
interface Drive {
  put(key: string, value: unknown): unknown;
  /** Each way to read everything, as [name, values by key or in any order]. */
  reads(keys: readonly string[]): Promise<[string, unknown][]> | [string, unknown][];
  /** What the host really holds under a key. */
  raw?(key: string): unknown;
}

const byKey = (keys: readonly string[], get: (key: string) => unknown) => keys.map((key) => [key, get(key)]);
const byKeyAsync = async (keys: readonly string[], get: (key: string) => Promise<unknown>) => {
  const found: unknown[] = [];
  for (const key of keys) found.push([key, await get(key)]);
  return found;
};

const memory: Record<string, (mode: FeatureMode) => Drive> = {
  Map(mode) {
    const store = withCompression(new Map<string, unknown>(), { mode, level: 1 });
    return {
      put: (key, value) => store.set(key, value),
      reads: (keys) => {
        const visited: unknown[] = [];
        store.forEach((value, key) => {
          visited.push([key, value]);
        });
        return [
          ['get', byKey(keys, (key) => store.get(key))],
          ['spread', [...store]],
          ['entries', [...store.entries()]],
          ['values', [...store.values()]],
          ['forEach', visited],
        ];
      },
      raw: (key) => Map.prototype.get.call(store, key),
    };
  },
  'lru-cache'(mode) {
    const store = withCompression(new LRUCache<string, object>({ max: 100 }), { mode, level: 1 });
    return {
      put: (key, value) => store.set(key, value as object),
      reads: async (keys) => {
        const visited: unknown[] = [];
        store.forEach((value, key) => {
          visited.push([key, value]);
        });
        store.rforEach((value, key) => {
          visited.push([key, value]);
        });
        const copy = new LRUCache<string, object>({ max: 100 });
        copy.load(store.dump());
        const reloaded = withCompression(new LRUCache<string, object>({ max: 100 }), { mode, level: 1 });
        reloaded.load(store.dump());
        return [
          ['get', byKey(keys, (key) => store.get(key))],
          ['peek', byKey(keys, (key) => store.peek(key))],
          ['info', byKey(keys, (key) => store.info(key)?.value)],
          ['fetch', await byKeyAsync(keys, (key) => store.fetch(key))],
          ['spread', [...store]],
          ['entries', [...store.entries()]],
          ['rentries', [...store.rentries()]],
          ['values', [...store.values()]],
          ['rvalues', [...store.rvalues()]],
          ['forEach', visited],
          ['find', byKey(keys, (key) => store.find((_, at) => at === key))],
          ['dump', [...copy.entries()]],
          ['load', [...reloaded.entries()]],
          ['pop', byKey(keys, () => store.pop())],
        ];
      },
      raw: (key) => LRUCache.prototype.peek.call(store, key),
    };
  },
  'quick-lru'(mode) {
    const store = withCompression(new QuickLRU<string, unknown>({ maxSize: 4 }), { mode, level: 1 });
    return {
      put: (key, value) => store.set(key, value),
      reads: (keys) => {
        const visited: unknown[] = [];
        store.forEach((value, key) => {
          visited.push([key, value]);
        });
        return [
          ['spread', [...store]],
          ['entries', [...store.entries()]],
          ['ascending', [...store.entriesAscending()]],
          ['descending', [...store.entriesDescending()]],
          ['values', [...store.values()]],
          ['forEach', visited],
          ['peek', byKey(keys, (key) => store.peek(key))],
          ['get', byKey(keys, (key) => store.get(key))],
        ];
      },
      raw: (key) => QuickLRU.prototype.peek.call(store, key),
    };
  },
  'node-cache'(mode) {
    const store = withCompression(new NodeCache({ checkperiod: 0 }), { mode, level: 1 });
    const told: unknown[] = [];
    store.on('set', (key, value) => told.push(['set', key, value]));
    store.on('del', (key, value) => told.push(['del', key, value]));
    return {
      put: (key, value) => (key.length % 2 ? store.set(key, value) : store.mset([{ key, val: value }])),
      reads: (keys) => [
        ['get', byKey(keys, (key) => store.get(key))],
        ['mget', store.mget([...keys])],
        ['take', byKey(keys, (key) => store.take(key))],
        ['events', told],
      ],
      raw: (key) => (store as unknown as { data: Record<string, { v: unknown }> }).data[key]?.v,
    };
  },
  'keyv over a Map, no serializer'(mode) {
    const inner = new Map<string, { value: unknown }>();
    const store = withCompression(new Keyv({ store: inner, serialize: undefined, deserialize: undefined }), {
      mode,
      level: 1,
    });
    return keyvDrive(store, (key) => inner.get(`keyv:${key}`)?.value);
  },
  'cache-manager, one store'(mode) {
    const cache = withCompression(createCache(), { mode, level: 1 });
    return {
      put: (key, value) => cache.set(key, value),
      reads: async (keys) => [
        ['get', await byKeyAsync(keys, (key) => cache.get(key))],
        ['mget', await cache.mget([...keys])],
        ['wrap', await byKeyAsync(keys, (key) => cache.wrap(key, async () => 'not asked for'))],
      ],
    };
  },
};

function keyvDrive(store: Keyv, raw: (key: string) => unknown): Drive {
  return {
    put: (key, value) => (key.length % 2 ? store.set(key, value) : store.setMany([{ key, value }])),
    reads: async (keys) => {
      const iterated: unknown[] = [];
      // keyv-file's iterator does not work with keyv 5.
      const isIterable = store.store instanceof Map;
      for await (const pair of (isIterable && store.iterator?.(undefined)) || []) iterated.push(pair);
      return [
        ['get', await byKeyAsync(keys, (key) => store.get(key))],
        ['get many', await store.get([...keys])],
        ['getMany', await store.getMany([...keys])],
        ['get raw', await byKeyAsync(keys, (key) => store.get(key, { raw: true }))],
        ['getRaw', await byKeyAsync(keys, (key) => store.getRaw(key))],
        ['getManyRaw', await store.getManyRaw([...keys])],
        ['iterator', iterated],
      ];
    },
    raw,
  };
}

/** Its own timer would do the same a moment later. */
const saveNow = (adapter: KeyvFile) => (adapter as unknown as { save(): Promise<void> }).save();

const MODES: FeatureMode[] = ['verify', true, 'read'];

async function drive(make: (mode: FeatureMode) => Drive, mode: FeatureMode, values: Record<string, unknown>) {
  const store = make(mode);
  for (const [key, value] of Object.entries(values)) await store.put(key, value);
  const kept = store.raw?.('candles:BTC');
  return { answers: await store.reads([...Object.keys(values), 'nobody']), kept };
}

describe.each(Object.keys(memory))('%s', (name) => {
  test.each(MODES)('mode %s: every way to read gives what it gives without us', async (mode) => {
    const differences: unknown[] = [];
    const stop = [
      onMemoryEvent('difference', (e) => differences.push(e)),
      onMemoryEvent('corrupt', (e) => differences.push(e)),
    ];
    const values = liveValues();
    // It clones what it is given, and breaks typed arrays while it does.
    if (name === 'node-cache') delete values['typed array'];
    const off = await drive(memory[name], false, values);
    const on = await drive(memory[name], mode, values);
    for (const end of stop) end();
    expectSame(on.answers, off.answers);
    expect(differences).toEqual([]);
    if (off.kept === undefined) return;
    const isEntry = typeof on.kept === 'string' || Buffer.isBuffer(on.kept);
    expect(isEntry).toBe(mode === true);
  });
});

describe('stores that outlive the process', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'atc-stores-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  interface Persistent {
    put(key: string, value: unknown): unknown;
    reads(keys: readonly string[]): Promise<[string, unknown][]> | [string, unknown][];
    save(): unknown;
    file: string;
  }

  const persistent: Record<string, (mode: FeatureMode) => Persistent> = {
    'keyv with keyv-file'(mode) {
      const file = path.join(directory, 'keyv.json');
      const adapter = new KeyvFile({ filename: file, writeDelay: 0 });
      const store = withCompression(new Keyv({ store: adapter }), { mode, level: 1 });
      return { ...keyvDrive(store, () => undefined), save: () => saveNow(adapter), file };
    },
    'cache-manager, memory over a file'(mode) {
      const file = path.join(directory, 'manager.json');
      const adapter = new KeyvFile({ filename: file, writeDelay: 0 });
      const cache = withCompression(createCache({ stores: [new Keyv(), new Keyv({ store: adapter })] }), {
        mode,
        level: 1,
      });
      return {
        put: (key, value) => cache.set(key, value),
        reads: async (keys) => [
          ['get', await byKeyAsync(keys, (key) => cache.get(key))],
          ['mget', await cache.mget([...keys])],
        ],
        save: () => saveNow(adapter),
        file,
      };
    },
    'cacheable, memory over a file'(mode) {
      const file = path.join(directory, 'cacheable.json');
      const adapter = new KeyvFile({ filename: file, writeDelay: 0 });
      const cache = withCompression(new Cacheable({ secondary: new Keyv({ store: adapter }) }), { mode, level: 1 });
      return {
        put: (key, value) => cache.set(key, value),
        reads: async (keys) => [
          ['get', await byKeyAsync(keys, (key) => cache.get(key))],
          ['getMany', await cache.getMany([...keys])],
          ['getOrSet', await byKeyAsync(keys.slice(0, -1), (key) => cache.getOrSet(key, async () => 'not asked for'))],
        ],
        save: () => saveNow(adapter),
        file,
      };
    },
    'flat-cache'(mode) {
      const cache = withCompression(new FlatCache({ cacheDir: directory, cacheId: 'flat' }), { mode, level: 1 });
      cache.load();
      return {
        put: (key, value) => cache.set(key, value),
        reads: (keys) => [
          ['get', byKey(keys, (key) => cache.get(key))],
          ['getKey', byKey(keys, (key) => cache.getKey(key))],
          ['all', Object.fromEntries(Object.entries(cache.all()).sort())],
        ],
        save: () => cache.save(true),
        file: path.join(directory, 'flat'),
      };
    },
  };

  test.each(Object.keys(persistent))('%s: off, verify, on, read, off again, over the same file', async (name) => {
    const values = plainValues();
    const keys = [...Object.keys(values), 'nobody'];
    const sizes: Record<string, number> = {};
    let fresh: unknown;
    let reopened: unknown;
    const steps = {
      off: false,
      'off again': false,
      verify: 'verify',
      on: true,
      'on again': true,
      read: 'read',
      back: false,
    };
    for (const [step, mode] of Object.entries(steps)) {
      const store = persistent[name](mode as FeatureMode);
      if (step !== 'off') {
        // What the step before left.
        const answers = await store.reads(keys);
        reopened ??= answers;
        expectSame(answers, reopened);
      }
      for (const [key, value] of Object.entries(values)) await store.put(key, value);
      const answers = await store.reads(keys);
      fresh ??= answers;
      expectSame(answers, fresh);
      await store.save();
      sizes[step] = statSync(store.file).size;
    }
    expect(sizes.verify).toBe(sizes.off);
    expect(sizes.on).toBeLessThan(sizes.off / 2);
    expect(sizes.back).toBe(sizes.off);
    expect(readFileSync(persistent[name](false).file, 'utf8')).not.toContain('atc-memory:1:0UFU');
  });

  test('flat-cache that was loaded before it is wrapped: what it holds is decoded when it is asked for', () => {
    const first = persistent['flat-cache'](true);
    first.put('candles', plainValues()['candles:BTC']);
    first.save();
    const cache = new FlatCache({ cacheDir: directory, cacheId: 'flat' });
    cache.load();
    withCompression(cache, { mode: 'read' });
    expectSame(cache.get('candles'), plainValues()['candles:BTC']);
  });

  test.each<FeatureMode>([true, 'verify', 'read'])(
    'live values of flat-cache that look like entries are the user’s (%s)',
    (mode) => {
      const cache = persistent['flat-cache'](mode) && withCompression(new FlatCache({ cacheDir: directory }), { mode });
      const bytes = Buffer.from([0xd1, 0x41, 0x54, 0x56, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      const text = 'atc-memory:1:0UFUVgAAAA==';
      for (const [key, value] of Object.entries({ bytes, text })) {
        cache.set(key, value);
        expect(cache.get(key)).toEqual(value);
        expect(cache.all()[key]).toEqual(value);
      }
    },
  );
});

test.each([
  ['dispose', () => new LRUCache<string, string>({ max: 9, dispose: () => undefined })],
  ['fetchMethod', () => new LRUCache<string, string>({ max: 9, fetchMethod: async () => 'x' })],
  ['memoMethod', () => new LRUCache<string, string>({ max: 9, memoMethod: () => 'x' })],
  ['sizeCalculation', () => new LRUCache<string, string>({ maxSize: 9, sizeCalculation: () => 1 })],
])('lru-cache with %s is refused, unless that is acknowledged', (option, make) => {
  const store = make();
  let error: unknown;
  try {
    withCompression(store);
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toContain(`acknowledge: ['${option}']`);
  expect(Reflect.ownKeys(store)).toEqual(Reflect.ownKeys(make()));
  expect(withCompression(store, { acknowledge: [option] })).toBe(store);
});

test('keyv with its own compression option is refused', () => {
  const keyv = new Keyv({
    compression: { compress: async (v: unknown) => v, decompress: async (v: unknown) => v } as never,
  });
  expect(() => withCompression(keyv)).toThrow('remove that option');
});
