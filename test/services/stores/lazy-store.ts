/** A store that hands out instances which read its values later. */
import { EventEmitter } from 'node:events';
import { type FeatureMode, withCompression } from 'atc-memory';
import { candles } from './sample-values.js';

export const value = () => candles(200);
export const text = 'x'.repeat(2000);
type Rows = Map<string, unknown>;

/** Instances that show in no field what they read. */
export class View {
  readonly #map: Rows;
  constructor(map: Rows) {
    this.#map = map;
  }
  get(key: string) {
    return this.#map.get(key);
  }
  set(key: string, item: unknown) {
    this.#map.set(key, item);
  }
  get first() {
    return this.get('a');
  }
  toJSON() {
    return { a: this.#map.get('a') };
  }
  json() {
    return JSON.stringify([...this.#map]);
  }
  inner() {
    return new View(this.#map);
  }
  same(other: View) {
    return this.#map === other.#map;
  }
}

const rowsOf = new WeakMap<object, Rows>();

class WeakView {
  constructor(rows: Rows) {
    rowsOf.set(this, rows);
  }
  read(key: string) {
    return rowsOf.get(this)?.get(key);
  }
  put() {}
}

class Lookup {
  readonly #find: (key: string) => unknown;
  constructor(find: (key: string) => unknown) {
    this.#find = find;
  }
  fetch(key: string) {
    return this.#find(key);
  }
  arrow = (key: string) => this.#find(key);
}

class Cursor {
  readonly #items: Iterator<unknown>;
  constructor(items: Iterator<unknown>) {
    this.#items = items;
  }
  next() {
    return this.#items.next();
  }
  [Symbol.iterator]() {
    return this;
  }
  take() {
    return this.#items.next().value;
  }
}

class Subject {
  readonly #listeners = new Set<(item: unknown) => void>();
  next(item: unknown) {
    for (const listener of this.#listeners) listener(item);
  }
  subscribe(listener: (item: unknown) => void) {
    this.#listeners.add(listener);
  }
}

export class Failure extends Error {
  constructor(readonly item: unknown) {
    super(`found ${String(item)} and "${String(item)}"`);
  }
}

export function build(mode: FeatureMode) {
  const rows: Rows = new Map();
  class Store {
    readonly #m = rows;
    readonly #bus = new EventEmitter();
    readonly #subject = new Subject();
    readonly events = new EventEmitter();
    readonly target = new EventTarget();
    readonly closures = { peek: (key: string) => rows.get(key) };
    readonly both = { get: (key: string) => rows.get(key), set: (key: string, item: unknown) => rows.set(key, item) };
    readonly view = new View(rows);
    readonly weak = new WeakView(rows);
    readonly lookup = new Lookup((key) => rows.get(key));
    get(key: string) {
      if (key === 'refused') throw new Failure(this.#m.get('b'));
      return this.#m.get(key);
    }
    set(key: string, item: unknown) {
      if (key === 'reserved') throw new Failure(item);
      this.#m.set(key, item);
      this.events.emit('set', key, item);
      this.#bus.emit('set', key, item);
      this.target.dispatchEvent(new CustomEvent('set', { detail: { key, item } }));
      this.#subject.next(item);
    }
    get bus() {
      return this.#bus;
    }
    changes() {
      return this.#subject;
    }
    openView() {
      return new View(this.#m);
    }
    async openLater() {
      await null;
      return [new View(this.#m)];
    }
    openWeak() {
      return new WeakView(this.#m);
    }
    openLookup() {
      return new Lookup((key) => this.#m.get(key));
    }
    cursor() {
      return new Cursor(this.#m.values());
    }
    error() {
      return new Failure(this.#m.get('b'));
    }
    rejections() {
      return [Promise.reject(new Failure(this.#m.get('a')))];
    }
    *failing() {
      yield 1;
      throw new Failure(this.#m.get('a'));
    }
    thrower() {
      return () => {
        throw new Failure(this.#m.get('a'));
      };
    }
    toString() {
      return JSON.stringify([...this.#m]);
    }
    keysByValue() {
      return new Map([...this.#m].map(([key, item]) => [item, key]));
    }
    namesByText() {
      return { [this.#m.get('b') as string]: 'b' };
    }
    reader() {
      return Object.assign(() => 1, { read: (key: string) => this.#m.get(key) });
    }
    readerClass() {
      const rows = this.#m;
      return class {
        read(key: string) {
          return rows.get(key);
        }
      };
    }
    bytes() {
      return Buffer.from(this.#m.get('b') as string);
    }
    buffer() {
      return Uint8Array.from(Buffer.from(this.#m.get('b') as string)).buffer;
    }
    boxed() {
      return new String(this.#m.get('b'));
    }
    accept(visitor: { visit(item: unknown): void }) {
      for (const item of this.#m.values()) visitor.visit(item);
    }
    watch(listeners: ((item: unknown) => void)[]) {
      for (const listener of listeners) listener(this.#m.get('a'));
    }
    get [Symbol.for('first')]() {
      return this.#m.get('a');
    }
    rows() {
      return new (class Rows extends Map<string, unknown> {
        pick(key: string) {
          return super.get(key);
        }
      })(this.#m);
    }
  }
  const store = withCompression(new Store(), { mode });
  return Object.assign(store, { raw: () => undefined, held: { rows: () => rows } });
}

export type Store = ReturnType<typeof build>;

export function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

export const facts = (error: unknown) => [
  (error as Failure).message,
  (error as Failure).item,
  error instanceof Failure,
];

export const filled = (store: Store) => {
  store.set('a', value());
  store.set('b', text);
  return store;
};
