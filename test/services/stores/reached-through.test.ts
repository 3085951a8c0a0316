/** Whatever way a stored value is reached through a store: as through an unwrapped one. */
import { type FeatureMode, onMemoryEvent, withCompression } from 'atc-memory';
import { expectSame } from '../../same-value.js';
import { build, caught, Failure, facts, filled, type Store, text, View, value } from './lazy-store.js';

const USES: Record<string, (store: Store) => unknown> = {
  'a closure in an object of a field': (store) => store.closures.peek('a'),
  'get of an object of closures with a set': (store) => store.both.get('a'),
  'an instance in a field with a private map': (store) => store.view.get('a'),
  'an instance in a field with a WeakMap': (store) => store.weak.read('a'),
  'an instance in a field with a private function': (store) => [store.lookup.fetch('a'), store.lookup.arrow('b')],
  'a returned instance with a private map': (store) => [store.openView().get('a'), store.openView().first],
  'what a returned instance returns': (store) => store.openView().inner().get('a'),
  'toJSON of a returned instance': (store) => JSON.stringify(store.openView()),
  'text of JSON of a returned instance': (store) => store.openView().json(),
  'instances in a promised list': async (store) => (await store.openLater())[0].get('a'),
  'a returned instance with a WeakMap': (store) => store.openWeak().read('a'),
  'a returned instance with a private function': (store) => [
    store.openLookup().fetch('a'),
    store.openLookup().arrow('b'),
  ],
  'a cursor of a class, iterated over': (store) => [...store.cursor()],
  'another method of a cursor': (store) => store.cursor().take(),
  'an error that get throws': (store) => facts(caught(() => store.get('refused'))),
  'an error that set throws': (store) => facts(caught(() => store.set('reserved', text))),
  'a returned error': (store) => facts(store.error()),
  'a rejected promise in a list': (store) => store.rejections()[0]?.catch((error: Failure) => error.item),
  'an error of a generator': (store) => {
    const items = store.failing();
    items.next();
    return (caught(() => items.next()) as Failure).item;
  },
  'an error of a returned function': (store) => (caught(store.thrower()) as Failure).item,
  'toString in a template': (store) => `${store}`,
  'keys of a Map': (store) => [...store.keysByValue()],
  'names of an object': (store) => store.namesByText(),
  'a function among the properties of a function': (store) => [store.reader()(), store.reader().read('a')],
  'an instance of a returned class': (store) => new (store.readerClass())().read('a'),
  'bytes of a text': (store) => store.bytes().toString(),
  'an ArrayBuffer of a text': (store) => Buffer.from(store.buffer()).toString(),
  'a boxed text': (store) => String(store.boxed()),
  'a method of a visitor': (store) => {
    const found: unknown[] = [];
    class Visitor {
      readonly #found = found;
      visit(item: unknown) {
        this.#found.push(item);
      }
    }
    store.accept(new Visitor());
    return found;
  },
  'a list of callbacks': (store) => {
    const found: unknown[] = [];
    store.watch([(item) => found.push(item)]);
    return found;
  },
  'an accessor under a symbol': (store) => Reflect.get(store, Symbol.for('first')),
  'a method of a subclass of Map': (store) => store.rows().pick('a'),
  'an event of an emitter in a field': (store) => {
    const found: unknown[] = [];
    store.events.on('set', (...args) => found.push(args));
    store.set('c', value());
    return found;
  },
  'an event of an emitter behind an accessor': (store) => {
    const found: unknown[] = [];
    store.bus.on('set', (...args) => found.push(args));
    store.set('c', value());
    return found;
  },
  'the detail of an event of an EventTarget': (store) => {
    const found: unknown[] = [];
    store.target.addEventListener('set', (event) => found.push((event as CustomEvent).detail));
    store.set('c', value());
    return found;
  },
  'a subscription to a returned subject': (store) => {
    const found: unknown[] = [];
    store.changes().subscribe((item) => found.push(item));
    store.set('c', value());
    return found;
  },
};

describe.each<FeatureMode>([true, 'verify', 'read'])('mode %s', (mode) => {
  test.each(Object.entries(USES))('%s: what an unwrapped store gives', async (_, use) => {
    const events: unknown[] = [];
    const stop = (['difference', 'corrupt'] as const).map((name) => onMemoryEvent(name, (event) => events.push(event)));
    expectSame(await use(filled(build(mode))), await use(filled(build(false))));
    for (const end of stop) end();
    expect(events).toEqual([]);
  });
});

test('entries lie encoded below all of these', () => {
  const raw = filled(build(true)).held.rows();
  expect([...raw.values()].map((item) => String(item).slice(0, 13))).toEqual(['atc-memory:1:', 'atc-memory:1:']);
});

test('a returned instance keeps its identity, class, fields and private fields; one prototype serves its class', () => {
  const store = filled(build(true));
  const [one, other] = [store.openView(), store.openView()];
  expect(one).toBeInstanceOf(View);
  expect(one.constructor).toBe(View);
  expect(Reflect.ownKeys(one)).toEqual([]);
  expect(Object.getPrototypeOf(one)).toBe(Object.getPrototypeOf(other));
  expect(Object.getPrototypeOf(Object.getPrototypeOf(one))).toBe(View.prototype);
  expect(one.same(other)).toBe(true);
  expect(new View(new Map()).get).toBe(View.prototype.get);
});

test('an instance that is returned again is wrapped once, and its reads are decoded once for each call', () => {
  let reads = 0;
  class Order {
    readonly amount = 5;
    get total() {
      reads++;
      return this.amount * 2;
    }
  }
  const order = new Order();
  const store = withCompression(Object.assign(new Map<string, unknown>(), { order: () => order }), {
    methods: { reads: { get: 'value' }, writes: { set: 1 } },
  });
  expect(store.order()).toBe(order);
  const prototype = Object.getPrototypeOf(order);
  expect(store.order()).toBe(order);
  expect(Object.getPrototypeOf(order)).toBe(prototype);
  expect(reads).toBe(0);
  expect([order.total, reads]).toEqual([10, 1]);
});

test('drivers and loggers that a store hands out stay as they are', () => {
  class Driver {
    connect() {}
    read() {
      return 1;
    }
  }
  class Log {
    info() {}
  }
  const [driver, log] = [new Driver(), Object.freeze(new Log())];
  const plain = { m: new Map<string, unknown>(), driver: () => driver, log: () => log };
  const store = withCompression({
    ...plain,
    get: (key: string) => plain.m.get(key),
    set: (key: string, item: unknown) => void plain.m.set(key, item),
  });
  expect(store.driver()).toBe(driver);
  expect(store.log()).toBe(log);
  expect(Object.getPrototypeOf(driver)).toBe(Driver.prototype);
  expect(driver.read).toBe(Driver.prototype.read);
});

test('get of a store that wraps its values in objects gives the value in the object', () => {
  const build = (mode: FeatureMode) => {
    const m = new Map<string, unknown>();
    const store = {
      get: (key: string) => m.get(key) as { value: unknown; at: number } | undefined,
      set: (key: string, item: unknown) => void m.set(key, { value: item, at: 1 }),
    };
    return withCompression(store, { mode });
  };
  for (const mode of [true, 'verify', 'read', false] as const) {
    const store = build(mode);
    store.set('a', value());
    expectSame(store.get('a'), { value: value(), at: 1 });
  }
});

test.each<FeatureMode>([true, 'verify', 'read'])(
  'mode %s: an object of a caller with text like an entry in it is returned as it is',
  (mode) => {
    const entries = new Map<string, unknown>();
    const source = withCompression(entries);
    source.set('a', value());
    const taken = Map.prototype.get.call(entries, 'a');
    const asText = `atc-memory:1:${Buffer.from(taken as Uint8Array).toString('base64')}`;
    const m = new Map<string, string>();
    const store = withCompression(
      {
        get: (key: string) => JSON.parse(m.get(key) ?? 'null'),
        set: (key: string, item: unknown) => void m.set(key, JSON.stringify(item)),
      },
      { mode },
    );
    for (const item of [{ text: asText }, [asText, 1]]) {
      store.set('k', item);
      expectSame(store.get('k'), item);
    }
  },
);
