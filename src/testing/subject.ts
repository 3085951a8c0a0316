/** The store under test: how it is made, wrapped and called, whatever it is and whether it answers at once or later. */
import { AtcError, shown } from '../errors.js';
import { onMemoryEvent } from '../events.js';
import type { FeatureMode } from '../feature-mode.js';
import { isObject, isThenable } from '../services/override.js';
import type { WithCompressionOptions } from '../services/stores/compression-settings.js';
import { withCompression } from '../services/stores/with-compression.js';

/** How the suite calls a store whose methods have other names or arguments. */
export interface CacheStoreCalls<Store> {
  /** The value, or undefined or null; or a promise of it. */
  get(store: Store, key: string): unknown;
  /** Stores a value, for `ttlMs` where it is given. */
  set(store: Store, key: string, value: unknown, ttlMs?: number): unknown;
  /** Removes a value. */
  delete(store: Store, key: string): unknown;
}

/** What a store can do besides `get`, `set` and `delete`, and how it is wrapped. */
export interface CacheStoreSuiteOptions<Store> {
  /** Title of the suite. Default 'CacheStore conformance'. */
  readonly name?: string;
  /**
   * Options of `withCompression`, which the suite puts the store under. `false` for a store that encodes its values by
   * itself: it is tested as it is made, and has to return every value exactly. Default `{}`.
   */
  readonly compression?: Omit<WithCompressionOptions, 'mode' | 'service' | 'cacheDir' | 'onCorrupt'> | false;
  /** Default: `store.get(key)`, `store.set(key, value, ttlMs)`, `store.delete(key)`. */
  readonly calls?: Partial<CacheStoreCalls<Store>>;
  /**
   * For a host that keeps live values in a memory of its own in front of what is wrapped (cacheable, flat-cache): of
   * these it returns what it always did. Default false.
   */
  readonly frontMemory?: boolean;
  /** Whether a value that was set with a time to live (third argument of `set`, ms) ends. Default false. */
  readonly ttl?: boolean;
  /**
   * Another instance over the storage of the first, as another process has it. Default: what the factory makes, where
   * that sees what the first one has set.
   */
  readonly reopen?: (store: Store, context: CacheStoreContext) => Store | Promise<Store>;
  /** Pairs of keys and values. Default: by `iterator()`, `entries()` or the store's own iteration, where it has one. */
  readonly iterate?: (store: Store) => Iterable<unknown> | AsyncIterable<unknown>;
  /**
   * Damages what is stored under a key, as a failing disk would. Default: the suite damages what a wrapped store reads;
   * a store that encodes by itself is not tested without it.
   */
  readonly damage?: (store: Store, key: string) => void | Promise<void>;
  /** Keys that the store does not accept: they are left out. Default none. */
  readonly refusedKeys?: readonly string[];
  /** Called with every store at the end of its test. */
  readonly close?: (store: Store) => void | Promise<void>;
}

/** What the factory may want to know. */
export interface CacheStoreContext {
  /** The mode to be tested, for a store that encodes by itself; the suite wraps the others. */
  readonly mode: Exclude<FeatureMode, false>;
}

/** Makes a store; all tests call it, and some twice. */
export type CacheStoreFactory<Store> = (context: CacheStoreContext) => Store | Promise<Store>;

let subjects = 0;

/** A store that was made and wrapped, with what happened to it. */
export class Subject<Store extends object> {
  /** Changes what a wrapped store reads from its storage, while it is set. */
  spoil: ((stored: unknown) => unknown) | undefined;
  readonly events: string[] = [];
  readonly #stops: (() => void)[];
  readonly #calls: CacheStoreCalls<Store>;

  private constructor(
    readonly store: Store,
    readonly options: CacheStoreSuiteOptions<Store>,
    service: string,
  ) {
    this.#calls = { ...plainCalls<Store>(), ...options.calls };
    this.#stops = (['corrupt', 'difference', 'verified', 'write', 'legacy'] as const).map((name) =>
      onMemoryEvent(name, (event) => {
        if (event.service === service) this.events.push(name);
      }),
    );
  }

  static async open<Store extends object>(
    made: Store | Promise<Store>,
    mode: FeatureMode,
    options: CacheStoreSuiteOptions<Store>,
    isSpoilt = false,
  ): Promise<Subject<Store>> {
    const store = await made;
    if (!isObject(store)) throw new AtcError('ARGUMENT', `the factory must return a store, got ${shown(store)}`);
    const service = `cache-store-suite-${++subjects}`;
    const subject = new Subject(store, options, service);
    if (options.compression !== false) {
      if (isSpoilt) subject.#listen();
      withCompression(store, {
        ...options.compression,
        mode,
        service,
        cacheDir: false,
      } as WithCompressionOptions & { methods: object });
    }
    return subject;
  }

  async get(key: string): Promise<unknown> {
    return this.#calls.get(this.store, key);
  }

  async set(key: string, value: unknown, ttlMs?: number): Promise<void> {
    await this.#calls.set(this.store, key, value, ttlMs);
  }

  async delete(key: string): Promise<void> {
    await this.#calls.delete(this.store, key);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.options.close?.(this.store);
  }

  /** Puts itself between the store's own `get` and the wrapper, which comes after it. */
  #listen(): void {
    const target = this.store as { get?: unknown };
    const { get } = target;
    if (typeof get !== 'function' || !Object.isExtensible(target)) return;
    const read = (stored: unknown) => (this.spoil === undefined ? stored : this.spoil(stored));
    const subject = this;
    Object.defineProperty(target, 'get', {
      configurable: true,
      writable: true,
      value(this: unknown, ...args: unknown[]) {
        const stored: unknown = Reflect.apply(get, this, args);
        if (subject.spoil === undefined) return stored;
        return isThenable(stored) ? stored.then(read) : read(stored);
      },
    });
  }
}

function plainCalls<Store>(): CacheStoreCalls<Store> {
  type Plain = { get(key: string): unknown; set(...args: unknown[]): unknown; delete(key: string): unknown };
  return {
    get: (store, key) => (store as Plain).get(key),
    set: (store, key, value, ttlMs) =>
      ttlMs === undefined ? (store as Plain).set(key, value) : (store as Plain).set(key, value, ttlMs),
    delete: (store, key) => (store as Plain).delete(key),
  };
}

/** Opens subjects and closes them, whatever happens in between. */
export type Subjects<Store extends object> = <Result>(
  run: (subject: Subject<Store>) => Promise<Result>,
  how?: {
    readonly mode?: FeatureMode;
    readonly isSpoilt?: boolean;
    /** Another instance over the storage of this one. */
    readonly over?: Subject<Store>;
  },
) => Promise<Result>;

export function subjectsOf<Store extends object>(
  make: CacheStoreFactory<Store>,
  options: CacheStoreSuiteOptions<Store>,
): Subjects<Store> {
  return async (run, { mode = true, isSpoilt = false, over } = {}) => {
    const context = { mode: mode === false ? 'read' : mode } as const;
    const made =
      over !== undefined && options.reopen !== undefined ? options.reopen(over.store, context) : make(context);
    const subject = await Subject.open(made, mode, options, isSpoilt);
    try {
      return await run(subject);
    } finally {
      await subject.close();
    }
  };
}
