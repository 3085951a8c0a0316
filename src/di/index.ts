/** Entry point `atc-memory/inversify`. */
export { applyFeatures } from './apply-features.js';
export {
  type ActivatingContainer,
  installMemoryOptimizations,
  type MemoryOptimizations,
  memoryModule,
  type ServiceId,
  type ServiceIds,
} from './container.js';
export {
  Compressed,
  type CompressedMethodsOptions,
  type CompressedOptions,
  MemoryMapped,
  type MemoryMappedOptions,
} from './marks.js';
