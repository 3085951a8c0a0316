export { decodeValue, encodeValue } from './cache/value-frame.js';
export {
  type AtcConfig,
  type Carrier,
  defineConfig,
  type FeatureConfig,
  type FeatureMode,
  type ServiceConfig,
} from './config/keys.js';
export { type LoadConfigOptions, loadConfig, loadConfigSync } from './config/load.js';
export type { ConfigSource, Provenance, ResolvedConfig } from './config/resolve.js';
export type { Columns, Dtype, TypedArray } from './dtype.js';
export { AtcError, type AtcErrorCode, isAtcError } from './errors.js';
export { MEMORY_EVENTS, type MemoryEventName, type MemoryEvents, onMemoryEvent } from './events.js';
