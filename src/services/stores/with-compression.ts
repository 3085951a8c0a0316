/** Wrapping a store that belongs to someone else: methods overridden on the instance, so that `#private` and `this` keep working. */
import type { CompressionOptions } from '../../codec/compression-options.js';
import { resolveCompression } from '../../codec/compression-options.js';
import { AtcError } from '../../errors.js';
import type { Carrier } from '../../feature-mode.js';
import { type FeatureMode, requireMode } from '../../feature-mode.js';
import type { EntryCodec } from './entry-codec.js';
import { knownSeams, type Seam } from './known-stores.js';
import { codecFor, planSeam } from './seam-plans.js';
import type { CacheStore } from './store.js';
import { PLAIN_METHODS, READ_SHAPES, type StoreMethods } from './store-methods.js';

/** How a store's values are coded, and what is left to the host. */
export interface WithCompressionOptions extends CompressionOptions {
  /** false wraps nothing; 'verify' compares and stores the original; 'read' decodes entries and stores values plainly. Default true. */
  readonly mode?: FeatureMode;
  /** What the store can hold: 'bytes' (a Buffer) or 'text' (base64). Default: known by class for the caches we know, 'text' for any other. */
  readonly carrier?: Carrier;
  /** Values that take less than this plainly are stored as the host would have stored them. Default 512. */
  readonly minBytes?: number;
  /** How the store's methods take and hand out values, where they are not `get(key)` and `set(key, value)`. */
  readonly methods?: Partial<StoreMethods>;
  /** What a damaged entry is read as. Default undefined. */
  readonly miss?: unknown;
  /** Options of the host that are handed stored values before they are decoded, and may be: `['dispose']`. */
  readonly acknowledge?: readonly string[];
  /** Name of the service in events. */
  readonly service?: string;
  /** The bytes of damaged entries are kept in `.damaged` below it (100 files, 64 MiB at most). Default '.cache/atc'; false: nowhere. */
  readonly cacheDir?: string | false;
  /** Told about a damaged entry, besides the `corrupt` event: for hosts with an error event of their own. Must not throw. */
  readonly onCorrupt?: (error: unknown, key: unknown) => void;
}

/** A store whose methods have other names: say which with `methods`. */
export interface MappedCompressionOptions extends WithCompressionOptions {
  readonly methods: Partial<StoreMethods>;
}

/** On the process's own object, so that two copies of the package know each other's stores. */
const WRAPPED = Symbol.for('atc-memory/wrapped-stores');
const registry = globalThis as { [WRAPPED]?: WeakMap<object, EntryCodec> };

function wrapped(): WeakMap<object, EntryCodec> {
  return (registry[WRAPPED] ??= new WeakMap());
}

/** True for a store that withCompression of any copy of this package has wrapped. */
export function isCompressed(store: object): boolean {
  return wrapped().has(store);
}

/**
 * Makes `store` keep its values compressed, and returns it: the same object, its class and private fields untouched. Entries
 * written before stay readable; wrapping twice changes nothing; mode `false` does nothing at all. Damaged entries are misses
 * and an event. Throws UNSUPPORTED, before anything is changed, for what cannot be wrapped safely: frozen or sealed stores,
 * missing methods, methods that would hand out entries undecoded; ARGUMENT for an option with a value that is not allowed.
 */
export function withCompression<Store extends Pick<CacheStore, 'get' | 'set'>>(
  store: Store,
  options?: WithCompressionOptions,
): Store;
export function withCompression<Store extends object>(store: Store, options: MappedCompressionOptions): Store;
export function withCompression<Store extends object>(store: Store, options: WithCompressionOptions = {}): Store {
  const { mode = true } = options;
  requireMode(mode);
  if (mode === false || isCompressed(store)) return store;
  resolveCompression(options);
  requireStorage(options);
  requireShapes(options.methods);
  const known = options.methods ? [] : knownSeams(store);
  const seams = known.length > 0 ? known : [plainSeam(store, options.methods)];
  const plans = seams.filter((seam) => !isCompressed(seam.store)).map((seam) => planSeam(seam, options));
  for (const { store: target, codec, apply } of plans) {
    apply();
    wrapped().set(target, codec);
  }
  // A facade counts as wrapped when the stores below it are.
  if (!isCompressed(store)) wrapped().set(store, codecFor(options, 'text'));
  return store;
}

function requireStorage({ carrier, minBytes = 0 }: WithCompressionOptions): void {
  if (carrier !== undefined && carrier !== 'bytes' && carrier !== 'text') {
    throw new AtcError('ARGUMENT', `carrier is ${String(carrier)}; allowed: bytes, text`);
  }
  if (typeof minBytes !== 'number' || !(minBytes >= 0)) {
    throw new AtcError('ARGUMENT', `minBytes must be a number from 0 on, got ${String(minBytes)}`);
  }
}

/** A shape that nothing is known of would hand out nothing: every value lost without a word. */
function requireShapes({ reads = {} }: Partial<StoreMethods> = {}): void {
  for (const name of Reflect.ownKeys(reads)) {
    if (READ_SHAPES.includes(reads[name])) continue;
    const message = `methods.reads.${String(name)} is ${String(reads[name])}; allowed: ${READ_SHAPES.join(', ')}`;
    throw new AtcError('ARGUMENT', message);
  }
}

function plainSeam(store: object, methods: Partial<StoreMethods> | undefined): Seam {
  return { kind: 'methods', store, methods: { ...PLAIN_METHODS, ...methods }, carrier: 'text', isKnown: false };
}
