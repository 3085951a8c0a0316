/**
 * Wrapping a store that belongs to someone else: methods overridden on the instance, so that `#private` and `this` keep
 * working.
 */

import { rememberClass } from '../wrapping.js';
import type { CacheStore } from './cache-store.js';
import { type MappedCompressionOptions, requireSettings, type WithCompressionOptions } from './compression-settings.js';
import type { EntryCodec } from './entry-codec.js';
import { knownSeams, type Seam } from './known-stores.js';
import { PLAIN_METHODS, type StoreMethods } from './method-map.js';
import { codecFor, planSeam } from './seam-plans.js';

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
 * Makes `store` store its values compressed, and returns it: the same object, its class and private fields untouched.
 * Entries written before stay readable; wrapping twice changes nothing; mode `false` does nothing at all. Damaged
 * entries are misses and an event. Throws UNSUPPORTED, before anything is changed, for what cannot be wrapped safely:
 * frozen or sealed stores, missing methods, methods that would hand out entries undecoded; ARGUMENT for an option with
 * a value that is not allowed.
 */
export function withCompression<Store extends Pick<CacheStore, 'get' | 'set'>>(
  store: Store,
  options?: WithCompressionOptions,
): Store;
export function withCompression<Store extends object>(store: Store, options: MappedCompressionOptions): Store;
export function withCompression<Store extends object>(store: Store, options: WithCompressionOptions = {}): Store {
  requireSettings(store, options);
  const { mode = true } = options;
  if (mode === false || isCompressed(store)) return store;
  const known = options.methods ? [] : knownSeams(store);
  const seams = known.length > 0 ? known : [plainSeam(store, options.methods)];
  const plans = seams.filter((seam) => !isCompressed(seam.store)).map((seam) => planSeam(seam, options));
  for (const { store: target, codec, apply } of plans) {
    apply();
    wrapped().set(target, codec);
  }
  // A facade counts as wrapped when the stores below it are.
  if (!isCompressed(store)) wrapped().set(store, codecFor(options, 'text'));
  rememberClass(store);
  return store;
}

function plainSeam(store: object, methods: Partial<StoreMethods> | undefined): Seam {
  return { kind: 'methods', store, methods: { ...PLAIN_METHODS, ...methods }, carrier: 'text', isKnown: false };
}
