/** A store for Keyv 5 and 6 in a directory: one compressed file per entry, shared by any number of processes. */
import { EventEmitter } from 'node:events';
import { EntryDirectory, type EntryDirectoryOptions, type StoredEntry } from 'atc-memory';
import type { Keyv } from 'keyv';
import { requireEntries, requireList, requireOptions } from './arguments.js';
import { newKeyv } from './host.js';
import { KeyvFront, prefixOf } from './keyv-front.js';
import { isSerializedItem, type KeyvItem, openItem } from './keyv-item.js';

/**
 * Where a file store writes its entries, and how. Damage is an `error` event of the store instead of a call of
 * `onDamage`.
 */
export interface CompressedFileStoreOptions extends Omit<EntryDirectoryOptions, 'onDamage'> {}

/**
 * Hand it to Keyv 5 with `serialize: undefined, deserialize: undefined`, to Keyv 6 with `serialization: false` (or use
 * `createKeyv`), so that it sees values and not JSON text: then Map, Date, BigInt, NaN and typed arrays are returned as
 * they were, and candles and arrays are encoded as columns.
 *
 * Events: `error` for a damaged file, which counts as absent and is moved to `.damaged`.
 */
export class CompressedFileStore extends EventEmitter {
  /** Set by Keyv; `clear` and `iterator` stay within it. */
  namespace?: string;
  /** The options, with what Keyv wants to see beside them. */
  readonly opts: CompressedFileStoreOptions & {
    /** Keyv iterates over stores whose dialect it knows; any of them will do. */
    readonly dialect: 'sqlite';
    /** Empty: there is no server. */
    readonly url: string;
  };
  readonly #front = new KeyvFront();
  readonly #entries: EntryDirectory;
  #parseText: ((text: string) => unknown) | undefined;

  /** Touches no file before the first use. */
  constructor(options: CompressedFileStoreOptions) {
    super();
    this.opts = { ...options, dialect: 'sqlite', url: '' };
    this.#entries = new EntryDirectory({
      ...options,
      onDamage: (error) => {
        // An EventEmitter throws an error that nobody listens to.
        if (this.listenerCount('error') > 0) this.emit('error', error);
      },
    });
  }

  /** Tells Keyv 6 to use the store as it is, with absolute times. */
  get capabilities(): {
    /** `set` takes the time at which an entry ends. */
    readonly expires: true;
  } {
    return this.#front.asked();
  }

  /** Files that were found damaged and moved aside. */
  get damaged(): number {
    return this.#entries.damaged;
  }

  /** The item, decoded anew; undefined when it is absent, expired or damaged. */
  async get<Value>(key: string): Promise<Value | undefined> {
    const entry = await this.#quietly(() => this.#entries.get(this.#keyOf(key)));
    if (entry === undefined) return undefined;
    return this.#itemOf(entry) as Value;
  }

  /** In the order of the keys. */
  async getMany<Value>(keys: string[]): Promise<Array<Value | undefined>> {
    return Promise.all(requireList(keys, 'keys').map((key) => this.get<Value>(key)));
  }

  /**
   * `time`: the time to live in ms, or with Keyv 6 the time in ms at which the entry ends. Rejects with UNSUPPORTED for
   * what cannot be stored exactly (Keyv then returns `false` and emits `error`).
   */
  async set(key: string, item: unknown, time?: number): Promise<boolean> {
    if (isSerializedItem(item)) warnOnce();
    const { value, ...options } = openItem(item, this.#front.endOf(time));
    await this.#entries.set(this.#keyOf(key), value, options);
    return true;
  }

  /** `ttl` in ms (Keyv 5), `expires` in UTC ms (Keyv 6). True for each; rejects when one of them cannot be stored. */
  async setMany(items: Array<{ key: string; value: unknown; ttl?: number; expires?: number }>): Promise<boolean[]> {
    return Promise.all(
      requireEntries(items).map(({ key, value, ttl, expires }) => this.set(key, value, expires ?? ttl)),
    );
  }

  /** Whether there was an entry. */
  async delete(key: string): Promise<boolean> {
    return this.#entries.delete(this.#keyOf(key));
  }

  /** Whether there was any of them; for Keyv 6 whether there was each. */
  async deleteMany(keys: string[]): Promise<boolean | boolean[]> {
    return this.#front.manyOf(await Promise.all(requireList(keys, 'keys').map((key) => this.delete(key))));
  }

  /** False for an entry that has expired. */
  async has(key: string): Promise<boolean> {
    return (await this.#quietly(() => this.#entries.get(this.#keyOf(key)))) !== undefined;
  }

  /** In the order of the keys. */
  async hasMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(requireList(keys, 'keys').map((key) => this.has(key)));
  }

  /** Removes the entries of the namespace; all entries when there is none. */
  async clear(): Promise<void> {
    await this.#entries.clear(prefixOf(this.namespace));
  }

  /** Keys and items that have not expired. */
  async *iterator<Value>(namespace = this.namespace): AsyncGenerator<[string, Value | undefined], void> {
    for await (const entry of this.#entries.entries(prefixOf(namespace))) {
      yield [this.#front.nameOf(entry.key, namespace), this.#itemOf(entry) as Value];
    }
  }

  /** From now on entries that a Keyv with a serializer has set are returned as values; `parse` is its deserializer. */
  readKeyvText(parse: ((text: string) => unknown) | undefined): void {
    this.#parseText = parse;
  }

  /** Removes expired entries, leftovers of killed processes, and what exceeds `maxBytes`. */
  async prune(): ReturnType<EntryDirectory['prune']> {
    return this.#entries.prune();
  }

  /** Resolves when all writes are done. There is nothing to close. */
  async disconnect(): Promise<void> {
    await this.#entries.settled();
  }

  #keyOf(key: string): string {
    return this.#front.keyOf(key, this.namespace);
  }

  #itemOf({ value, expires, isBare }: StoredEntry): unknown {
    if (!isBare) return { value, expires: Number.isFinite(expires) ? expires : undefined } satisfies KeyvItem;
    return typeof value === 'string' && this.#parseText ? this.#parseText(value) : value;
  }

  /**
   * A read that fails (a directory that may not be read, a full table of descriptors) is a miss and an `error` event,
   * not an exception.
   */
  async #quietly<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (this.listenerCount('error') > 0) this.emit('error', error);
      return undefined;
    }
  }
}

let warned = false;

/** The Keyv around a store cannot be seen from inside; that it serializes shows with the first value. */
function warnOnce(): void {
  if (warned) return;
  warned = true;
  const message =
    'CompressedFileStore is handed JSON text: the Keyv around it serializes values, so Dates become strings and ' +
    'nothing is stored as columns. Use createKeyv(options), or new Keyv({ store, serialize: undefined, deserialize: ' +
    'undefined }) (Keyv 6: serialization: false)';
  process.emitWarning(message, { code: 'ATC_SERIALIZED' });
}

/** Options of the file store, and Keyv's own two. */
export interface CreateKeyvOptions extends CompressedFileStoreOptions {
  /** Prefix of every key, so that several Keyvs can share a directory. Default 'keyv', as everywhere in Keyv. */
  readonly namespace?: string;
  /** Time to live in ms of entries that are set without one. Default: no limit. */
  readonly ttl?: number;
}

/** A Keyv over a CompressedFileStore, set up so that values are stored without loss. */
export function createKeyv(keyvOptions: CreateKeyvOptions): Keyv {
  requireOptions(keyvOptions, 'createKeyv');
  const { namespace, ttl, ...options } = keyvOptions;
  const store = new CompressedFileStore(options);
  return newKeyv({ store, namespace: namespace ?? 'keyv', ttl });
}
