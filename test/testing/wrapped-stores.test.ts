/** Plain stores that the suite wraps itself, without a fault and with one each. */
import { cacheStoreSuite } from 'atc-memory/testing';
import { collect } from './collect.js';

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

  test('a store without a fault passes in one line, and tests that are left out are named', async () => {
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
