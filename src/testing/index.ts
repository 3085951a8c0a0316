/** Entry point `atc-memory/testing`. */
import { provideNativeCompression } from '../codec/natives.js';
import { loadNativeCompression } from '../io/native-compression.js';

export type { SuiteRunner } from './runner.js';
export type {
  CacheStoreCalls,
  CacheStoreContext,
  CacheStoreFactory,
  CacheStoreSuiteOptions,
} from './subject.js';
export { cacheStoreSuite } from './suite.js';

// As the main entry point does: this one may be the only one that is imported.
provideNativeCompression(loadNativeCompression);
