/** The in-memory cache classes people use, in every mode: the answers are those of the store that is not wrapped. */
import { type FeatureMode, onMemoryEvent, withCompression } from 'atc-memory';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';
import QuickLRU from 'quick-lru';
import { expectSame } from '../../same-value.js';
import { byKey, byKeyAsync, type Drive, keyvDrive } from './driven-stores.js';
import { liveValues } from './sample-values.js';

/** What `forEach` calls back with. */
function visitedBy(store: { forEach(callback: (value: unknown, key: unknown) => void): void }): unknown[] {
  const visited: unknown[] = [];
  store.forEach((value, key) => {
    visited.push([key, value]);
  });
  return visited;
}

const memory: Record<string, (mode: FeatureMode) => Drive> = {
  Map(mode) {
    const store = withCompression(new Map<string, unknown>(), { mode, level: 1 });
    return {
      put: (key, value) => store.set(key, value),
      reads: (keys) => {
        const visited = visitedBy(store);
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
        const visited = visitedBy(store);
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
        const visited = visitedBy(store);
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
    const emitted: unknown[] = [];
    store.on('set', (key, value) => emitted.push(['set', key, value]));
    store.on('del', (key, value) => emitted.push(['del', key, value]));
    return {
      put: (key, value) => (key.length % 2 ? store.set(key, value) : store.mset([{ key, val: value }])),
      reads: (keys) => [
        ['get', byKey(keys, (key) => store.get(key))],
        ['mget', store.mget([...keys])],
        ['take', byKey(keys, (key) => store.take(key))],
        ['events', emitted],
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

const MODES: FeatureMode[] = ['verify', true, 'read'];

async function drive(make: (mode: FeatureMode) => Drive, mode: FeatureMode, values: Record<string, unknown>) {
  const store = make(mode);
  for (const [key, value] of Object.entries(values)) await store.put(key, value);
  const stored = store.raw?.('candles:BTC');
  return { answers: await store.reads([...Object.keys(values), 'nobody']), stored };
}

describe.each(Object.keys(memory))('%s', (name) => {
  test.each(MODES)('mode %s: every way to read gives what the unwrapped store gives', async (mode) => {
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
    if (off.stored === undefined) return;
    const isEntry = typeof on.stored === 'string' || Buffer.isBuffer(on.stored);
    expect(isEntry).toBe(mode === true);
  });
});
