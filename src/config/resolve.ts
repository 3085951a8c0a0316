/**
 * Puts the layers of a configuration together: options > environment > file > defaults; every value remembers its
 * layer.
 */
import path from 'node:path';
import { AtcError, shown } from '../errors.js';
import { readEnvironment } from './environment.js';
import { type AtcConfig, DEFAULTS, type ServiceConfig } from './keys.js';
import { checkConfig } from './schema.js';

/** Who has set a value, weakest first. */
export type ConfigSource = 'default' | 'file' | 'environment' | 'option';

/** Where a value came from; `place`, its location, is the file or the environment variable. */
export interface Provenance {
  /** The strongest that has set it. */
  readonly source: ConfigSource;
  /** The file, or the environment variable. */
  readonly place?: string;
}

/** A complete configuration. `cacheDir` is absolute. */
export interface ResolvedConfig extends Readonly<Required<AtcConfig>> {
  /** The configuration file that was found. */
  readonly file: string | undefined;
  /** By dotted key, e.g. `services.CandleCache.useCompression`. */
  readonly provenance: Readonly<Record<string, Provenance>>;
}

export interface ConfigLayers {
  /** Directory that relative paths of options, environment and defaults without a file start from. */
  readonly cwd: string;
  readonly file?: { readonly path: string; readonly config: unknown };
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly overrides?: unknown;
}

interface Layer {
  readonly config: AtcConfig;
  readonly directory: string;
  readonly provenanceOf: (key: keyof AtcConfig) => Provenance;
}

/** Checks and merges the layers. Throws CONFIG for the first layer that is wrong. */
export function resolveLayers({ cwd, file, environment = {}, overrides = {} }: ConfigLayers): ResolvedConfig {
  const home = file ? path.dirname(file.path) : cwd;
  const layers: Layer[] = [{ config: DEFAULTS, directory: home, provenanceOf: () => ({ source: 'default' }) }];
  if (file) {
    const provenance: Provenance = { source: 'file', place: file.path };
    const config = checkConfig(file.config, file.path, file.path);
    layers.push({ config, directory: home, provenanceOf: () => provenance });
  }
  const { config, variables } = readEnvironment(environment);
  const fromVariable = (key: keyof AtcConfig): Provenance => ({ source: 'environment', place: variables[key] });
  layers.push({ config, directory: cwd, provenanceOf: fromVariable });
  layers.push({
    config: checkConfig(overrides, 'options'),
    directory: cwd,
    provenanceOf: () => ({ source: 'option' }),
  });
  return merge(layers, file?.path);
}

function merge(layers: readonly Layer[], file: string | undefined): ResolvedConfig {
  const values: Record<string, unknown> = {};
  const services: Record<string, ServiceConfig> = {};
  const atc: Record<string, unknown> = {};
  const provenance: Record<string, Provenance> = {};
  for (const { config, directory, provenanceOf } of layers) {
    for (const [name, value] of Object.entries(config)) {
      if (value === undefined) continue;
      const key = name as keyof AtcConfig;
      const origin = provenanceOf(key);
      if (key === 'services') {
        for (const [service, settings] of Object.entries(value as Record<string, ServiceConfig>)) {
          services[service] ??= {};
          mergeInto(services[service] as Record<string, unknown>, settings, `services.${service}`, provenance, origin);
        }
      } else if (key === 'atc') {
        mergeInto(atc, value as Record<string, unknown>, 'atc', provenance, origin);
      } else {
        values[key] = key === 'cacheDir' ? path.resolve(directory, value as string) : value;
        provenance[key] = origin;
      }
    }
  }
  return { ...(values as unknown as Required<AtcConfig>), services, atc, file, provenance };
}

function mergeInto(
  target: Record<string, unknown>,
  settings: object,
  prefix: string,
  provenance: Record<string, Provenance>,
  origin: Provenance,
): void {
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    target[key] = value;
    provenance[`${prefix}.${key}`] = origin;
  }
}

/** A configuration given in code, completed with the defaults; one that is resolved already is returned as it is. */
export function resolveConfig(config: AtcConfig | ResolvedConfig = {}): ResolvedConfig {
  if (typeof config !== 'object' || config === null) {
    throw new AtcError('ARGUMENT', `the configuration must be an object, got ${shown(config)}`);
  }
  if (typeof (config as { then?: unknown }).then === 'function') {
    throw new AtcError('ARGUMENT', 'the configuration is a promise: write await loadConfig(), or use loadConfigSync()');
  }
  if ('provenance' in config) return config;
  return resolveLayers({ cwd: process.cwd(), overrides: config });
}

/** The settings of one service: its own where it has some, the global ones otherwise. */
export function serviceSettings(config: ResolvedConfig, name: string | undefined): ServiceSettings {
  const own: ServiceConfig =
    (name !== undefined && Object.hasOwn(config.services, name) && config.services[name]) || {};
  return {
    useMemoryMapped: own.useMemoryMapped ?? config.useMemoryMapped,
    useCompression: own.useCompression ?? config.useCompression,
    compressionLevel: own.compressionLevel ?? config.compressionLevel,
    compressionAlgorithm: own.compressionAlgorithm ?? config.compressionAlgorithm,
    mappingBackend: own.mappingBackend ?? config.mappingBackend,
    carrier: own.carrier,
    methods: own.methods,
    inputs: own.inputs,
    ttlMs: own.ttlMs,
    cacheDir: config.cacheDir,
    maxCacheBytes: config.maxCacheBytes,
  };
}

type Features = 'useMemoryMapped' | 'useCompression' | 'compressionLevel' | 'compressionAlgorithm' | 'mappingBackend';

export interface ServiceSettings
  extends Pick<ResolvedConfig, Features | 'cacheDir' | 'maxCacheBytes'>,
    Pick<ServiceConfig, 'carrier' | 'methods' | 'inputs' | 'ttlMs'> {}
