/** Stores with one fault each: the suite fails in the test that is about it, and says what is wrong. */
import { decodeValue, encodeValue } from 'atc-memory';
import { type CacheStoreSuiteOptions, cacheStoreSuite } from 'atc-memory/testing';
import { collect } from './collect.js';

interface Entry {
  readonly stored: unknown;
  readonly ends: number;
}

/** Encodes by itself, and everything right: what the faults are made in. */
class RightStore {
  constructor(readonly entries = new Map<string, Entry>()) {}
  protected encode(value: unknown): unknown {
    return Buffer.from(encodeValue(value));
  }
  protected decode(stored: unknown): unknown {
    return decodeValue(stored as Uint8Array);
  }
  get(key: string): unknown {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.ends <= Date.now()) return undefined;
    try {
      return this.decode(entry.stored);
    } catch {
      this.entries.delete(key);
      return undefined;
    }
  }
  set(key: string, value: unknown, ttlMs = Infinity): unknown {
    this.entries.set(key, { stored: this.encode(value), ends: Date.now() + ttlMs });
    return this;
  }
  delete(key: string): unknown {
    return this.entries.delete(key);
  }
  *iterator(): Iterable<[string, unknown]> {
    for (const key of this.entries.keys()) yield [key, this.get(key)];
  }
  damage(key: string): void {
    const { stored, ends } = this.entries.get(key)!;
    const bytes = Buffer.from(stored as Uint8Array);
    bytes[Math.floor(bytes.length * 0.7)] ^= 0x10;
    this.entries.set(key, { stored: bytes, ends });
  }
}

type StoreClass = new (entries?: Map<string, Entry>) => RightStore;
const OPTIONS: CacheStoreSuiteOptions<RightStore> = {
  compression: false,
  ttl: true,
  damage: (store, key) => store.damage(key),
};
const suiteOf = (Store: StoreClass, options: CacheStoreSuiteOptions<RightStore> = {}) =>
  collect((runner) =>
    cacheStoreSuite(runner, () => new Store(), {
      ...OPTIONS,
      reopen: ({ entries }) => new Store(entries),
      ...options,
    }),
  );

test('a store without a fault passes every test, and none is left out', async () => {
  const { failed, leftOut, titles } = await suiteOf(RightStore);
  expect([...failed]).toEqual([]);
  expect(leftOut).toEqual([]);
  expect(titles.length).toBeGreaterThan(60);
  expect(new Set(titles).size).toBe(titles.length);
});

/** What the class does wrong, in which test that shows, and a word of its message. */
const FAULTS: readonly (readonly [fault: string, Store: StoreClass, title: RegExp, message: RegExp])[] = [
  [
    'forgets everything',
    class extends RightStore {
      override get(): unknown {
        return undefined;
      }
    },
    /^get returns what set stored/,
    /not what was set, the store returned undefined/,
  ],
  [
    'has a value for keys that were never set',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key) ?? {};
      }
    },
    /never set is a miss/,
    /expected nothing, got \{\}/,
  ],
  [
    'keeps the first value',
    class extends RightStore {
      override set(key: string, value: unknown, ttl?: number): unknown {
        return this.entries.has(key) ? this : super.set(key, value, ttl);
      }
    },
    /later set replaces/,
    /after another set/,
  ],
  [
    'does not delete',
    class extends RightStore {
      override delete(): unknown {
        return true;
      }
    },
    /^delete removes one key/,
    /get after delete: expected nothing/,
  ],
  [
    'deletes every key that begins like it',
    class extends RightStore {
      override delete(key: string): unknown {
        for (const one of [...this.entries.keys()]) if (one.startsWith(key)) this.entries.delete(one);
        return true;
      }
    },
    /^delete removes one key/,
    /candles:BTC after another key was deleted/,
  ],
  [
    'ignores case',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key.toLowerCase());
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key.toLowerCase(), value, ttl);
      }
    },
    /^keys are told apart/,
    /BTC\/USDT/,
  ],
  [
    'normalises its keys',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key.normalize('NFC'));
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key.normalize('NFC'), value, ttl);
      }
    },
    /^keys are told apart/,
    /é/,
  ],
  [
    'cuts long keys',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key.slice(0, 250));
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key.slice(0, 250), value, ttl);
      }
    },
    /^keys are told apart/,
    /xxx/,
  ],
  [
    'looks keys up in a plain object',
    class extends RightStore {
      readonly #names: Record<string, Entry> = {};
      override get(key: string): unknown {
        const entry = this.#names[key];
        return entry === undefined ? undefined : (entry.stored ?? entry);
      }
      override set(key: string, value: unknown): unknown {
        this.#names[key] = { stored: value, ends: Infinity };
        return this;
      }
    },
    /^keys are told apart/,
    /never set/,
  ],
  [
    'writes later, in any order',
    class extends RightStore {
      override async set(key: string, value: unknown, ttl?: number): Promise<void> {
        const isEarly = (value as { i?: number } | null)?.i === 3;
        await new Promise((resolve) => setTimeout(resolve, isEarly ? 30 : 1));
        super.set(key, value, ttl);
      }
    },
    /^many sets at once/,
    /that of 3/,
  ],
  [
    'stores JSON',
    class extends RightStore {
      override encode(value: unknown): unknown {
        return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));
      }
      override decode(stored: unknown): unknown {
        return JSON.parse(stored as string);
      }
      override damage(): void {}
    },
    /^(a Date|NaN|a Float64Array|a Map).*among candles/,
    /not what was set/,
  ],
  [
    'loses the sign of zero and the payload of NaN',
    class extends RightStore {
      override get(key: string): unknown {
        return walk(super.get(key), (one) => (typeof one === 'number' && one === 0 ? 0 : one));
      }
    },
    /^minus zero, by itself/,
    /not what was set/,
  ],
  [
    'decodes twice',
    class extends RightStore {
      override decode(stored: unknown): unknown {
        const value = super.decode(stored);
        return value instanceof Uint8Array ? decodeAgain(value) : value;
      }
    },
    /^bytes that are an encoded value is returned/,
    /not what was set/,
  ],
  [
    'hands out its own object',
    class extends RightStore {
      readonly #live = new Map<string, unknown>();
      override get(key: string): unknown {
        return super.get(key) === undefined ? undefined : this.#live.get(key);
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        this.#live.set(key, super.set(key, value, ttl) && this.decode(this.encode(value)));
        return this;
      }
    },
    /^what the caller changes/,
    /after the list that get returned was changed/,
  ],
  [
    'keeps the object of the caller',
    class extends RightStore {
      override encode(value: unknown): unknown {
        return value;
      }
      override decode(stored: unknown): unknown {
        return stored;
      }
      override damage(): void {}
    },
    /^what the caller changes/,
    /after the list that was set was changed/,
  ],
  [
    'encodes in set and not in what this.set is called with',
    class extends RightStore {
      #depth = 0;
      override get(key: string): unknown {
        return this.#depth > 0 ? this.entries.get(key)?.stored : super.get(key);
      }
      async wrap(key: string, make: () => unknown): Promise<unknown> {
        this.#depth++;
        try {
          return this.get(key) ?? make();
        } finally {
          this.#depth--;
        }
      }
    },
    /^methods that read several keys/,
    /wrap hands out a stored entry/,
  ],
  [
    'hands out entries in getMany',
    class extends RightStore {
      getMany(keys: string[]): unknown[] {
        return keys.map((key) => this.entries.get(key)?.stored);
      }
    },
    /^methods that read several keys/,
    /getMany hands out a stored entry/,
  ],
  [
    'keeps its entries to itself',
    class extends RightStore {
      constructor(_others?: unknown) {
        super();
      }
    },
    /^a second instance reads/,
    /a second instance: value is not what was set/,
  ],
  [
    'remembers what it has read, and never looks again',
    class extends RightStore {
      static readonly seen = new Map<string, unknown>();
      override get(key: string): unknown {
        const seen = (this.constructor as unknown as { seen: Map<string, unknown> }).seen;
        if (key !== 'rich') return super.get(key);
        if (!seen.has(key)) seen.set(key, super.get(key));
        return seen.get(key);
      }
    },
    /^a second instance reads/,
    /has replaced/,
  ],
  [
    'never lets a time to live end',
    class extends RightStore {
      override set(key: string, value: unknown): unknown {
        return super.set(key, value);
      }
    },
    /^a time to live ends/,
    /ten seconds after a time to live of 250 ms/,
  ],
  [
    'takes milliseconds for seconds',
    class extends RightStore {
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key, value, ttl === undefined ? undefined : ttl * 1000);
      }
    },
    /^a time to live ends/,
    /ten seconds after/,
  ],
  [
    'takes seconds for milliseconds',
    class extends RightStore {
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key, value, ttl === undefined ? undefined : ttl / 1000);
      }
    },
    /^a time to live ends/,
    /before its time|after a shorter one has ended/,
  ],
  [
    'ends everything with the first that ends',
    class extends RightStore {
      override get(key: string): unknown {
        for (const { ends } of this.entries.values()) if (ends <= Date.now()) this.entries.clear();
        return super.get(key);
      }
    },
    /^a time to live ends/,
    /after a shorter one has ended|that of another has ended/,
  ],
  [
    'gives what was set anew the old end',
    class extends RightStore {
      readonly #ends = new Map<string, number>();
      override get(key: string): unknown {
        return (this.#ends.get(key) ?? Infinity) <= Date.now() ? undefined : super.get(key);
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        if (ttl !== undefined) this.#ends.set(key, Date.now() + ttl);
        return super.set(key, value);
      }
    },
    /^a time to live ends/,
    /set anew after its time had ended/,
  ],
  [
    'iterates over entries as they are stored',
    class extends RightStore {
      override *iterator(): Iterable<[string, unknown]> {
        for (const [key, { stored }] of this.entries) yield [key, stored];
      }
    },
    /^iteration hands out/,
    /in iteration: value is not what was set/,
  ],
  [
    'iterates over keys alone',
    class extends RightStore {
      override *iterator(): Iterable<never> {
        for (const key of this.entries.keys()) yield key as never;
      }
    },
    /^iteration hands out/,
    /instead of a key and a value/,
  ],
  [
    'iterates over a key twice when it was set twice',
    class extends RightStore {
      readonly #order: string[] = [];
      override set(key: string, value: unknown, ttl?: number): unknown {
        this.#order.push(key);
        return super.set(key, value, ttl);
      }
      override *iterator(): Iterable<[string, unknown]> {
        for (const key of this.#order) if (this.entries.has(key)) yield [key, this.get(key)];
      }
    },
    /^iteration hands out/,
    /key 3 twice/,
  ],
  [
    'iterates over what was deleted',
    class extends RightStore {
      readonly #deleted: string[] = [];
      override delete(key: string): unknown {
        this.#deleted.push(key);
        return super.delete(key);
      }
      override *iterator(): Iterable<[string, unknown]> {
        yield* super.iterator();
        for (const key of this.#deleted) yield [key, undefined];
      }
    },
    /^iteration hands out/,
    /deleted, which is not stored/,
  ],
  [
    'leaves out the last key',
    class extends RightStore {
      override *iterator(): Iterable<[string, unknown]> {
        yield* [...super.iterator()].slice(0, -1);
      }
    },
    /^iteration hands out/,
    /key 19 in iteration/,
  ],
  [
    'throws for a damaged entry',
    class extends RightStore {
      override get(key: string): unknown {
        const entry = this.entries.get(key);
        return entry === undefined || entry.ends <= Date.now() ? undefined : this.decode(entry.stored);
      }
    },
    /^a damaged entry/,
    /get of a damaged entry has thrown/,
  ],
  [
    'serves something else for a damaged entry',
    class extends RightStore {
      override decode(stored: unknown): unknown {
        try {
          return super.decode(stored);
        } catch {
          return [];
        }
      }
    },
    /^a damaged entry/,
    /expected nothing, got \[\]/,
  ],
  [
    'loses everything with one damaged entry',
    class extends RightStore {
      override get(key: string): unknown {
        const known = this.entries.has(key);
        const value = super.get(key);
        if (known && !this.entries.has(key)) this.entries.clear();
        return value;
      }
    },
    /^a damaged entry/,
    /another entry: value is not what was set/,
  ],
  [
    'cannot set what was damaged',
    class extends RightStore {
      readonly #bad = new Set<string>();
      override damage(key: string): void {
        this.#bad.add(key);
      }
      override get(key: string): unknown {
        return this.#bad.has(key) ? undefined : super.get(key);
      }
    },
    /^a damaged entry/,
    /the damaged entry, set anew/,
  ],
];

function walk(value: unknown, change: (one: unknown) => unknown): unknown {
  return typeof value === 'object' ? value : change(value);
}

function decodeAgain(bytes: Uint8Array): unknown {
  try {
    return decodeValue(bytes);
  } catch {
    return bytes;
  }
}

test.each(FAULTS)('a store that %s fails there', async (_, Store, title, message) => {
  const { failed } = await suiteOf(Store);
  const there = [...failed].filter(([name]) => title.test(name));
  expect([...failed.keys()].filter((name) => title.test(name))).not.toEqual([]);
  expect(there.map(([, text]) => text).join('\n')).toMatch(message);
});

describe('stores that the suite wraps', () => {
  class PlainStore {
    readonly entries = new Map<string, unknown>();
    get(key: string): unknown {
      return this.entries.get(key);
    }
    set(key: string, value: unknown): unknown {
      this.entries.set(key, value);
      return this;
    }
    delete(key: string): unknown {
      return this.entries.delete(key);
    }
  }

  const WRAPPED: readonly (readonly [string, () => object, RegExp, RegExp])[] = [
    ['is frozen', () => Object.freeze(new PlainStore()), /^get returns what set stored/, /frozen/],
    ['has no set', () => ({ get: () => undefined, delete() {} }), /^get returns what set stored/, /no method set/],
    [
      'cuts its texts',
      () =>
        new (class extends PlainStore {
          override set(key: string, value: unknown): unknown {
            return super.set(key, typeof value === 'string' ? value.slice(0, 1000) : value);
          }
        })(),
      /^candles, among candles/,
      /not what was set, the store returned undefined/,
    ],
    [
      'stores lower-case text',
      () =>
        new (class extends PlainStore {
          override set(key: string, value: unknown): unknown {
            return super.set(key, typeof value === 'string' ? value.toLowerCase() : value);
          }
        })(),
      /^candles, among candles/,
      /not what was set/,
    ],
    [
      'drops what is larger than a kilobyte',
      () =>
        new (class extends PlainStore {
          override set(key: string, value: unknown): unknown {
            return String(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? 'big' : one))).length > 1000
              ? this
              : super.set(key, value);
          }
        })(),
      /^candles, among candles/,
      /returned undefined/,
    ],
    [
      'throws on a miss',
      () =>
        new (class extends PlainStore {
          override get(key: string): unknown {
            if (!this.entries.has(key)) throw new Error(`no ${key}`);
            return super.get(key);
          }
        })(),
      /never set is a miss/,
      /no absent/,
    ],
  ];

  test('one without a fault passes in one line, and what is left out is named', async () => {
    const { failed, leftOut } = await collect((runner) => cacheStoreSuite(runner, () => new PlainStore()));
    expect([...failed]).toEqual([]);
    expect(leftOut).toEqual([
      'a second instance reads what the first has written',
      "mode 'read' reads entries and writes none",
      'a time to live ends, and what has none stays',
      'iteration hands out every key once, with its value',
    ]);
  });

  test.each(WRAPPED)('one that %s fails there', async (_, make, title, message) => {
    const { failed } = await collect((runner) => cacheStoreSuite(runner, make as () => PlainStore));
    const there = [...failed].filter(([name]) => title.test(name)).map(([, text]) => text);
    expect(there.join('\n')).toMatch(message);
  });
});

test('what is no runner, factory or store is refused', async () => {
  const runner = { describe, test };
  for (const wrong of [undefined, {}, { describe }, { test }, 7]) {
    expect(() => cacheStoreSuite(wrong as never, () => new Map())).toThrow(/ARGUMENT|needs \{ describe, test \}/);
  }
  expect(() => cacheStoreSuite(runner, new Map() as never)).toThrow(/a function that makes a store/);
  expect(() => cacheStoreSuite(runner, () => new Map(), null as never)).toThrow(/options of cacheStoreSuite/);
  const { failed } = await collect((own) => cacheStoreSuite(own, () => 7 as never));
  expect([...failed.values()][0]).toMatch(/must return a store, got 7/);
});
