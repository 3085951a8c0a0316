/**
 * Services written by strangers, wrapped by hand and through three majors of inversify: the same behaviour in every
 * mode.
 */
import 'reflect-metadata';
import {
  type FeatureMode,
  isAtcError,
  isCompressed,
  onMemoryEvent,
  type StoreMethods,
  withCompression,
} from 'atc-memory';
import { installMemoryOptimizations } from 'atc-memory/inversify';
import * as inversify8 from 'inversify';
import * as inversify6 from 'inversify6';
import * as inversify7 from 'inversify7';
import { expectSame } from '../../same-value.js';
import { candles, liveValues, plainValues } from './sample-values.js';
import { ArrowCache, IterableCache, LoggingCache, PrivateCache, rawOf, StrictCache, TextCache } from './strangers.js';

type Store = object & {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  raw(key: string): unknown;
};
type Wrap = (store: Store, mode: FeatureMode, methods?: Partial<StoreMethods>) => Store;

// biome-ignore lint/suspicious/noExplicitAny: three majors with types of their own
const throughContainer = ({ Container }: any): Wrap => {
  return (store, mode, methods) => {
    if (methods) return withCompression(store, { mode, methods, level: 1 });
    const container = new Container();
    container
      .bind('store')
      .toDynamicValue(() => store)
      .inSingletonScope();
    installMemoryOptimizations(
      container,
      { compressionLevel: 1, services: { Store: { useCompression: mode } } },
      { Store: 'store' },
    );
    return container.get('store');
  };
};

const ways: [string, Wrap][] = [
  ['by hand', (store, mode, methods) => withCompression(store, { mode, level: 1, ...(methods && { methods }) })],
  ['inversify 6', throughContainer(inversify6)],
  ['inversify 7', throughContainer(inversify7)],
  ['inversify 8', throughContainer(inversify8)],
];

const ITERABLE: Partial<StoreMethods> = {
  reads: { get: 'value', getAll: 'list', [Symbol.iterator]: 'entries' },
  others: ['all'],
};

interface Stranger {
  make(): Store;
  methods?: Partial<StoreMethods>;
  values: () => Record<string, unknown>;
  /** What it is driven with, beyond get and set; its answers are compared. */
  drive?(store: Store, keys: string[]): Promise<unknown>;
}

const strangers: Record<string, Stranger> = {
  'private fields, getOrSet': {
    make: () => new PrivateCache(),
    values: liveValues,
    async drive(store, keys) {
      const cache = store as PrivateCache;
      const answers = [];
      for (const key of keys) answers.push(await cache.getOrSet(key, () => 'made'));
      answers.push(await cache.getOrSet('fresh', () => candles(100)), await cache.getOrSet('fresh', () => 'no'));
      answers.push((await cache.set('again', 1)) === cache, await cache.delete('again'), cache.hits);
      return answers;
    },
  },
  'arrow functions': {
    make: () => new ArrowCache(),
    values: liveValues,
    async drive(store, keys) {
      const cache = store as ArrowCache;
      const { get, getOrSet } = cache;
      return [keys.map(get), getOrSet('fresh', () => candles(100)), cache.delete('fresh'), Object.keys(cache).length];
    },
  },
  'getters and iteration': {
    make: () => new IterableCache(),
    methods: ITERABLE,
    values: liveValues,
    async drive(store, keys) {
      const cache = store as IterableCache;
      cache.setAll({ bulk: candles(100) });
      return [cache.size, [...cache], cache.getAll([...keys, 'bulk'])];
    },
  },
  throwing: {
    make: () => new StrictCache(),
    values: liveValues,
    async drive(store) {
      const said: string[] = [];
      for (const run of [() => store.get('nobody'), () => store.set('!', candles(100))]) {
        try {
          run();
        } catch (error) {
          said.push(String(error));
        }
      }
      return said;
    },
  },
  'text only': {
    make: () => new TextCache(),
    values: plainValues,
    drive: async (store) => [
      await store.get('nobody'),
      await Reflect.apply(store.set, store, ['ttl', candles(100), 5]),
    ],
  },
  super: {
    make: () => new LoggingCache(),
    values: liveValues,
    drive: async (store) => (store as LoggingCache).log,
  },
};

async function run({ make, methods, values, drive }: Stranger, wrap: Wrap, mode: FeatureMode) {
  const made = make();
  const store = wrap(made, mode, methods);
  expect(store).toBe(made);
  expect(isCompressed(store)).toBe(mode !== false);
  const answers: unknown[] = [];
  const entries = Object.entries(values());
  for (const [key, value] of entries) await store.set(key, value);
  for (const [key] of entries) answers.push([key, await store.get(key)]);
  const stored = rawOf(store, 'candles:BTC');
  answers.push(await drive?.(store, Object.keys(values())));
  return { answers, stored };
}

describe.each(ways)('%s', (_, wrap) => {
  describe.each(Object.keys(strangers))('%s', (name) => {
    test.each<FeatureMode>(['verify', true, 'read', false])('%s', async (mode) => {
      const bad: unknown[] = [];
      const stop = [onMemoryEvent('difference', (e) => bad.push(e)), onMemoryEvent('corrupt', (e) => bad.push(e))];
      const off = await run(strangers[name], (store) => store, false);
      const on = await run(strangers[name], wrap, mode);
      for (const end of stop) end();
      expectSame(on.answers, off.answers);
      expect(bad).toEqual([]);
      expect(typeof on.stored === 'string').toBe(mode === true);
    });
  });
});

describe('refused, before anything is changed', () => {
  const fixed = Object.defineProperty(new PrivateCache(), 'get', { value: () => 1, configurable: false });
  test.each<[string, object, string]>([
    ['frozen', Object.freeze(new ArrowCache()), 'the object is frozen'],
    ['sealed', Object.seal(new ArrowCache()), 'the object is sealed'],
    ['not extensible', Object.preventExtensions(new PrivateCache()), 'the object is not extensible'],
    ['a fixed method', fixed, 'its property get cannot be overridden'],
    [
      'no set',
      { get: () => 1 },
      "it has no method set; name those it has with methods: { reads: { fetch: 'value' }, writes: { put: 1 } }",
    ],
    ['get that is no function', { get: 1, set: () => 1 }, 'it has no method get'],
    ['an accessor of its whole storage', new IterableCache(), 'all hands out its whole storage'],
  ])('%s', (_, store, message) => {
    const before = Object.getOwnPropertyDescriptors(store);
    let error: unknown;
    try {
      withCompression(store as PrivateCache);
    } catch (thrown) {
      error = thrown;
    }
    expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
    expect((error as Error).message).toContain(message);
    expect(Object.getOwnPropertyDescriptors(store)).toEqual(before);
    expect(isCompressed(store)).toBe(false);
  });

  test('a level that does not exist', () => {
    expect(() => withCompression(new PrivateCache(), { level: 12 })).toThrow('level must be a whole number from 0');
  });
});

test.each([
  [{ mode: 'veirfy' }, 'mode is "veirfy"; allowed: false, "read", "verify", true'],
  [{ mode: 'true' }, 'mode is "true"; allowed: false, "read", "verify", true'],
  [{ carrier: 'buffer' }, 'carrier is "buffer"; allowed: bytes, text'],
  [{ minBytes: '1k' }, 'minBytes must be a number from 0 on, got "1k"'],
  [{ minBytes: Number.NaN }, 'minBytes must be a number from 0 on, got NaN'],
])('%j is refused, and nothing is wrapped', (options, message) => {
  const store = new Map<string, unknown>();
  const refused = expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining(message) });
  expect(() => withCompression(store, options as never)).toThrow(refused);
  expect(Object.hasOwn(store, 'get')).toBe(false);
});

test('a shape of reading that does not exist is refused, and loses nothing', () => {
  const store = new Map<string, unknown>();
  const reads = { get: 'valeu' } as unknown as { get: 'value' };
  const refused = {
    code: 'ARGUMENT',
    message: expect.stringMatching(/^methods\.reads\.get is "valeu"; allowed: value, list/),
  };
  expect(() => withCompression(store, { methods: { reads } })).toThrow(expect.objectContaining(refused));
  expect(Object.hasOwn(store, 'get')).toBe(false);
});

test('wrapped twice is wrapped once', () => {
  const store = withCompression(new ArrowCache());
  const { get, set } = store;
  expect(withCompression(store, { mode: 'verify' })).toBe(store);
  expect([store.get, store.set]).toEqual([get, set]);
});

test('two stores over one another: an entry is not framed twice, and read once', () => {
  const inner = withCompression(new ArrowCache());
  class Outer {
    get(key: string): unknown {
      return inner.get(key);
    }
    set(key: string, value: unknown): void {
      inner.set(key, value);
    }
  }
  const outer = withCompression(new Outer());
  for (const [key, value] of Object.entries(liveValues())) {
    outer.set(key, value);
    expectSame(outer.get(key), value);
  }
});

describe('damage', () => {
  const damaged = (change: (text: string) => string) => {
    const store = withCompression(new ArrowCache());
    store.set('a', candles(300));
    const entries = (store as unknown as { entries: Map<string, string> }).entries;
    entries.set('a', change(entries.get('a') as string));
    return store;
  };

  test.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, text.length / 2)],
    ['one letter changed', (text) => `${text.slice(0, 200)}${text[200] === 'A' ? 'B' : 'A'}${text.slice(201)}`],
    ['no more than the tag', (text) => text.slice(0, 20)],
  ])('%s: a miss and an event, never a throw', (_, change) => {
    const told: unknown[] = [];
    const stop = onMemoryEvent('corrupt', (event) => told.push(event));
    expect(damaged(change).get('a')).toBeUndefined();
    stop();
    expect(told).toEqual([expect.objectContaining({ key: 'a', error: expect.objectContaining({ code: 'CORRUPT' }) })]);
  });

  test('what a miss is can be configured', () => {
    const store = withCompression(new TextCache(), { miss: null });
    store.texts.set('a', JSON.stringify('atc-memory:1:0UFUVgEBAAAA'));
    return expect(store.get('a')).resolves.toBeNull();
  });
});

test('events report writes, hits, legacy values and values that are left to the host', async () => {
  const seen: [string, unknown][] = [];
  const names = ['write', 'hit', 'legacy', 'fallback'] as const;
  const stop = names.map((name) => onMemoryEvent(name, ({ service, key }) => seen.push([name, `${service} ${key}`])));
  const store = new ArrowCache();
  store.set('old', candles(100));
  withCompression(store, { service: 'Prices' });
  store.get('old');
  store.set('new', candles(100));
  store.get('new');
  store.set('odd', [new (class Order {})(), ...candles(100)]);
  for (const end of stop) end();
  expect(seen).toEqual([
    ['legacy', 'Prices old'],
    ['write', 'Prices new'],
    ['hit', 'Prices new'],
    ['fallback', 'Prices odd'],
  ]);
});
