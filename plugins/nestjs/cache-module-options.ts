/** The stores of `@nestjs/cache-manager` in one line. */
import { AtcError, loadConfig, type ResolvedConfig } from 'atc-memory';
import { type AtcCacheOptions, createAtcCache } from 'atc-memory/cache-manager';
import type { NestToken } from './host.js';
import { MEMORY_CONFIG } from './memory-module.js';

/** Options of `createAtcCache`, over those of the configuration, and the one of Nest. */
export interface CacheModuleStoreOptions extends AtcCacheOptions {
  /** Whether every module of the application can inject the cache. Default false. */
  readonly isGlobal?: boolean;
}

/** What `CacheModule.registerAsync` takes. */
export interface CacheModuleAsyncOptions {
  /** As it was asked for. */
  readonly isGlobal: boolean;
  /** The configuration of `MemoryModule`, where the application imports it. */
  readonly inject: NestToken[];
  /** Returns the stores and times of the cache. */
  // biome-ignore lint/suspicious/noExplicitAny: Nest types its stores by the Keyv of its own version
  useFactory(config?: ResolvedConfig): Promise<any>;
}

/**
 * `CacheModule.registerAsync(cacheModuleOptions())`: encoded values in a bounded memory, compressed files in `cacheDir`
 * below, which answer after a restart. What `CACHE_MANAGER` and `CacheInterceptor` get back is what was set: Dates,
 * Maps, typed arrays, NaN. The configuration is that of `MemoryModule`, or the project's. Times are ms.
 */
export function cacheModuleOptions(options: CacheModuleStoreOptions = {}): CacheModuleAsyncOptions {
  if (typeof options !== 'object' || options === null) {
    throw new AtcError('ARGUMENT', 'the options of cacheModuleOptions must be an object');
  }
  const { isGlobal = false, ...cacheOptions } = options;
  return {
    isGlobal,
    inject: [{ token: MEMORY_CONFIG, optional: true }],
    async useFactory(config) {
      const { ttl, refreshThreshold, refreshAllStores, nonBlocking, cacheId } = cacheOptions;
      const given = config ?? (await loadConfig());
      // Off is what the configuration says of marked services; stores that were asked for by name encode by default.
      const useCompression = given.provenance.useCompression?.source === 'default' ? true : given.useCompression;
      const { stores } = createAtcCache({ ...given, useCompression, ...cacheOptions });
      return { stores, ttl, refreshThreshold, refreshAllStores, nonBlocking, cacheId };
    },
  };
}
