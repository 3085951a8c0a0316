/** A store with every way of handing out what it read. */
import { type FeatureMode, withCompression } from 'atc-memory';
import { candles } from './sample-values.js';

export const value = () => candles(200);
export const text = 'x'.repeat(2000);

export const holdsEntry = (found: unknown): boolean =>
  typeof found === 'string'
    ? found.startsWith('atc-memory:1:')
    : JSON.stringify(found)?.includes('atc-memory:1:0UFU') === true;

/** The storage under a name of its own, so that methods read past get and set. */
export class Cache {
  readonly #entries = new Map<string, unknown>();
  get(key: string): unknown {
    return this.#entries.get(key);
  }
  set(key: string, item: unknown): void {
    this.#entries.set(key, item);
  }
  tryGet(key: string) {
    return { found: this.#entries.has(key), value: this.#entries.get(key) };
  }
  read(key: string) {
    return this.#entries.get(key);
  }
  async readLater(key: string) {
    await Promise.resolve();
    return this.#entries.get(key);
  }
  getOrSet(key: string, make: () => unknown) {
    if (!this.#entries.has(key)) this.#entries.set(key, make());
    return this.#entries.get(key);
  }
  all() {
    return [...this.#entries.values()];
  }
  pairs() {
    return [...this.#entries];
  }
  byKey() {
    return Object.fromEntries(this.#entries);
  }
  asMap() {
    return new Map(this.#entries);
  }
  asSet() {
    return new Set(this.#entries.values());
  }
  nested() {
    return { pages: [{ items: new Map([['a', [this.#entries.get('a')]]]) }] };
  }
  promises() {
    return [...this.#entries.values()].map((item) => Promise.resolve(item));
  }
  values() {
    return this.#entries.values();
  }
  *generated(): Generator<[string, unknown], string, unknown> {
    yield* this.#entries;
    return 'done';
  }
  async *streamed() {
    for (const item of this.#entries.values()) yield { item };
  }
  *[Symbol.iterator]() {
    yield* this.#entries.values();
  }
  visit(visitor: (item: unknown, key: string) => void) {
    for (const [key, item] of this.#entries) visitor(item, key);
  }
  query(options: { onItem: (item: unknown) => void }) {
    for (const item of this.#entries.values()) options.onItem(item);
  }
  callback(key: string, done: (error: null, item: unknown) => void) {
    setImmediate(() => done(null, this.#entries.get(key)));
  }
  update(key: string, change: (item: unknown) => unknown) {
    this.#entries.set(key, change(this.#entries.get(key)));
  }
  reader(key: string) {
    return () => this.#entries.get(key);
  }
  get newest(): unknown {
    return [...this.#entries.values()].at(-1);
  }
  count() {
    return this.#entries.size;
  }
  listener = (key: string): unknown => this.#entries.get(key);
  whole() {
    return this.#entries;
  }
}

export const OTHERS = { methods: { others: ['whole'] } };

export const wrapped = (mode: FeatureMode = true) => {
  const cache = withCompression(new Cache(), { mode, ...OTHERS });
  cache.set('a', value());
  cache.set('b', text);
  return cache;
};

export async function collect(items: Iterable<unknown> | AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
}
