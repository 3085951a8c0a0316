/**
 * Methods that no map names and that read the storage past `get`: what they hand out is decoded, or refused with the
 * method's name.
 */
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { type FeatureMode, isCompressed, onMemoryEvent, withCompression } from 'atc-memory';
import { LRUCache } from 'lru-cache';
import { expectSame } from '../../same-value.js';
import { candles } from './sample-values.js';

const value = () => candles(200);
const text = 'x'.repeat(2000);
const holdsEntry = (found: unknown): boolean =>
  typeof found === 'string'
    ? found.startsWith('atc-memory:1:')
    : JSON.stringify(found)?.includes('atc-memory:1:0UFU') === true;

/** The storage under a name of its own, so that methods read past get and set. */
class Cache {
  readonly #entries = new Map<string, unknown>();
  get(key: string): unknown {
    return this.#entries.get(key);
  }
  set(key: string, item: unknown): void {
    this.#entries.set(key, item);
  }
  tryGet(key: string) {
    return { found: this.#entries.has(key), value: this.#entries.get(key) };
  }
  read(key: string) {
    return this.#entries.get(key);
  }
  async readLater(key: string) {
    await Promise.resolve();
    return this.#entries.get(key);
  }
  getOrSet(key: string, make: () => unknown) {
    if (!this.#entries.has(key)) this.#entries.set(key, make());
    return this.#entries.get(key);
  }
  all() {
    return [...this.#entries.values()];
  }
  pairs() {
    return [...this.#entries];
  }
  byKey() {
    return Object.fromEntries(this.#entries);
  }
  asMap() {
    return new Map(this.#entries);
  }
  asSet() {
    return new Set(this.#entries.values());
  }
  nested() {
    return { pages: [{ items: new Map([['a', [this.#entries.get('a')]]]) }] };
  }
  promises() {
    return [...this.#entries.values()].map((item) => Promise.resolve(item));
  }
  values() {
    return this.#entries.values();
  }
  *generated(): Generator<[string, unknown], string, unknown> {
    yield* this.#entries;
    return 'done';
  }
  async *streamed() {
    for (const item of this.#entries.values()) yield { item };
  }
  *[Symbol.iterator]() {
    yield* this.#entries.values();
  }
  visit(visitor: (item: unknown, key: string) => void) {
    for (const [key, item] of this.#entries) visitor(item, key);
  }
  query(options: { onItem: (item: unknown) => void }) {
    for (const item of this.#entries.values()) options.onItem(item);
  }
  callback(key: string, done: (error: null, item: unknown) => void) {
    setImmediate(() => done(null, this.#entries.get(key)));
  }
  update(key: string, change: (item: unknown) => unknown) {
    this.#entries.set(key, change(this.#entries.get(key)));
  }
  reader(key: string) {
    return () => this.#entries.get(key);
  }
  get newest(): unknown {
    return [...this.#entries.values()].at(-1);
  }
  count() {
    return this.#entries.size;
  }
  listener = (key: string): unknown => this.#entries.get(key);
  whole() {
    return this.#entries;
  }
}

const OTHERS = { methods: { others: ['whole'] } };
const wrapped = (mode: FeatureMode = true) => {
  const cache = withCompression(new Cache(), { mode, ...OTHERS });
  cache.set('a', value());
  cache.set('b', text);
  return cache;
};

async function collect(items: Iterable<unknown> | AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What a caller of each method ends up with. */
const uses: [string, (cache: Cache) => unknown][] = [
  ['a value', (cache) => cache.read('a')],
  ['a long text', (cache) => cache.read('b')],
  ['an arrow function', (cache) => cache.listener('a')],
  ['an accessor', (cache) => cache.newest],
  ['a value in an object', (cache) => cache.tryGet('a')],
  ['a promise', (cache) => cache.readLater('a')],
  ['what is there already', (cache) => cache.getOrSet('a', () => 'not called')],
  ['a list', (cache) => cache.all()],
  ['pairs', (cache) => cache.pairs()],
  ['a record', (cache) => cache.byKey()],
  ['a Map', (cache) => [...cache.asMap()]],
  ['a Set', (cache) => [...cache.asSet()]],
  ['containers within each other', (cache) => [...cache.nested().pages[0].items]],
  ['a list of promises', (cache) => Promise.all(cache.promises())],
  ['an iterator', (cache) => collect(cache.values())],
  ['a generator', (cache) => collect(cache.generated())],
  ['an async generator', (cache) => collect(cache.streamed())],
  ['iteration', (cache) => collect(cache)],
  [
    'a callback',
    (cache) => {
      const found: unknown[] = [];
      cache.visit((item, key) => found.push([key, item]));
      return found;
    },
  ],
  [
    'a callback among options',
    (cache) => {
      const found: unknown[] = [];
      cache.query({ onItem: (item) => found.push(item) });
      return found;
    },
  ],
  ['a callback of Node', (cache) => new Promise((done) => cache.callback('a', (_, item) => done(item)))],
  ['a function', (cache) => cache.reader('a')()],
  [
    'a value changed by a callback',
    (cache) => {
      cache.update('a', (item) => [...(item as unknown[]), 'more']);
      return [cache.get('a'), cache.read('a')];
    },
  ],
];

describe.each<FeatureMode>([true, 'verify', 'read'])('mode %s', (mode) => {
  test.each(uses)('%s is what a cache without wrapping hands out', async (_, use) => {
    const events: unknown[] = [];
    const stop = (['difference', 'corrupt'] as const).map((name) => onMemoryEvent(name, (event) => events.push(event)));
    const plain = new Cache();
    plain.set('a', value());
    plain.set('b', text);
    expectSame(await use(wrapped(mode)), await use(plain));
    for (const end of stop) end();
    expect(events).toEqual([]);
  });
});

test('entries lie encoded below all of these', () => {
  expect(holdsEntry([...Cache.prototype.whole.call(wrapped())])).toBe(true);
});

test('what holds no entry is the very object that the store handed out, and no entry is looked for in a value decoded before', () => {
  const held = { hits: 1, list: [1, 'two', { three: 3 }] };
  class Stats extends Cache {
    stats() {
      return held;
    }
    again(key: string) {
      return this.get(key);
    }
  }
  const stats = withCompression(new Stats(), OTHERS);
  stats.set('a', value());
  expect(stats.stats()).toBe(held);
  let reads = 0;
  const found = stats.again('a') as object[];
  const counted = new Proxy(found, {
    get(target, name, self) {
      reads++;
      return Reflect.get(target, name, self);
    },
  });
  class Answers extends Cache {
    answer(): unknown {
      return counted;
    }
    same(): unknown {
      return found;
    }
  }
  const answers = withCompression(new Answers(), OTHERS);
  expect(answers.answer()).toBe(counted);
  expect(answers.same()).toBe(found);
  expect(reads).toBeLessThan(5);
});

test('a generator keeps its return value, and ends when its caller does', () => {
  const all = wrapped().generated();
  expect(all.next().done).toBe(false);
  expect(all.return('early')).toEqual({ done: true, value: 'early' });
  expect(all.next()).toEqual({ done: true, value: undefined });
});

describe('what cannot be followed is UNSUPPORTED, and names the method', () => {
  const refused = (method: string) =>
    expect.objectContaining({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(new RegExp(`${method} .*methods: \\{ others: \\['${method}'\\] \\}`)),
    });

  test('a private storage handed out whole: when it is wrapped', () => {
    const cache = new Cache();
    expect(() => withCompression(cache)).toThrow(refused('whole'));
    expect(isCompressed(cache)).toBe(false);
    expect(Object.hasOwn(cache, 'get')).toBe(false);
  });

  class Open {
    entries: Record<string, unknown> = {};
    get(key: string): unknown {
      return this.entries[key];
    }
    set(key: string, item: unknown): void {
      this.entries[key] = item;
    }
  }
  /** Not recognised by its text. */
  function snapshot(this: Open): unknown {
    const { entries } = this;
    return entries;
  }
  const cases: [string, Open & Record<string, () => unknown>][] = [
    ['snapshot', Object.assign(new Open(), { snapshot })],
    ['stream', Object.assign(new Open(), { stream: () => Readable.from(['a']) })],
    [
      'row',
      Object.assign(new Open(), {
        row(this: Open) {
          return Object.assign(new (class Row {})(), { item: this.entries.a });
        },
      }),
    ],
  ] as never;
  test.each(cases)('%s: when it is called', (method, store) => {
    withCompression(store);
    store.set('a', value());
    expect(() => store[method]()).toThrow(refused(method));
  });

  test('in mode verify the caller gets what it always got, and an event reports what would be refused', () => {
    const told: unknown[] = [];
    const stop = onMemoryEvent('difference', (event) => told.push(event));
    const store = withCompression(Object.assign(new Open(), { snapshot }), { mode: 'verify' });
    store.set('a', value());
    expect(store.snapshot()).toBe(store.entries);
    stop();
    expect(told).toEqual([
      expect.objectContaining({ key: 'snapshot', reason: expect.stringContaining('snapshot hands out') }),
    ]);
  });

  const computing: [string, (this: { m: Map<string, never[]> }, key: string) => unknown][] = [
    [
      'a property',
      function (key) {
        return this.m.get(key)?.length;
      },
    ],
    [
      'an element',
      function (key) {
        return (this.m.get(key) as never[])[0];
      },
    ],
    [
      'a variable',
      function (key) {
        const found = this.m.get(key);
        return found === undefined ? 0 : found.length;
      },
    ],
    [
      'a callback',
      function () {
        return [...this.m.values()].map((item) => item.length);
      },
    ],
    [
      'a loop',
      function () {
        let n = 0;
        for (const item of this.m.values()) n += item.length;
        return n;
      },
    ],
    [
      'a loop over entries',
      function () {
        let n = 0;
        for (const [, item] of this.m) n += item.length;
        return n;
      },
    ],
  ];
  test.each(computing)('a method that works on the stored value (%s): when it is wrapped', (_, method) => {
    const store = {
      m: new Map<string, unknown>(),
      get(key: string) {
        return this.m.get(key);
      },
      set(key: string, item: unknown) {
        this.m.set(key, item);
      },
      total: method,
    };
    expect(() => withCompression(store)).toThrow(refused('total'));
    const inItem = {
      m: new Map<string, { value: unknown; expires: number }>(),
      get(key: string) {
        return this.m.get(key)?.value;
      },
      set(key: string, value: unknown) {
        this.m.set(key, { value, expires: 1 });
      },
      expiry(key: string) {
        const found = this.m.get(key);
        return found?.expires;
      },
    };
    withCompression(inItem).set('a', value());
    expect(inItem.expiry('a')).toBe(1);
    expectSame(inItem.get('a'), value());
  });

  test('methods that are left alone hand out what lies there', () => {
    const store = withCompression(Object.assign(new Open(), { snapshot }), {
      methods: { others: ['snapshot'] },
    });
    store.set('a', value());
    expect(store.snapshot()).toBe(store.entries);
  });
});

describe('the store works inside as before', () => {
  test('what it calls on the way to its storage does not decode: values that JSON loses are stored as entries', async () => {
    class Disk {
      readonly files = new Map<string, string>();
      wrap(value: unknown) {
        return { value, at: 1 };
      }
      stringify(item: object) {
        return JSON.stringify(item);
      }
      async write(key: string, file: string) {
        this.files.set(key, file);
      }
      async set(key: string, value: unknown) {
        await Promise.resolve();
        await this.write(key, this.stringify(this.wrap(value)));
      }
      unwrap(item: { value: unknown }) {
        return item.value;
      }
      load(key: string) {
        return JSON.parse(this.files.get(key) ?? 'null');
      }
      async get(key: string) {
        const item = this.load(key);
        return item === null ? undefined : this.unwrap(item);
      }
    }
    const disk = withCompression(new Disk());
    const exact = { nan: Number.NaN, at: new Date(5), close: Float64Array.of(1, -0) };
    await disk.set('a', exact);
    expect(disk.files.get('a')).toContain('atc-memory:1:');
    expectSame(await disk.get('a'), exact);
    expectSame(disk.load('a'), { value: exact, at: 1 });
  });

  test('containers of its own that it calls for are its own', () => {
    class Lazy {
      private held: Record<string, unknown> | undefined;
      table(): Record<string, unknown> {
        if (this.held === undefined) this.held = {};
        const { held } = this;
        return held;
      }
      get(key: string) {
        return this.table()[key];
      }
      set(key: string, item: unknown) {
        this.table()[key] = item;
      }
      remove(key: string) {
        delete this.table()[key];
      }
    }
    const lazy = withCompression(new Lazy());
    for (const key of ['a', 'b']) lazy.set(key, value());
    lazy.remove('a');
    expect(lazy.get('a')).toBeUndefined();
    expectSame(lazy.get('b'), value());
  });

  test('events carry values, to listeners from before wrapping and after it; they can be removed', async () => {
    class Emitting extends EventEmitter {
      #entries = new Map<string, unknown>();
      get(key: string) {
        return this.#entries.get(key);
      }
      set(key: string, item: unknown) {
        this.#entries.set(key, item);
        this.emit('set', key, item);
      }
    }
    const store = new Emitting();
    const told: unknown[] = [];
    const listener = (_: string, item: unknown) => told.push(item);
    store.on('set', listener);
    withCompression(store);
    const next = once(store, 'set');
    store.set('a', value());
    expectSame(told, [value()]);
    expectSame(await next, ['a', value()]);
    store.off('set', listener);
    store.set('a', value());
    expect(told).toHaveLength(1);
  });

  test('listeners of an emitter of its own can be removed', () => {
    class Own {
      #entries = new Map<string, unknown>();
      readonly listeners = new Set<(item: unknown) => void>();
      get(key: string) {
        return this.#entries.get(key);
      }
      set(key: string, item: unknown) {
        this.#entries.set(key, item);
        for (const listener of this.listeners) listener(item);
      }
      watch(listener: (item: unknown) => void) {
        this.listeners.add(listener);
      }
      unwatch(listener: (item: unknown) => void) {
        return this.listeners.delete(listener);
      }
    }
    const own = withCompression(new Own());
    const told: unknown[] = [];
    const listener = (item: unknown) => told.push(item);
    own.watch(listener);
    own.set('a', value());
    expectSame(told, [value()]);
    expect(own.unwatch(listener)).toBe(true);
  });
});

test('subclasses of a known class that read past it are followed too', () => {
  class Prices extends LRUCache<string, object> {
    last(key: string): unknown {
      return super.peek(key);
    }
  }
  class Named extends Map<string, unknown> {
    getOr(key: string, other: unknown): unknown {
      return super.has(key) ? super.get(key) : other;
    }
  }
  const prices = withCompression(new Prices({ max: 10 }));
  prices.set('a', value());
  expectSame(prices.last('a'), value());
  const named = withCompression(new Named());
  named.set('a', value());
  expectSame(named.getOr('a', 1), value());
});
