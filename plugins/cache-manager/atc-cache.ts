/** A cache-manager cache with two levels: encoded values in a bounded memory, compressed files below. */

import type { AtcConfig, Durability } from 'atc-memory';
import type { Cache, CreateCacheOptions } from 'cache-manager';
import { requireByteCount, requireOptions } from './arguments.js';
import { CompressedFileStore } from './file-store.js';
import { cacheManager, newKeyv } from './host.js';
import { PackedMemoryStore } from './memory-store.js';

/** The keys of atc.config.ts that concern caches, and what cache-manager's createCache takes besides `stores`. */
export interface AtcCacheOptions
  extends Pick<
      AtcConfig,
      'cacheDir' | 'maxCacheBytes' | 'useCompression' | 'compressionLevel' | 'compressionAlgorithm'
    >,
    Omit<CreateCacheOptions, 'stores'> {
  /** Limit of the memory level; 0 leaves it out. Default 64 MiB. */
  readonly memoryBytes?: number;
  /**
   * How long the memory level holds what was set, or found in the files, without a time of its own. Default 60,000: so
   * long may another process' write, or an entry that has ended in the files meanwhile, go unseen.
   */
  readonly memoryTtlMs?: number;
  /** Limit of the files; those used longest ago go. Default: `maxCacheBytes`. */
  readonly maxBytes?: number;
  /** 'process': entries survive kill -9; 'power': a power cut as well, for an fsync each. Default 'process'. */
  readonly durability?: Durability;
  /** Prefix of all keys, so that several caches may share a directory. Default 'atc'. */
  readonly namespace?: string;
}

/**
 * `set` and `wrap` write both levels with the same time to live; `get` asks the memory first. `wrap` puts what it found
 * in the files into the memory. `disconnect` waits for writes; nothing else has to be closed.
 *
 * UNSUPPORTED without the package cache-manager, which nothing else here needs.
 *
 * Takes a resolved configuration of `loadConfig` as it is. `useCompression` `false` and `'read'` write uncompressed
 * entries and read both; `'verify'` compares what it would have written; the default here is `true`. Times are ms, as
 * in cache-manager.
 */
export function createAtcCache(config: AtcCacheOptions = {}): Cache {
  requireOptions(config, 'createAtcCache');
  const { createCache } = cacheManager();
  const { cacheDir = '.cache/atc', useCompression = true, compressionLevel, compressionAlgorithm } = config;
  const {
    memoryBytes = 64 * 1024 * 1024,
    memoryTtlMs = 60_000,
    maxBytes = config.maxCacheBytes || undefined,
    durability,
    namespace = 'atc',
  } = config;
  const { ttl, refreshThreshold, refreshAllStores, nonBlocking, cacheId } = config;
  const files = new CompressedFileStore({
    directory: cacheDir,
    mode: useCompression,
    level: compressionLevel,
    algorithm: compressionAlgorithm,
    maxBytes,
    durability,
  });
  const stores = [newKeyv({ store: files, namespace })];
  requireByteCount(memoryBytes, 'memoryBytes');
  if (memoryBytes > 0) {
    const memory = new PackedMemoryStore({ maxBytes: memoryBytes });
    stores.unshift(newKeyv({ store: memory, namespace, ttl: memoryTtlMs }));
  }
  return createCache({ stores, ttl, refreshThreshold, refreshAllStores, nonBlocking, cacheId });
}
