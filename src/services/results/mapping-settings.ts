/** What a caller states about a provider whose results or inputs are to be cached as files, and the checks of it. */

import { requireKnownOptions } from '../../arguments.js';
import { type CompressionOptions, resolveCompression } from '../../codec/compression-options.js';
import type { StampOptions } from '../../dataset/source-stamps.js';
import { AtcError, shown } from '../../errors.js';
import { type FeatureMode, requireMode } from '../../feature-mode.js';
import type { ImportOptions } from '../../formats/options.js';
import type { MappingBackendChoice } from '../../io/select-backend.js';
import { isObject } from '../override.js';

/** What a method was called with. */
export type Arguments = readonly unknown[];

/** What makes a cached result old: time, a version that the service returns, or changed files. */
export interface FreshnessOptions extends StampOptions {
  /** A result older than this is rebuilt, in ms. `Infinity` for history that never changes. */
  readonly ttlMs?: number;
  /** Another answer than the last time makes the result stale. */
  readonly version?: (args: Arguments, method: string) => string | number | bigint;
  /**
   * The files or datasets a result is read from: it is stale when one of them changes (size, times in ns, inode,
   * digests).
   */
  readonly source?: (args: Arguments, method: string) => string | readonly string[];
}

/** What is cached of a service's methods, where, and for how long. */
export interface WithMemoryMappingOptions extends FreshnessOptions, CompressionOptions {
  /** Name of the service: results are cached under it. Two providers that answer differently need two names. */
  readonly service: string;
  /**
   * false wraps nothing; 'verify' caches, compares and serves the provider's; 'read' serves what is cached and caches
   * nothing new. Default true.
   */
  readonly mode?: FeatureMode;
  /** Methods whose results are cached. Default `['load']`, or none when there are `inputs`. */
  readonly methods?: readonly string[];
  /**
   * Async methods whose first argument is the path of a history, or a list of paths: they are given the directory of a
   * mapped or packed copy of it instead, a dataset. For a `BacktestProvider`: `['run']`.
   */
  readonly inputs?: readonly string[];
  /** How files among the `inputs` are read, where they do not say it: preset, zone, columns. */
  readonly inputOptions?: ImportOptions;
  /** What identifies a result. Default: the arguments themselves. */
  readonly key?: (args: Arguments, method: string) => string;
  /** Directory that cached results lie in, under `history`. Default '.cache/atc'. */
  readonly cacheDir?: string;
  /** Bound on the whole of `cacheDir`: what was used longest ago goes. Default false: none. */
  readonly maxCacheBytes?: number | false;
  /** What maps the cached files. Default 'auto': the first module that loads, reading where none does. */
  readonly backend?: MappingBackendChoice;
  /** Store packed frames instead of .npy files: smaller, decoded into the heap. Default false. */
  readonly packed?: boolean;
}

const OPTIONS = [
  ...['service', 'mode', 'methods', 'inputs', 'inputOptions', 'key', 'cacheDir', 'maxCacheBytes', 'backend', 'packed'],
  ...['level', 'algorithm', 'ttlMs', 'version', 'source', 'fullHash'],
];
const BACKENDS: readonly unknown[] = ['auto', 'mmap-io', 'koffi', 'read'];

/**
 * For callers without types. Throws ARGUMENT for what is no provider, for an unknown option and for a value that is not
 * allowed.
 */
export function requireSettings(provider: unknown, options: WithMemoryMappingOptions): void {
  if (!isObject(provider)) {
    throw new AtcError(
      'ARGUMENT',
      `withMemoryMapping needs a provider, an object with methods; got ${shown(provider)}`,
    );
  }
  requireKnownOptions(options, OPTIONS, 'withMemoryMapping');
  const { mode = true, service } = options ?? {};
  requireMode(mode);
  if (typeof service !== 'string' || service === '') {
    const advice = 'results are stored under it, and two providers without one would get each other’s';
    throw new AtcError('ARGUMENT', `withMemoryMapping needs the name of the service; ${advice}`);
  }
  resolveCompression(options);
  const wrong = (name: string, allowed: string, value: unknown) =>
    new AtcError('ARGUMENT', `${service}: ${name} must be ${allowed}, got ${shown(value)}`);
  for (const name of ['methods', 'inputs'] as const) {
    const list: unknown = options[name];
    const isList = Array.isArray(list) && list.every((item) => typeof item === 'string');
    if (list !== undefined && !isList) throw wrong(name, 'a list of method names', list);
  }
  for (const name of ['key', 'version', 'source'] as const) {
    const hook: unknown = options[name];
    if (hook !== undefined && typeof hook !== 'function') throw wrong(name, 'a function of the arguments', hook);
  }
  for (const name of ['packed', 'fullHash'] as const) {
    const flag: unknown = options[name];
    if (flag !== undefined && typeof flag !== 'boolean') throw wrong(name, 'true or false', flag);
  }
  const { cacheDir, maxCacheBytes = false, backend = 'auto', ttlMs } = options;
  if (cacheDir !== undefined && (typeof cacheDir !== 'string' || cacheDir === '')) {
    throw wrong('cacheDir', 'the path of a directory', cacheDir);
  }
  if (maxCacheBytes !== false && !isPositive(maxCacheBytes)) {
    throw wrong('maxCacheBytes', 'a number of bytes above 0, or false', maxCacheBytes);
  }
  if (!BACKENDS.includes(backend)) throw wrong('backend', 'auto, mmap-io, koffi or read', backend);
  if (ttlMs !== undefined && !isPositive(ttlMs)) throw wrong('ttlMs', 'a number of ms above 0', ttlMs);
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

/** Throws ARGUMENT when nothing says how long a result is good. */
export function requireFreshness({ service, ttlMs, version, source }: WithMemoryMappingOptions): void {
  if (ttlMs !== undefined || version !== undefined || source !== undefined) return;
  const advice = 'give source (files), version(args), or ttlMs (Infinity for history that never changes)';
  throw new AtcError('ARGUMENT', `${service}: nothing says how long a cached result is good; ${advice}`);
}
