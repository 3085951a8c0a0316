/** Methods past `get` that cannot be followed are refused with the method's name. */
import { Readable } from 'node:stream';
import { isCompressed, onMemoryEvent, withCompression } from 'atc-memory';
import { expectSame } from '../../same-value.js';
import { Cache, value } from './handing-store.js';

describe('a result that cannot be followed is UNSUPPORTED, with the name of its method', () => {
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
