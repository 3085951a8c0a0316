/** `computeAtcSignals` with a cache before it: nothing is computed twice. */
import { AtcError } from 'atc-memory';
import { isFloat64Array } from './closes.js';
import { type AtcParameters, resolveAtcParameters } from './parameters.js';
import { type AtcOptions, type AtcSignals, computeAtcSignals } from './signals.js';
import { ClosesDigest, SignalsCache, type SignalsStore } from './signals-cache.js';

/** As `computeAtcSignals`, and how small the signals are stored. */
export interface CachedAtcOptions extends AtcOptions {
  /** Compression level of what is stored: 0 stores, 9 is the smallest. Default 5. */
  readonly level?: number;
}

/**
 * The signals of `computeAtcSignals`, bit for bit, from the store when they are there; computed and stored otherwise.
 * The key is a digest of all bits of the closes, all parameters and the kernel's version, so an entry never goes stale.
 * A store that fails or holds damage costs the time to compute, and an event (`fallback`, `corrupt`).
 *
 * @throws AtcError ARGUMENT as `computeAtcSignals` does, and for a wrong level.
 */
export async function cachedAtcSignals(
  store: SignalsStore,
  closes: Float64Array,
  parameters?: AtcParameters,
  settings: CachedAtcOptions = {},
): Promise<AtcSignals> {
  if (typeof settings !== 'object' || settings === null) {
    throw new AtcError(
      'ARGUMENT',
      'the options of cachedAtcSignals must be an object, got ' +
        `${settings === null ? 'null' : `a value of type ${typeof settings}`}`,
    );
  }
  const { level, ...options } = settings;
  if (!isFloat64Array(closes)) throw new AtcError('ARGUMENT', 'closes must be a Float64Array');
  const question = { parameters: resolveAtcParameters(parameters), layers: options.layers, kernel: options.kernel };
  const keyNow = () => {
    const digest = new ClosesDigest(closes.length, question);
    digest.update(closes);
    return digest.key();
  };
  const cache = new SignalsCache(store, level);
  const cached = await cache.get(keyNow(), closes.length, options.layers);
  if (cached !== undefined) return cached;
  const signals = computeAtcSignals(closes, parameters, options);
  // The caller may have changed the array while the store was asked: stored under the closes that were computed with.
  await cache.set(keyNow(), signals);
  return signals;
}
