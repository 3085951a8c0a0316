/** Entry point `atc-memory/inversify`. */
import { provideNativeCompression } from '../codec/natives.js';
import { loadNativeCompression } from '../io/native-compression.js';

export { applyFeatures } from './apply-features.js';
export { installMemoryOptimizations, type MemoryOptimizations, memoryModule } from './container.js';
export type { ActivatingContainer, ServiceId, ServiceIds } from './installation.js';
export {
  type ClassMark,
  Compressed,
  type CompressedMethodsOptions,
  type CompressedOptions,
  type MarkableClass,
  MemoryMapped,
  type MemoryMappedOptions,
} from './marks.js';

// As the main entry point does: this one may be the only one that is imported.
provideNativeCompression(loadNativeCompression);
