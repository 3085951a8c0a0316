/**
 * A bounded Keyv store in memory that holds encoded values: what is handed out is the caller's own and as exact as what
 * the file store hands out, and a cache of candles takes a tenth of what its objects would.
 */

import { decodeValue, emitMemoryEvent, encodeValue, isAtcError } from 'atc-memory';
import { requireEntries, requireList, requireOptions } from './arguments.js';
import { KeyvFront, prefixOf } from './keyv-front.js';
import { type KeyvItem, openItem } from './keyv-item.js';

/** How much a memory store holds. */
export interface MemoryStoreOptions {
  /** Values used longest ago go when the encoded values take more than this. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Compression level, 0 to 9. Default 1: memory is filled far more often than it runs full. */
  readonly level?: number;
}

interface Held {
  readonly bytes: Uint8Array;
  readonly expires: number;
  readonly isBare: boolean;
}

/** Of the entry itself, its key and its position in the map. */
const OVERHEAD_BYTES = 200;

/** A Keyv store that holds encoded values in memory, the least recently used go first. */
export class PackedMemoryStore {
  /** Set by Keyv. */
  namespace?: string;
  /** The options, with what Keyv wants to see beside them. */
  readonly opts: MemoryStoreOptions & {
    /** Keyv iterates over stores whose dialect it knows; any of them will do. */
    readonly dialect: 'sqlite';
    /** Empty: there is no server. */
    readonly url: string;
  };
  /** What the encoded values take, with an allowance for each entry. */
  byteLength = 0;
  readonly #front = new KeyvFront();
  readonly #held = new Map<string, Held>();
  readonly #maxBytes: number;

  /** Holds nothing at first. */
  constructor(options: MemoryStoreOptions = {}) {
    requireOptions(options, 'PackedMemoryStore');
    this.opts = { ...options, dialect: 'sqlite', url: '' };
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  }

  /** Tells Keyv 6 to use the store as it is, with absolute times. */
  get capabilities(): {
    /** `set` takes the time at which an entry ends. */
    readonly expires: true;
  } {
    return this.#front.asked();
  }

  /** Entries that are held now. */
  get size(): number {
    return this.#held.size;
  }

  /** A value of the caller's own, or undefined. */
  get(name: string): unknown {
    const key = this.#keyOf(name);
    const found = this.#held.get(key);
    if (found === undefined) return undefined;
    // Last in the map is last used.
    this.#held.delete(key);
    if (found.expires <= Date.now()) {
      this.byteLength -= sizeOf(key, found.bytes);
      return undefined;
    }
    this.#held.set(key, found);
    return opened(found);
  }

  /**
   * `time`: ms to live, or with Keyv 6 the time in ms at which the entry ends. Always true: what is larger than the
   * whole store is left to the store below.
   */
  set(name: string, item: unknown, time?: number): boolean {
    const key = this.#keyOf(name);
    this.#remove(key);
    const { value, expires, isBare } = openItem(item, this.#front.endOf(time));
    const bytes = this.#encode(key, value);
    const size = sizeOf(key, bytes);
    // It would push out everything else and still not fit: the store below has it.
    if (size > this.#maxBytes) return true;
    this.#held.set(key, { bytes, expires, isBare });
    this.byteLength += size;
    for (const oldest of this.#held.keys()) {
      if (this.byteLength <= this.#maxBytes) break;
      this.#remove(oldest);
    }
    return true;
  }

  #encode(key: string, value: unknown): Uint8Array {
    try {
      return encodeValue(value, { level: this.opts.level ?? 1 });
    } catch (error) {
      // Hosts swallow what a store throws: without an event nobody would learn why nothing is cached.
      if (isAtcError(error, 'UNSUPPORTED')) emitMemoryEvent('fallback', { key, reason: error.message });
      throw error;
    }
  }

  /** In the order of the keys. */
  getMany(keys: readonly string[]): unknown[] {
    return requireList(keys, 'keys').map((key) => this.get(key));
  }

  /** `ttl` in ms (Keyv 5), `expires` in UTC ms (Keyv 6). */
  setMany(items: readonly { key: string; value: unknown; ttl?: number; expires?: number }[]): boolean[] {
    return requireEntries(items).map(({ key, value, ttl, expires }) => this.set(key, value, expires ?? ttl));
  }

  /** Whether there was any of them; for Keyv 6 whether there was each. */
  deleteMany(keys: readonly string[]): boolean | boolean[] {
    return this.#front.manyOf(requireList(keys, 'keys').map((key) => this.delete(key)));
  }

  /** In the order of the keys. */
  hasMany(keys: readonly string[]): boolean[] {
    return requireList(keys, 'keys').map((key) => this.has(key));
  }

  /** Whether there was an entry. */
  delete(name: string): boolean {
    return this.#remove(this.#keyOf(name));
  }

  #keyOf(name: string): string {
    return this.#front.keyOf(name, this.namespace);
  }

  #remove(key: string): boolean {
    const found = this.#held.get(key);
    if (found === undefined) return false;
    this.byteLength -= sizeOf(key, found.bytes);
    return this.#held.delete(key);
  }

  /** Of this namespace, or of all without one. */
  clear(): void {
    const prefix = prefixOf(this.namespace);
    for (const key of [...this.#held.keys()]) if (key.startsWith(prefix)) this.#remove(key);
  }

  /** False for an entry that has expired. */
  has(name: string): boolean {
    const found = this.#held.get(this.#keyOf(name));
    return found !== undefined && found.expires > Date.now();
  }

  /** Keys and values that have not expired. */
  async *iterator(namespace = this.namespace): AsyncGenerator<[string, unknown], void> {
    const prefix = prefixOf(namespace);
    for (const [key, held] of [...this.#held]) {
      if (key.startsWith(prefix) && held.expires > Date.now()) {
        yield [this.#front.nameOf(key, namespace), opened(held)];
      }
    }
  }
}

function opened({ bytes, expires, isBare }: Held): unknown {
  const value = decodeValue(bytes);
  return isBare ? value : ({ value, expires: Number.isFinite(expires) ? expires : undefined } satisfies KeyvItem);
}

function sizeOf(key: string, bytes: Uint8Array): number {
  return bytes.byteLength + 2 * key.length + OVERHEAD_BYTES;
}
