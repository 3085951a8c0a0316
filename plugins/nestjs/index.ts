export {
  type CacheModuleAsyncOptions,
  type CacheModuleStoreOptions,
  cacheModuleOptions,
} from './cache-module-options.js';
export type { NestToken } from './host.js';
export type { ServiceTokens } from './memory-application.js';
export {
  MEMORY_CONFIG,
  type MemoryConfig,
  type MemoryDynamicModule,
  MemoryModule,
  type MemoryModuleAsyncOptions,
  type MemoryModuleOptions,
} from './memory-module.js';
