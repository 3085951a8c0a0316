/** What a caller states about a store that is to be compressed, and the checks of it. */

import { requireKnownOptions } from '../../arguments.js';
import { type CompressionOptions, resolveCompression } from '../../codec/compression-options.js';
import { AtcError, shown } from '../../errors.js';
import { type Carrier, type FeatureMode, requireMode } from '../../feature-mode.js';
import { isObject } from '../override.js';
import { requireMethods, type StoreMethods } from './method-map.js';

/** How a store's values are coded, and what is left to the host. */
export interface WithCompressionOptions extends CompressionOptions {
  /**
   * false wraps nothing; 'verify' compares and stores the original; 'read' decodes entries and stores values plainly.
   * Default true.
   */
  readonly mode?: FeatureMode;
  /**
   * What the store can hold: 'bytes' (a Buffer) or 'text' (base64). Default: known by class for the caches we know,
   * 'text' for any other.
   */
  readonly carrier?: Carrier;
  /** Values that take less than this plainly are stored as the host would have stored them. Default 512. */
  readonly minBytes?: number;
  /**
   * Most memory in bytes that one value may take once it is decoded: a larger one is left to the host when it is set,
   * and a miss with a `corrupt` event when it is read. Default 512 MiB.
   */
  readonly maxValueBytes?: number;
  /** How the store's methods take and hand out values, where they are not `get(key)` and `set(key, value)`. */
  readonly methods?: Partial<StoreMethods>;
  /** What a damaged entry is read as. Default undefined. */
  readonly miss?: unknown;
  /** Options of the host that are handed stored values before they are decoded, and may be: `['dispose']`. */
  readonly acknowledge?: readonly string[];
  /** Name of the service in events. */
  readonly service?: string;
  /**
   * The bytes of damaged entries are cached in `.damaged` below it (100 files, 64 MiB at most). Default '.cache/atc';
   * false: nowhere.
   */
  readonly cacheDir?: string | false;
  /**
   * Called with a damaged entry, besides the `corrupt` event: for hosts with an error event of their own. Must not
   * throw.
   */
  readonly onCorrupt?: (error: unknown, key: unknown) => void;
}

/** A store whose methods have other names: say which with `methods`. */
export interface MappedCompressionOptions extends WithCompressionOptions {
  readonly methods: Partial<StoreMethods>;
}

const OPTIONS = [
  ...['mode', 'level', 'algorithm', 'carrier', 'minBytes', 'methods', 'miss', 'acknowledge'],
  'maxValueBytes',
  ...['service', 'cacheDir', 'onCorrupt'],
];

/**
 * For callers without types. Throws ARGUMENT for what is no store, for an unknown option and for a value that is not
 * allowed.
 */
export function requireSettings(store: unknown, options: WithCompressionOptions): void {
  if (!isObject(store)) {
    throw new AtcError('ARGUMENT', `withCompression needs a store, an object with get and set; got ${shown(store)}`);
  }
  requireKnownOptions(options, OPTIONS, 'withCompression');
  const {
    mode = true,
    carrier,
    minBytes = 0,
    maxValueBytes,
    acknowledge = [],
    service,
    cacheDir,
    onCorrupt,
    methods,
  } = options;
  requireMode(mode);
  resolveCompression(options);
  if (carrier !== undefined && carrier !== 'bytes' && carrier !== 'text') {
    throw new AtcError('ARGUMENT', `carrier is ${shown(carrier)}; allowed: bytes, text`);
  }
  if (typeof minBytes !== 'number' || !(minBytes >= 0)) {
    throw new AtcError('ARGUMENT', `minBytes must be a number from 0 on, got ${shown(minBytes)}`);
  }
  if (maxValueBytes !== undefined && (typeof maxValueBytes !== 'number' || !(maxValueBytes > 0))) {
    throw new AtcError('ARGUMENT', `maxValueBytes must be a number of bytes above 0, got ${shown(maxValueBytes)}`);
  }
  if (!Array.isArray(acknowledge) || acknowledge.some((name) => typeof name !== 'string')) {
    throw new AtcError('ARGUMENT', `acknowledge must be a list of names, got ${shown(acknowledge)}`);
  }
  if (service !== undefined && typeof service !== 'string') {
    throw new AtcError('ARGUMENT', `service must be the name of the service, got ${shown(service)}`);
  }
  if (cacheDir !== undefined && cacheDir !== false && (typeof cacheDir !== 'string' || cacheDir === '')) {
    throw new AtcError('ARGUMENT', `cacheDir must be the path of a directory, or false, got ${shown(cacheDir)}`);
  }
  if (onCorrupt !== undefined && typeof onCorrupt !== 'function') {
    throw new AtcError('ARGUMENT', `onCorrupt must be a function, got ${shown(onCorrupt)}`);
  }
  requireMethods(methods, 'withCompression');
}
