/** Stores with one fault each: the suite fails in the test that is about it, and names what is wrong. */
import { type CacheStoreSuiteOptions, cacheStoreSuite } from 'atc-memory/testing';
import { collect } from './collect.js';
import { RightStore, type StoreClass } from './right-store.js';
import { WRONG_KEYS } from './wrong-keys.js';
import { WRONG_LISTINGS } from './wrong-listings.js';
import { WRONG_TIMES } from './wrong-times.js';
import { WRONG_VALUES } from './wrong-values.js';

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

test.each([...WRONG_KEYS, ...WRONG_VALUES, ...WRONG_TIMES, ...WRONG_LISTINGS])(
  'a store that %s fails there',
  async (_, Store, title, message) => {
    const { failed } = await suiteOf(Store);
    const there = [...failed].filter(([name]) => title.test(name));
    expect([...failed.keys()].filter((name) => title.test(name))).not.toEqual([]);
    expect(there.map(([, text]) => text).join('\n')).toMatch(message);
  },
);

test('values other than a runner, a factory or a store are refused', async () => {
  const runner = { describe, test };
  for (const wrong of [undefined, {}, { describe }, { test }, 7]) {
    expect(() => cacheStoreSuite(wrong as never, () => new Map())).toThrow(/ARGUMENT|needs \{ describe, test \}/);
  }
  expect(() => cacheStoreSuite(runner, new Map() as never)).toThrow(/a function that makes a store/);
  expect(() => cacheStoreSuite(runner, () => new Map(), null as never)).toThrow(/options of cacheStoreSuite/);
  const { failed } = await collect((own) => cacheStoreSuite(own, () => 7 as never));
  expect([...failed.values()][0]).toMatch(/must return a store, got 7/);
});
