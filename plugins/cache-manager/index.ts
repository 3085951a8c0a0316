export { type AtcCacheOptions, createAtcCache } from './atc-cache.js';
export {
  CompressedFileStore,
  type CompressedFileStoreOptions,
  type CreateKeyvOptions,
  createKeyv,
} from './file-store.js';
export { type MemoryStoreOptions, PackedMemoryStore } from './memory-store.js';
export { type CompressibleCache, withCompression } from './with-compression.js';
