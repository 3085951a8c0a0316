/** Ways to a stored value that cannot be followed are refused with the method's name. */
import { isAtcError, withCompression } from 'atc-memory';
import { expectSame } from '../../same-value.js';
import { caught, value } from './lazy-store.js';

test('a method that cannot be followed is UNSUPPORTED, with its name and a remedy', () => {
  class Static {
    readonly #m = new Map<string, unknown>();
    get(key: string) {
      return this.#m.get(key);
    }
    set(key: string, item: unknown) {
      this.#m.set(key, item);
    }
    static dump(store: Static) {
      return [...store.#m];
    }
    static of(key: string, item: unknown) {
      const store = new Static();
      store.#m.set(key, item);
      return store;
    }
  }
  const refusal = (run: () => unknown, method: string) => {
    const error = caught(run);
    expect([method, String(error), isAtcError(error, 'UNSUPPORTED')]).toEqual([method, expect.anything(), true]);
    expect((error as Error).message).toMatch(new RegExp(`${method} .*methods: \\{ others: \\['${method}'\\] \\}`));
  };
  refusal(() => withCompression(new Static()), 'dump');
  const allowed = withCompression(Static.of('z', 1), { methods: { others: ['dump'] } });
  allowed.set('a', value());
  expectSame(allowed.get('a'), value());
  const m = new Map<string, unknown>();
  const store = withCompression({
    get: (key: string) => m.get(key),
    set: (key: string, item: unknown) => void m.set(key, item),
    weak: () => new WeakRef({ item: m.get('a') }),
    blob: () => new Blob([m.get('a') as string]),
    web: () => new Response(m.get('a') as string),
    bytes: () => Buffer.from(m.get('a') as string),
  });
  store.set('a', value());
  for (const name of ['weak', 'blob', 'web', 'bytes'] as const) refusal(() => store[name](), name);
});
