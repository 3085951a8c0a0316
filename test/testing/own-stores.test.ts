/** The conformance suite over the stores of the package and over the hosts that it wraps. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EntryDirectory } from 'atc-memory';
import { CompressedFileStore, createAtcCache, createKeyv, PackedMemoryStore } from 'atc-memory/cache-manager';
import { type CacheStoreSuiteOptions, cacheStoreSuite } from 'atc-memory/testing';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { FlatCache } from 'flat-cache';
import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';
import QuickLRU from 'quick-lru';
import { openSqlite, SqliteStore } from '../cache-manager/sqlite-store.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
let folders = 0;
const folder = () => workspace.at(`store ${++folders}`);

/** One bit of the content of every entry file that holds the key. */
function damageFiles(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true })) {
    const file = path.join(directory, String(name));
    if (!file.endsWith('.atc-entry')) continue;
    const bytes = readFileSync(file);
    if (!bytes.includes('bad')) continue;
    bytes[Math.floor(bytes.length * 0.7)] ^= 0x10;
    writeFileSync(file, bytes);
  }
}

const ITSELF = { compression: false, ttl: true } as const;

cacheStoreSuite({ describe, test }, ({ mode }) => new CompressedFileStore({ directory: folder(), mode }), {
  ...ITSELF,
  name: 'CompressedFileStore',
  reopen: (store, { mode }) => new CompressedFileStore({ directory: store.opts.directory, mode }),
  damage: (store) => damageFiles(store.opts.directory),
});

const directoryOf = (keyv: Keyv) => (keyv.store as CompressedFileStore).opts.directory;
const keyvIteration = (keyv: Keyv) => keyv.iterator!(undefined) as AsyncIterable<unknown>;
cacheStoreSuite({ describe, test }, ({ mode }) => createKeyv({ directory: folder(), mode }), {
  ...ITSELF,
  name: 'createKeyv',
  reopen: (keyv, { mode }) => createKeyv({ directory: directoryOf(keyv), mode }),
  iterate: keyvIteration,
  damage: (keyv) => damageFiles(directoryOf(keyv)),
});

cacheStoreSuite(
  { describe, test },
  ({ mode }) => createAtcCache({ cacheDir: folder(), useCompression: mode, memoryBytes: 0 }),
  {
    ...ITSELF,
    name: 'createAtcCache, files alone',
    reopen: ({ stores }, { mode }) =>
      createAtcCache({ cacheDir: directoryOf(stores[0]), useCompression: mode, memoryBytes: 0 }),
    iterate: ({ stores }) => keyvIteration(stores[0]),
    damage: ({ stores }) => damageFiles(directoryOf(stores[0])),
    calls: { delete: (cache, key) => cache.del(key) },
  },
);

cacheStoreSuite({ describe, test }, ({ mode }) => createAtcCache({ cacheDir: folder(), useCompression: mode }), {
  ...ITSELF,
  name: 'createAtcCache, memory in front',
  reopen: ({ stores }, { mode }) => createAtcCache({ cacheDir: directoryOf(stores[1]), useCompression: mode }),
  iterate: ({ stores }) => keyvIteration(stores[1]),
  calls: { delete: (cache, key) => cache.del(key) },
});

cacheStoreSuite(
  { describe, test },
  () => new Keyv({ store: new PackedMemoryStore(), serialize: undefined, deserialize: undefined }),
  {
    ...ITSELF,
    name: 'PackedMemoryStore',
    iterate: keyvIteration,
    reopen: ({ store }) => new Keyv({ store, serialize: undefined, deserialize: undefined }),
  },
);

cacheStoreSuite({ describe, test }, ({ mode }) => new EntryDirectory({ directory: folder(), mode }), {
  ...ITSELF,
  name: 'EntryDirectory',
  calls: {
    get: async (entries, key) => (await entries.get(key))?.value,
    set: (entries, key, value, ttlMs) =>
      entries.set(key, value, ttlMs === undefined ? {} : { expires: Date.now() + ttlMs }),
  },
  iterate: async function* (entries) {
    for await (const { key, value } of entries.entries()) yield [key, value];
  },
});

const database = openSqlite(workspace.at('suite.sqlite'));
afterAll(() => database.close());

/** As a user writes one: private fields, a method of its own that goes through `this`. */
class OwnStore {
  readonly #entries = new Map<string, unknown>();
  async get(key: string): Promise<unknown> {
    return this.#entries.get(key);
  }
  async set(key: string, value: unknown): Promise<void> {
    this.#entries.set(key, value);
  }
  async delete(key: string): Promise<boolean> {
    return this.#entries.delete(key);
  }
  async getOrSet(key: string, make: () => unknown): Promise<unknown> {
    const known = await this.get(key);
    if (known !== undefined) return known;
    const value = await make();
    await this.set(key, value);
    return value;
  }
  *entries(): Iterable<[string, unknown]> {
    for (const key of this.#entries.keys()) yield [key, this.#entries.get(key)];
  }
}

/** As simple as a JSON file per process gets; entries are text. */
class JsonStore {
  readonly #texts: Map<string, string>;
  constructor(texts = new Map<string, string>()) {
    this.#texts = texts;
  }
  get(key: string): unknown {
    const text = this.#texts.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }
  set(key: string, value: unknown): void {
    try {
      this.#texts.set(key, JSON.stringify(value) ?? 'null');
    } catch {
      // A BigInt: it is not cached.
      this.#texts.delete(key);
    }
  }
  delete(key: string): void {
    this.#texts.delete(key);
  }
}

let shared = new Map<string, string>();
beforeEach(() => {
  shared = new Map();
});

interface Host {
  readonly make: () => object;
  readonly options?: CacheStoreSuiteOptions<never>;
}
const HOSTS: Readonly<Record<string, Host>> = {
  'a class of the user': { make: () => new OwnStore() },
  'a store of JSON text': { make: () => new JsonStore(shared) },
  Map: { make: () => new Map(), options: { compression: {} } },
  'lru-cache': { make: () => new LRUCache<string, object>({ max: 500 }), options: entriesOf() },
  'quick-lru': { make: () => new QuickLRU<string, object>({ maxSize: 500 }) },
  'node-cache': {
    make: () => new NodeCache(),
    options: { calls: { delete: (cache: NodeCache, key: string) => cache.del(key) } } as never,
  },
  'Keyv over a Map': { make: () => new Keyv(), options: { ttl: true, iterate: keyvIteration } as never },
  'Keyv over SQLite': {
    make: () => new Keyv({ store: new SqliteStore(database), namespace: `n${++folders}` }),
    options: {
      ttl: true,
      reopen: (keyv: Keyv) => new Keyv({ store: new SqliteStore(database), namespace: keyv.namespace }),
    } as never,
  },
  'cache-manager': {
    make: () => createCache({ stores: [new Keyv()] }),
    options: {
      ttl: true,
      calls: { delete: (cache: { del(key: string): unknown }, key: string) => cache.del(key) },
    } as never,
  },
  cacheable: { make: () => new Cacheable({ secondary: new Keyv() }), options: { frontMemory: true } },
  'flat-cache': { make: () => new FlatCache({ cacheDir: folder() }), options: { frontMemory: true } },
};

function entriesOf(): CacheStoreSuiteOptions<never> {
  return { iterate: (cache: LRUCache<string, object>) => cache.entries() } as never;
}

for (const [name, { make, options }] of Object.entries(HOSTS)) {
  cacheStoreSuite({ describe, test }, make as never, { ...options, name: `${name}, wrapped` });
}
