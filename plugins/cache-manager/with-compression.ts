/** `withCompression` for what npm calls a cache: a Keyv, or a cache-manager cache over several of them. */
import { types } from 'node:util';
import { AtcError, withCompression as compressStore, isCompressed, type WithCompressionOptions } from 'atc-memory';
import type { Keyv } from 'keyv';
import { requireOptions } from './arguments.js';
import { CompressedFileStore } from './file-store.js';
import { compressKeyv6, isKeyv6 } from './keyv6.js';
import { PackedMemoryStore } from './memory-store.js';

/** A Keyv 5 or 6, or a cache-manager 7 cache. */
export type CompressibleCache =
  | Keyv
  | {
      /** The levels, fastest first, as cache-manager has them. */
      readonly stores: readonly Keyv[];
    };

/**
 * Makes the cache store its values compressed, and returns it: the same object. Entries written before stay readable.
 * Of a cache-manager cache with several stores the memory in front stays as it is, the persistent ones are compressed.
 * A damaged entry is a miss and an `error` event of its Keyv.
 *
 * Throws UNSUPPORTED for a Keyv with its own `compression` (remove that option), ARGUMENT for a wrong level.
 */
export function withCompression<Cache extends CompressibleCache>(
  cache: Cache,
  options: WithCompressionOptions = {},
): Cache {
  requireOptions(options, 'withCompression');
  if (typeof cache !== 'object' || cache === null) {
    throw new AtcError('ARGUMENT', 'withCompression needs a Keyv or a cache of cache-manager');
  }
  if (options.mode === false) return cache;
  const keyvs = 'stores' in cache && Array.isArray(cache.stores) ? lowest(cache.stores) : [cache as Keyv];
  for (const keyv of keyvs) compressKeyv(keyv, options);
  return cache;
}

/** The persistent stores; the last one when there is only memory. */
function lowest(keyvs: readonly Keyv[]): readonly Keyv[] {
  const persistent = keyvs.filter((keyv) => !isMemory(keyv.store));
  return persistent.length > 0 ? persistent : keyvs.slice(-1);
}

function isMemory(store: unknown): boolean {
  // cacheable's memory is a Keyv store with `getStore`.
  const isCacheable = typeof (store as { getStore?: unknown } | undefined)?.getStore === 'function';
  // Keyv 6 has an adapter of its own around a Map.
  const inner = (store as { store?: unknown } | undefined)?.store;
  return types.isMap(store) || types.isMap(inner) || store instanceof PackedMemoryStore || isCacheable;
}

function compressKeyv(keyv: Keyv, options: WithCompressionOptions): void {
  const store: unknown = keyv.store;
  if (store instanceof PackedMemoryStore || isCompressed(keyv)) return;
  if (store instanceof CompressedFileStore) {
    // It compresses by itself; all it needs is to see values instead of text.
    if (isKeyv6(keyv)) {
      const { serialization } = keyv;
      if (serialization !== undefined) store.readKeyvText((text) => serialization.parse(text));
      keyv.serialization = undefined;
      return;
    }
    store.readKeyvText(keyv.deserialize);
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    return;
  }
  const onCorrupt = (error: unknown, key: unknown) => {
    keyv.emit('error', error);
    options.onCorrupt?.(error, key);
  };
  if (isKeyv6(keyv)) compressKeyv6(keyv, { ...options, onCorrupt });
  else {
    compressStore(keyv, { ...options, onCorrupt });
    guardText(keyv);
  }
}

/** Keyv rejects `get` when its text is cut short. Here that is a miss that is reported, and Keyv removes the entry. */
function guardText(keyv: Keyv): void {
  const { deserialize } = keyv;
  if (deserialize === undefined) return;
  const damaged = (error: unknown) => {
    keyv.emit('error', error);
    return { value: undefined, expires: 0 };
  };
  keyv.deserialize = (text) => {
    try {
      const item: unknown = deserialize(text);
      return (item instanceof Promise ? item.catch(damaged) : item) as never;
    } catch (error) {
      return damaged(error) as never;
    }
  };
}
