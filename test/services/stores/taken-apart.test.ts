/**
 * Methods of a store that fill what they are given, work on stored values, or make text of them: as unwrapped, or
 * refused by name.
 */
import { isAtcError, withCompression } from 'atc-memory';
import { expectSame } from '../../same-value.js';

const values = () => Array.from({ length: 1000 }, (_, i) => i);
const rows = () => ({ rows: Array.from({ length: 200 }, (_, i) => [i, i / 7]) });

class Store {
  m = new Map<string, unknown>();
  get(key: string) {
    return this.m.get(key);
  }
  set(key: string, value: unknown) {
    this.m.set(key, value);
  }
}

/** `Store` with one more method; both get the same values. */
function withMethod(name: string, method: (this: Store, ...args: never[]) => unknown, isWrapped: boolean) {
  const store = new Store();
  Object.defineProperty(store, name, { value: method, configurable: true, writable: true });
  if (isWrapped) withCompression(store, { service: name });
  store.set('a', values());
  store.set('b', rows());
  return store as unknown as Record<string, (...args: unknown[]) => unknown>;
}

type Shape = [
  method: (this: Store, ...args: never[]) => unknown,
  use: (call: (...args: unknown[]) => unknown) => unknown,
];

const filled = <Box>(box: Box, call: (...args: unknown[]) => unknown) => {
  const result = call('a', box);
  return result instanceof Promise ? result.then(() => box) : box;
};

const FOLLOWED: Record<string, Shape> = {
  'a frozen record': [
    function (key: string) {
      return Object.freeze({ value: this.m.get(key), at: 1 });
    },
    (call) => [call('a'), Object.isFrozen(call('a'))],
  ],
  'an object that is filled': [
    function (key: string, out: { value?: unknown }) {
      out.value = this.m.get(key);
      return true;
    },
    (call) => filled<Record<string, unknown>>({ other: 1 }, call),
  ],
  'a list that is filled later': [
    async function (key: string, out: unknown[]) {
      await null;
      out.push({ key, value: this.m.get(key) });
    },
    (call) => filled<unknown[]>([7], call),
  ],
  'a Map that is filled': [
    function (key: string, out: Map<string, unknown>) {
      out.set(key, this.m.get(key));
    },
    (call) => filled(new Map([['x', 1]]), call),
  ],
  'JSON text': [
    function () {
      return JSON.stringify({ at: 1, entries: [...this.m] });
    },
    (call) => call(),
  ],
  'indented JSON text, later': [
    async function () {
      return JSON.stringify(Object.fromEntries(this.m), null, 2);
    },
    (call) => call(),
  ],
  'a test for being there': [
    function (key: string) {
      const found = this.m.get(key);
      return typeof found !== 'undefined' ? found : null;
    },
    (call) => [call('a'), call('z')],
  ],
};

test.each(Object.entries(FOLLOWED))('%s holds what an unwrapped store gives', async (_, [method, use]) => {
  const [plain, wrapped] = [false, true].map((isWrapped) => withMethod('look', method, isWrapped));
  expectSame(await use((...args) => wrapped.look(...args)), await use((...args) => plain.look(...args)));
});

const REFUSED: Record<string, (this: Store, key: string) => unknown> = {
  destructures(key) {
    const [first] = this.m.get(key) as unknown[];
    return first;
  },
  destructuresRecord(key) {
    const { rows: found } = (this.m.get(key) ?? {}) as { rows?: unknown };
    return found;
  },
  spreads(key) {
    return [...(this.m.get(key) as unknown[])];
  },
  spreadsVariable(key) {
    const found = this.m.get(key) as object;
    return { ...found, more: 1 };
  },
  loops(key) {
    let sum = 0;
    for (const value of this.m.get(key) as number[]) sum += value;
    return sum;
  },
  asksType(key) {
    return typeof this.m.get(key) === 'object';
  },
  asksList(key) {
    const found = this.m.get(key);
    return Array.isArray(found);
  },
  asksClass(key) {
    return this.m.get(key) instanceof Date;
  },
  compares(key) {
    return JSON.stringify(this.m.get(key)) === '[1]';
  },
  merges(key) {
    this.m.set(key, Object.assign({}, this.m.get(key), { more: 1 }));
  },
};

test.each(Object.entries(REFUSED))('%s: UNSUPPORTED, with the name, before anything is changed', (name, method) => {
  let error: unknown;
  try {
    withMethod(name, method as Shape[0], true);
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toContain(`${name} works on stored values itself`);
});

test('text that is no JSON is refused when it is handed out, a returned error is decoded', () => {
  const text = withMethod(
    'csv',
    function (this: Store) {
      return `a;${String(this.m.get('a'))}`;
    },
    true,
  );
  const failure = withMethod(
    'fail',
    function (this: Store) {
      return Object.assign(new Error('x'), { found: this.m.get('a') });
    },
    true,
  );
  expect(() => text.csv()).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  expectSame((failure.fail() as unknown as { found: unknown }).found, (failure as unknown as Store).get('a'));
});
