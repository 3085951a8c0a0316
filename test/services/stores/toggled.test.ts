/**
 * One store that lives on while the feature is switched: what it holds is carried from step to step as it lies there.
 * Everything that was written in an earlier step is read, and what is written in the last ones is the host's own again.
 */
import { type FeatureMode, onMemoryEvent, type StoreMethods, withCompression } from 'atc-memory';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';
import QuickLRU from 'quick-lru';
import { expectSame } from '../../same-value.js';
import { liveValues, plainValues } from './sample-values.js';
import { ArrowCache, IterableCache, PrivateCache, rawOf, TextCache } from './strangers.js';

interface Host {
  readonly store: object;
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  /** What lies in the host, below what we override. */
  held(): Iterable<[string, unknown]>;
  readonly methods?: Partial<StoreMethods>;
}

type Open = (before: Iterable<[string, unknown]>) => Host;

/** get and set of the host's own, and every key it was given. */
function handWritten(
  store: PrivateCache | ArrowCache | IterableCache | TextCache,
  methods?: Partial<StoreMethods>,
): Open {
  return (before) => {
    const keys = new Set<string>();
    for (const [key, value] of before) {
      keys.add(key);
      void store.set(key, value);
    }
    return {
      store,
      methods,
      get: (key) => store.get(key),
      set: (key, value) => {
        keys.add(key);
        return store.set(key, value);
      },
      held: () => [...keys].map((key) => [key, rawOf(store, key)]),
    };
  };
}

const hosts: Record<string, Open> = {
  Map: (before) => {
    const store = new Map(before);
    return {
      store,
      get: (k) => store.get(k),
      set: (k, v) => store.set(k, v),
      held: () => Map.prototype.entries.call(store),
    };
  },
  'lru-cache': (before) => {
    const store = new LRUCache<string, object>({ max: 100 });
    for (const [key, value] of before) store.set(key, value as object);
    const held = () => [...(LRUCache.prototype.rentries.call(store) as Iterable<[string, unknown]>)];
    return { store, get: (k) => store.get(k), set: (k, v) => store.set(k, v as object), held };
  },
  'quick-lru': (before) => {
    const store = new QuickLRU<string, unknown>({ maxSize: 100 });
    for (const [key, value] of before) store.set(key, value);
    const held = () => [...(QuickLRU.prototype.entriesAscending.call(store) as Iterable<[string, unknown]>)];
    return { store, get: (k) => store.get(k), set: (k, v) => store.set(k, v), held };
  },
  'node-cache': (before) => {
    const store = new NodeCache({ checkperiod: 0, useClones: false });
    for (const [key, value] of before) store.set(key, value);
    const { data } = store as unknown as { data: Record<string, { v: unknown }> };
    const held = () => Object.entries(data).map(([key, { v }]) => [key, v] as [string, unknown]);
    return { store, get: (k) => store.get(k), set: (k, v) => store.set(k, v), held };
  },
  'keyv without a serializer': (before) => {
    const inner = new Map(before);
    const store = new Keyv({ store: inner, serialize: undefined, deserialize: undefined });
    return { store, get: (k) => store.get(k), set: (k, v) => store.set(k, v), held: () => inner };
  },
  keyv: (before) => {
    const inner = new Map(before);
    const store = new Keyv({ store: inner });
    return { store, get: (k) => store.get(k), set: (k, v) => store.set(k, v), held: () => inner };
  },
  'cache-manager': (before) => {
    const inner = new Map(before);
    const store = createCache({ stores: [new Keyv({ store: inner })] });
    return { store, get: (k) => store.get(k), set: (k, v) => store.set(k, v), held: () => inner };
  },
  cacheable: (before) => {
    const inner = new Map(before);
    const store = new Cacheable({ primary: new Keyv({ store: inner }) });
    return { store, get: (k) => store.get(k), set: (k, v) => store.set(k, v), held: () => inner };
  },
  'private fields': (before) => handWritten(new PrivateCache())(before),
  'arrow functions': (before) => handWritten(new ArrowCache())(before),
  'getters and iteration': (before) =>
    handWritten(new IterableCache(), {
      reads: { get: 'value', getAll: 'list', [Symbol.iterator]: 'entries' },
      others: ['all'],
    })(before),
  'text only': (before) => handWritten(new TextCache())(before),
};

/** Hosts that turn values into JSON by themselves. */
const TEXT = new Set(['keyv', 'cache-manager', 'cacheable', 'text only']);
const STEPS: [string, FeatureMode][] = [
  ['off', false],
  ['verify', 'verify'],
  ['on', true],
  ['verify again', 'verify'],
  ['on again', true],
  ['read', 'read'],
  ['off at last', false],
];

/**
 * Entries of ours, as bytes or as text, also inside the host's own JSON; the values of these tests do not look like
 * them.
 */
const isOurs = (held: unknown): boolean => isEntry((held as { value?: unknown })?.value ?? held);
const isEntry = (value: unknown) =>
  Buffer.isBuffer(value) || (typeof value === 'string' && value.includes('atc-memory:1:0UFUVg'));

test.each(Object.keys(hosts))(
  '%s: off, verify, on, verify, on, read, off over what the step before left',
  async (name) => {
    const odd = ['like an entry', 'encoded by the user', 'tagged like an entry'];
    const all = TEXT.has(name) ? plainValues() : liveValues();
    const values = Object.fromEntries(Object.entries(all).filter(([key]) => !odd.includes(key)));
    const bad: unknown[] = [];
    const stop = (['difference', 'corrupt'] as const).map((event) => onMemoryEvent(event, (e) => bad.push(e)));
    let held: [string, unknown][] = [];
    const entries: Record<string, number> = {};
    for (const [step, mode] of STEPS) {
      const host = hosts[name](held);
      const { store, methods } = host;
      const wrapped = withCompression(store as Map<string, unknown>, { mode, level: 1, ...(methods && { methods }) });
      expect(wrapped).toBe(store);
      const readAll = async () => {
        for (const [key, value] of Object.entries(values)) expectSame(await host.get(key), value);
      };
      // What the steps before have written, then what this one writes over it, then one more key of every step.
      if (held.length > 0) await readAll();
      for (const [key, value] of Object.entries(values)) await host.set(key, value);
      await readAll();
      held = [...host.held()];
      entries[step] = held.filter(([, value]) => isOurs(value)).length;
    }
    for (const end of stop) end();
    expect(bad).toEqual([]);
    const [off, on] = [0, expect.any(Number)];
    expect(entries).toEqual({
      off,
      verify: off,
      on,
      'verify again': off,
      'on again': on,
      read: off,
      'off at last': off,
    });
    expect(entries.on).toBeGreaterThanOrEqual(3);
    expect(entries['on again']).toBe(entries.on);
  },
);
