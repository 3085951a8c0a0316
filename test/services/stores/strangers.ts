/** Caches written by hand, the way people write them; none knows that it will be wrapped. */

/** Private fields, and methods that call its own get and set. */
export class PrivateCache {
  #entries = new Map<string, unknown>();
  hits = 0;
  async get(key: string): Promise<unknown> {
    const found = this.#entries.get(key);
    if (found !== undefined) this.hits++;
    return found;
  }
  async set(key: string, value: unknown): Promise<this> {
    this.#entries.set(key, value);
    return this;
  }
  async delete(key: string): Promise<boolean> {
    return this.#entries.delete(key);
  }
  async getOrSet(key: string, make: () => unknown): Promise<unknown> {
    const found = await this.get(key);
    if (found !== undefined) return found;
    const made = await make();
    await this.set(key, made);
    return made;
  }
  raw(key: string): unknown {
    return this.#entries.get(key);
  }
}

/** Methods as arrow functions on the instance. */
export class ArrowCache {
  private readonly entries = new Map<string, unknown>();
  get = (key: string): unknown => this.entries.get(key);
  set = (key: string, value: unknown): void => {
    this.entries.set(key, value);
  };
  delete = (key: string): boolean => this.entries.delete(key);
  getOrSet = (key: string, make: () => unknown): unknown => {
    if (this.get(key) === undefined) this.set(key, make());
    return this.get(key);
  };
  raw(key: string): unknown {
    return this.entries.get(key);
  }
}

/** Getters, iteration, bulk methods. */
export class IterableCache {
  protected readonly store: Record<string, unknown> = Object.create(null);
  get size(): number {
    return Object.keys(this.store).length;
  }
  get all(): Record<string, unknown> {
    return this.store;
  }
  get(key: string): unknown {
    return this.store[key];
  }
  set(key: string, value: unknown): void {
    this.store[key] = value;
  }
  setAll(values: Record<string, unknown>): void {
    for (const key of Object.keys(values)) this.set(key, values[key]);
  }
  getAll(keys: string[]): unknown[] {
    return keys.map((key) => this.store[key]);
  }
  *[Symbol.iterator](): Generator<[string, unknown]> {
    yield* Object.entries(this.store);
  }
  raw(key: string): unknown {
    return this.store[key];
  }
}

/** Throws for what it does not have, and on some keys. */
export class StrictCache {
  private entries = new Map<string, unknown>();
  get(key: string): unknown {
    if (!this.entries.has(key)) throw new RangeError(`no ${key}`);
    return this.entries.get(key);
  }
  set(key: string, value: unknown): void {
    if (key.startsWith('!')) throw new TypeError('reserved');
    this.entries.set(key, value);
  }
  raw(key: string): unknown {
    return this.entries.get(key);
  }
}

/** Keeps text only: JSON in a Map, as with a file or Redis. */
export class TextCache {
  readonly texts = new Map<string, string>();
  async get(key: string): Promise<unknown> {
    const text = this.texts.get(key);
    return text === undefined ? null : JSON.parse(text);
  }
  async set(key: string, value: unknown, ttlMs?: number): Promise<number | undefined> {
    this.texts.set(key, JSON.stringify(value));
    return ttlMs;
  }
  raw(key: string): unknown {
    return JSON.parse(this.texts.get(key) ?? 'null');
  }
}

/** A subclass that calls its parent through super: the parent's own methods are below what wrapping can see. */
export class LoggingCache extends PrivateCache {
  readonly log: string[] = [];
  override async get(key: string): Promise<unknown> {
    this.log.push(`get ${key}`);
    return super.get(key);
  }
  override async set(key: string, value: unknown): Promise<this> {
    this.log.push(`set ${key}`);
    return super.set(key, value);
  }
}

/** What lies in the storage, past the methods that wrapping has overridden on the instance. */
export function rawOf(store: object, key: string): unknown {
  return Object.getPrototypeOf(store).raw.call(store, key);
}
