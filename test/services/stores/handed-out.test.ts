/** Methods that no map names and that read the storage past `get`: what they hand out is decoded. */
import { type FeatureMode, onMemoryEvent, withCompression } from 'atc-memory';
import { LRUCache } from 'lru-cache';
import { expectSame } from '../../same-value.js';
import { Cache, collect, holdsEntry, OTHERS, text, value, wrapped } from './handing-store.js';

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

test('a result without entries is the very object of the store; a decoded value is not searched again', () => {
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
