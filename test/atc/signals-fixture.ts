/** Stores for signals, and how often the kernel runs. */
import path from 'node:path';
import { jest } from '@jest/globals';
import { type CacheStore, type Columns, MEMORY_EVENTS, onMemoryEvent, withCompression } from 'atc-memory';
import { type SignalsStore } from 'atc-memory/atc';
import { CompressedFileStore, createAtcCache, createKeyv } from 'atc-memory/cache-manager';
import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';
import { WasmEngine } from '../../plugins/atc/kernel/wasm-engine.js';
import { openSqlite, SqliteStore } from '../cache-manager/sqlite-store.js';
import { useWorkspace } from '../io/workspace.js';
import { randomWalk } from './price-series.js';

export const workspace = useWorkspace();
export const closes = randomWalk(11, 900);

/** Calls of the kernel in the test that runs. */
export const kernel = { calls: 0 };
const run = WasmEngine.prototype.run;

beforeAll(() => {
  jest.spyOn(WasmEngine.prototype, 'run').mockImplementation(function (this: WasmEngine, ...args) {
    kernel.calls++;
    return run.apply(this, args);
  });
});

afterAll(() => {
  jest.restoreAllMocks();
});

beforeEach(() => {
  kernel.calls = 0;
});

/** Events of one call, by name. */
export async function eventsOf<T>(action: () => Promise<T>): Promise<{ result: T; events: Record<string, number> }> {
  const events: Record<string, number> = {};
  const stops = MEMORY_EVENTS.map((name) =>
    onMemoryEvent(name, ({ service }) => {
      if (service === 'atc-signals') events[name] = (events[name] ?? 0) + 1;
    }),
  );
  const result = await action();
  for (const stop of stops) stop();
  return { result, events };
}

/** A host's own store of JSON text: what it makes of a Buffer is `{ type, data }`. */
class JsonStore implements CacheStore {
  readonly texts = new Map<string, string>();
  get(key: string): unknown {
    const text = this.texts.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }
  set(key: string, value: unknown): void {
    this.texts.set(key, JSON.stringify(value));
  }
  delete(key: string): boolean {
    return this.texts.delete(key);
  }
}

const database = openSqlite(path.join(workspace.directory, 'signals.sqlite'));

afterAll(() => database.close());

export const STORES: Record<string, () => SignalsStore> = {
  'a directory': () => workspace.at('signals'),
  Map: () => new Map<string, unknown>() as unknown as CacheStore,
  'lru-cache': () => new LRUCache<string, object>({ max: 100 }) as unknown as CacheStore,
  'node-cache': () => {
    const cache = new NodeCache();
    return {
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value),
      delete: (key) => cache.del(key),
    };
  },
  'plain Keyv': () => new Keyv() as unknown as CacheStore,
  'wrapped Keyv': () => withCompression(new Keyv()) as unknown as CacheStore,
  'SQLite, plain': () => new Keyv({ store: new SqliteStore(database), namespace: 'p' }) as unknown as CacheStore,
  'SQLite, wrapped': () =>
    withCompression(new Keyv({ store: new SqliteStore(database), namespace: 'w' })) as unknown as CacheStore,
  'JSON text': () => new JsonStore(),
  'JSON text, wrapped': () => withCompression(new JsonStore(), { methods: {} }),
  createKeyv: () => createKeyv({ directory: workspace.at('keyv') }) as unknown as CacheStore,
  'createKeyv, off': () => createKeyv({ directory: workspace.at('off'), mode: false }) as unknown as CacheStore,
  createAtcCache: () => createAtcCache({ cacheDir: workspace.at('atc') }) as unknown as CacheStore,
  'the file store': () => new CompressedFileStore({ directory: workspace.at('store') }) as unknown as CacheStore,
};

export function columnsOf(close: Float64Array): Columns {
  return { timestamp: close.map((_, i) => 1.6e12 + i * 60_000), close };
}
