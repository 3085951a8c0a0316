/** Objects beside a store, errors it throws and collections it passes to callbacks: as those of an unwrapped store. */
import { type FeatureMode, isAtcError, onMemoryEvent, withCompression } from 'atc-memory';
import { expectSame } from '../../same-value.js';
import { candles } from './sample-values.js';

const value = () => candles(200);

class Reader {
  constructor(readonly owner: Store) {}
  read(key: string) {
    return this.owner.m.get(key);
  }
  get first() {
    return this.owner.m.get('a');
  }
}

class Child {
  readonly #rows: Map<string, unknown>;
  constructor(rows: Map<string, unknown>) {
    this.#rows = rows;
  }
  read(key: string) {
    return this.#rows.get(key);
  }
  async later(key: string) {
    await null;
    return { key, value: this.#rows.get(key) };
  }
}

class Lookup extends Error {
  constructor(
    message: string,
    readonly found: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const options = { ttl: 5, now: () => 1 };

class Store {
  readonly m = new Map<string, unknown>();
  readonly options = options;
  readonly sub = { peek: (key: string) => this.m.get(key) };
  readonly reader = new Reader(this);
  get(key: string) {
    return this.m.get(key);
  }
  set(key: string, item: unknown) {
    this.m.set(key, item);
  }
  child() {
    return new Child(this.m);
  }
  namespace(prefix: string) {
    const { m } = this;
    return new (class Namespace {
      get(key: string) {
        return m.get(prefix + key);
      }
      set(key: string, item: unknown) {
        m.set(prefix + key, item);
      }
    })();
  }
  fail(key: string) {
    throw new Lookup('taken', { item: this.m.get(key) }, { cause: new Lookup('below', this.m.get(key)) });
  }
  failFrozen(key: string) {
    throw Object.freeze(new Lookup('frozen', this.m.get(key)));
  }
  async failLater(key: string) {
    await null;
    throw new AggregateError([new Lookup('one', this.m.get(key))], 'all');
  }
  failPlain(key: string) {
    throw { found: this.m.get(key) };
  }
  failText(key: string) {
    throw new Error(this.m.get(key) as string);
  }
  each(visit: (...args: never[]) => void) {
    this.m.forEach(visit as never);
  }
}

function build(isWrapped: boolean, mode: FeatureMode = true): Store {
  const store = new Store();
  if (isWrapped) withCompression(store, { mode });
  store.set('a', value());
  store.set('b', 'x'.repeat(2000));
  return store;
}

const caught = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

const fields = (error: unknown) => {
  const { message, found, cause, errors } = error as Lookup & AggregateError;
  const below = cause === undefined ? undefined : (cause as Lookup).found;
  const each = errors?.map((item: Lookup) => [item.message, item.found]);
  return { message, found, below, each, isFrozen: Object.isFrozen(error), isError: error instanceof Error };
};

const USES: Record<string, (store: Store) => unknown> = {
  'a function of an object in a field': (store) => store.sub.peek('a'),
  'a method of an instance in a field': (store) => store.reader.read('a'),
  'an accessor of an instance in a field': (store) => store.reader.first,
  'a method of a returned instance': (store) => store.child().read('b'),
  'a promise of a returned instance': (store) => store.child().later('a'),
  'get of a returned instance': (store) => store.namespace('').get('a'),
  'fields of a thrown error and its cause': (store) => fields(caught(() => store.fail('a'))),
  'fields of a frozen error': (store) => fields(caught(() => store.failFrozen('a'))),
  'errors of an AggregateError, rejected': (store) => store.failLater('a').catch(fields),
  'a thrown object': (store) => caught(() => store.failPlain('a')),
  'the message of an error': (store) => fields(caught(() => store.failText('b'))),
  'items of forEach': (store) => {
    const found: unknown[] = [];
    store.each(((item: unknown, key: string) => found.push([key, item])) as never);
    return found;
  },
  'the Map that forEach passes': (store) => {
    const found: unknown[] = [];
    store.each(((_: unknown, key: string, all: Map<string, unknown>) =>
      found.push([all instanceof Map, all.size, all.get(key), [...all], all.has('z')])) as never);
    return found;
  },
};

describe.each<FeatureMode>([true, 'verify'])('mode %s', (mode) => {
  test.each(Object.entries(USES))('%s: what an unwrapped store gives', async (_, use) => {
    const events: unknown[] = [];
    const stop = onMemoryEvent('difference', (event) => events.push(event));
    expectSame(await use(build(true, mode)), await use(build(false)));
    stop();
    expect(events).toEqual([]);
  });
});

test('entries lie encoded below all of these', () => {
  expect(typeof build(true).m.get('a')).toBe('string');
});

test('an error is decoded, keeps its class and identity, and its stack has no encoded entry', () => {
  const store = build(true);
  const error = caught(() => store.failText('b')) as Error;
  expect(error.stack).not.toContain('atc-memory:1:');
  expect(error.stack).toContain('x'.repeat(2000));
  expect(caught(() => store.failFrozen('a'))).toBeInstanceOf(Lookup);
  const own = new RangeError('nothing of ours');
  const thrower = withCompression(Object.assign(new Store(), { raise: () => Promise.reject(own) }));
  return expect(thrower.raise()).rejects.toBe(own);
});

test('objects that read nothing of the storage stay as they were, with their functions', () => {
  const { now } = options;
  const store = build(true);
  expect(store.options).toBe(options);
  expect(store.options.now).toBe(now);
  const reader = new Reader(store);
  const other = withCompression(Object.assign(new Store(), { held: reader }));
  expect(other.held).toBe(reader);
});

test('a callback of forEach can delete from the Map that it is passed', () => {
  const store = build(true);
  store.each(((_: unknown, key: string, all: Map<string, unknown>) => all.delete(key)) as never);
  expect(store.m.size).toBe(0);
});

test('a method that cannot be followed is UNSUPPORTED, with its name and a remedy', () => {
  const frozen = () => {
    const store = Object.assign(new Store(), { fixed: {} });
    store.fixed = Object.freeze({ peek: (key: string) => store.m.get(key) });
    return store;
  };
  const atWrapping = caught(() => withCompression(frozen()));
  expect(isAtcError(atWrapping, 'UNSUPPORTED')).toBe(true);
  expect((atWrapping as Error).message).toMatch(/fixed\.peek .*methods: \{ others: \['fixed'\] \}/);
  expect(() => withCompression(frozen(), { methods: { others: ['fixed'] } })).not.toThrow();
  const store = withCompression(
    Object.assign(new Store(), {
      sealed(this: Store) {
        return Object.freeze(new Child(this.m));
      },
    }),
  );
  store.set('a', value());
  const error = caught(() => store.sealed());
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toMatch(/sealed .*methods: \{ others: \['sealed'\] \}/);
});

test('entries within the message of an error are what a template makes of the values', () => {
  const explaining = (isWrapped: boolean) => {
    const store = Object.assign(new Store(), {
      explain(this: Store) {
        const { m } = this;
        throw new Error(`taken: ${String(m.get('b'))}, ${JSON.stringify(m.get('a'))}`);
      },
    });
    if (isWrapped) withCompression(store);
    store.set('a', value());
    store.set('b', 'x'.repeat(2000));
    return (caught(() => store.explain()) as Error).message;
  };
  expect(explaining(true)).toBe(explaining(false));
});
