/** The configuration a user writes: its keys, their defaults, and the environment variables that set them. */

import type { CompressionAlgorithm, CompressionLevel } from '../codec/codec.js';
import { type Carrier, DEFAULT_CACHE_DIR, type FeatureMode } from '../feature-mode.js';
import type { MappingBackendName } from '../io/mapping.js';

/** Keys that hold for all services and that a service may set for itself. */
export interface FeatureConfig {
  /** Store history as memory-mapped files. Default false. */
  useMemoryMapped?: FeatureMode;
  /** Compress cache entries and cached history without loss. Default false. */
  useCompression?: FeatureMode;
  /** 0 stores, 1-4 favour speed, 9 is the smallest. Default 5. */
  compressionLevel?: CompressionLevel;
  /** `auto`: the codec for numbers; `lz4` and `zlib`: byte shuffle and that coder. Default 'auto'. */
  compressionAlgorithm?: CompressionAlgorithm;
  /** How files are mapped. Default 'auto': mmap-io, koffi, then plain reading, whichever is there. */
  mappingBackend?: 'auto' | MappingBackendName;
}

/** What one service sets for itself; anything left out follows the global keys, then the service's own mark. */
export interface ServiceConfig extends FeatureConfig {
  /** Default: what the store needs, as far as that can be seen; otherwise 'text'. */
  carrier?: Carrier;
  /** Methods of a history provider whose results are cached. */
  methods?: string[];
  /**
   * Async methods of a history or backtest provider that are given a mapped or packed copy of the history whose path
   * they take.
   */
  inputs?: string[];
  /** How long a cached history result is served, in ms. Default: until its source or version changes. */
  ttlMs?: number;
}

export interface AtcConfig extends FeatureConfig {
  /** Where cached history goes; relative to the configuration file. Default '.cache/atc'. */
  cacheDir?: string;
  /**
   * Most bytes that `cacheDir` may take: what was used longest ago goes, never what is being read. `false`, the
   * default: no bound.
   */
  maxCacheBytes?: number | false;
  /** Overrides by service id: the id of its mark, or the name given to installMemoryOptimizations. */
  services?: Record<string, ServiceConfig>;
  /** Strategy parameters; checked by the strategy. */
  atc?: Record<string, unknown>;
}

export const DEFAULTS = {
  useMemoryMapped: false,
  useCompression: false,
  compressionLevel: 5,
  compressionAlgorithm: 'auto',
  cacheDir: DEFAULT_CACHE_DIR,
  maxCacheBytes: false,
  mappingBackend: 'auto',
  services: {},
  atc: {},
} as const satisfies AtcConfig;

/** Environment variable of each key. `ATC_SERVICES` and `ATC_STRATEGY` hold JSON. */
export const ENVIRONMENT = {
  ATC_USE_MEMORY_MAPPED: 'useMemoryMapped',
  ATC_USE_COMPRESSION: 'useCompression',
  ATC_COMPRESSION_LEVEL: 'compressionLevel',
  ATC_COMPRESSION_ALGORITHM: 'compressionAlgorithm',
  ATC_CACHE_DIR: 'cacheDir',
  ATC_MAX_CACHE_BYTES: 'maxCacheBytes',
  ATC_MAPPING_BACKEND: 'mappingBackend',
  ATC_SERVICES: 'services',
  ATC_STRATEGY: 'atc',
} as const satisfies Record<string, keyof AtcConfig>;

/** Types `atc.config.ts`; returns its argument. */
export function defineConfig(config: AtcConfig): AtcConfig {
  return config;
}
