/**
 * From a configuration and a service to the service with its features on: what containers do on activation, and anyone
 * by hand.
 */

import type { AtcConfig } from '../config/keys.js';
import { type ResolvedConfig, resolveConfig, type ServiceSettings, serviceSettings } from '../config/resolve.js';
import { AtcError, shown } from '../errors.js';
import type { FeatureMode } from '../feature-mode.js';
import { countEvents } from './event-counters.js';
import { type Marks, markedName, marksOf } from './mark-registry.js';
import { isObject } from './override.js';
import { isMemoryMapped, withMemoryMapping } from './results/with-memory-mapping.js';
import type { CacheStore } from './stores/cache-store.js';
import { isCompressed, withCompression } from './stores/with-compression.js';
import { noteWrapping, rememberClass } from './wrapping.js';

export interface ServiceFeatures {
  readonly name: string;
  readonly compression: FeatureMode;
  readonly mapping: FeatureMode;
  readonly settings: ServiceSettings;
  readonly marks: Marks;
}

/**
 * Which features a service gets. The global keys are for what is marked, or named by the caller and has `get` and
 * `set`; a mapping that has no mark has to be asked for by the service's own key, because only a mark or its `ttlMs`
 * defines what is fresh.
 */
export function featuresOf(service: object, config: ResolvedConfig, name?: string): ServiceFeatures {
  const marks = marksOf(service);
  const named = name ?? markedName(typeof service === 'function' ? service : service.constructor);
  const settings = serviceSettings(config, named);
  const own = Object.hasOwn(config.services, named) ? config.services[named] : {};
  const isStore = name !== undefined && marks.memoryMapped === undefined && canStore(service);
  const isCompressible = marks.compressed !== undefined || own.useCompression !== undefined || isStore;
  const isMappable = marks.memoryMapped !== undefined || own.useMemoryMapped !== undefined;
  // On a provider, compression says how its results are cached; only a store of values is compressed by itself.
  const compressesValues = isCompressible && (marks.compressed !== undefined || !isMappable || canStore(service));
  return {
    name: named,
    compression: compressesValues ? settings.useCompression : false,
    mapping: isMappable ? settings.useMemoryMapped : false,
    settings,
    marks,
  };
}

function canStore(service: object): boolean {
  const { get, set } = service as { get?: unknown; set?: unknown };
  return typeof get === 'function' && typeof set === 'function';
}

/**
 * Gives `service` the features that the configuration switches on for it, and returns it: always the same object, and
 * with everything off nothing is touched. `name` is its key in `services`; default: its mark's id or its class name.
 * Throws UNSUPPORTED for a service that cannot be wrapped, ARGUMENT or CONFIG for settings that are wrong.
 */
export function applyFeatures<Service extends object>(
  service: Service,
  config: AtcConfig | ResolvedConfig,
  name?: string,
): Service {
  if (!isObject(service)) {
    throw new AtcError('ARGUMENT', `applyFeatures needs a service, an object with methods; got ${shown(service)}`);
  }
  if (name !== undefined && typeof name !== 'string') {
    throw new AtcError('ARGUMENT', `the name of a service must be text, got ${shown(name)}`);
  }
  const resolved = resolveConfig(config);
  noteWrapping(resolved);
  return wrapService(service, featuresOf(service, resolved, name));
}

/** Wraps `service` as `features` asks, and returns it. */
export function wrapService<Service extends object>(service: Service, features: ServiceFeatures): Service {
  const { name, compression, mapping, settings, marks } = features;
  const { compressionLevel: level, compressionAlgorithm: algorithm, cacheDir } = settings;
  if (mapping !== false || compression !== false) countEvents(cacheDir, name);
  if (mapping !== false) {
    const { id: _, ...marked } = marks.memoryMapped ?? {};
    const overrides = {
      ...(settings.methods && { methods: settings.methods }),
      ...(settings.inputs && { inputs: settings.inputs }),
      ...(settings.ttlMs && { ttlMs: settings.ttlMs }),
    };
    // While both are tried out, the copy is packed: it tries the codec too.
    const packed = settings.useCompression === true || (settings.useCompression === 'verify' && mapping === 'verify');
    const { maxCacheBytes, mappingBackend: backend } = settings;
    withMemoryMapping(service, {
      ...marked,
      ...overrides,
      service: name,
      mode: mapping,
      level,
      algorithm,
      packed,
      cacheDir,
      maxCacheBytes,
      backend,
    });
  }
  if (compression !== false) {
    const { id: _, ...marked } = marks.compressed ?? {};
    const carrier = settings.carrier ?? marked.carrier;
    // Checked when it is wrapped: a store without get and set needs a method map, or is refused.
    const store = service as Service & CacheStore;
    withCompression(store, { ...marked, mode: compression, level, algorithm, carrier, service: name, cacheDir });
  }
  rememberClass(service);
  return service;
}

/** True when everything that should be on is on. */
export function isWrapped(service: object, { compression, mapping }: ServiceFeatures): boolean {
  return (compression === false || isCompressed(service)) && (mapping === false || isMemoryMapped(service));
}
