/** Text that a store makes of its values: several joined, a template, and what the language asks an object for. */
import { type FeatureMode, isAtcError, onMemoryEvent, withCompression } from 'atc-memory';

const value = () => Array.from({ length: 200 }, (_, i) => ({ close: 100 + i, name: 'x'.repeat(20) }));

class Texts {
  readonly #held = new Map<string, unknown>();
  get(key: string) {
    return this.#held.get(key);
  }
  set(key: string, item: unknown) {
    this.#held.set(key, item);
  }
  joined() {
    return [...this.#held.values()].join();
  }
  toString() {
    return `Texts of ${[...this.#held.values()].join(' and ')}`;
  }
  toLocaleString() {
    return this.joined();
  }
  [Symbol.toPrimitive]() {
    return this.joined();
  }
}

const filled = (mode: FeatureMode) => {
  const store = withCompression(new Texts(), { mode, cacheDir: false });
  store.set('a', value());
  store.set('b', value());
  return store;
};

test('entries that are joined are UNSUPPORTED with the method, not the value of the first one', () => {
  let error: unknown;
  try {
    filled(true).joined();
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toMatch(/joined hands out text with encoded entries in it.*this\.get\(key\)/);
});

test.each<[string, (store: Texts) => string]>([
  ['toString', (store) => store.toString()],
  ['toLocaleString', (store) => store.toLocaleString()],
  ['a template', (store) => `${store}`],
  ['String()', (store) => String(store)],
  ['addition', (store) => `a${store}`],
])('%s gives the text of the values in every mode', (_, use) => {
  const off = use(filled(false));
  expect(off).toContain('[object Object],[object Object]');
  for (const mode of [true, 'verify', 'read'] as const) expect(use(filled(mode))).toBe(off);
});

test('one value makes the same text as without compression', () => {
  const one = (mode: FeatureMode) => {
    const store = withCompression(new Texts(), { mode, cacheDir: false });
    store.set('a', value());
    return String(store);
  };
  expect(one(true)).toBe(one(false));
});

class Nested {
  readonly #held = new Map<string, unknown>();
  readonly reading = { of: { one: (key: string) => this.#held.get(key) }, all: () => [...this.#held.values()] };
  get(key: string) {
    return this.#held.get(key);
  }
  set(key: string, item: unknown) {
    this.#held.set(key, item);
  }
}

test.each<FeatureMode>([true, 'verify', 'read'])('functions in objects within objects are followed (%s)', (mode) => {
  const differences: unknown[] = [];
  const stop = onMemoryEvent('difference', (event) => differences.push(event));
  const store = withCompression(new Nested(), { mode, cacheDir: false });
  store.set('a', value());
  expect(store.reading.of.one('a')).toEqual(value());
  expect(store.reading.all()).toEqual([value()]);
  stop();
  expect(differences).toEqual([]);
});
