import { AtcError, shown } from './errors.js';

/**
 * How far a feature is on. `false`: the very same object, untouched. `'read'`: what was written compressed or mapped is
 * still read, nothing new is written: the way back. `'verify'`: everything is encoded, decoded and compared, the
 * original is stored and served. `true`: on.
 */
export type FeatureMode = false | 'read' | 'verify' | true;

const MODES: readonly FeatureMode[] = [false, 'read', 'verify', true];

/** For callers without types: a mode that is misspelt must not count as on. Throws ARGUMENT. */
export function requireMode(mode: FeatureMode): void {
  if (MODES.includes(mode)) return;
  throw new AtcError('ARGUMENT', `mode is ${shown(mode)}; allowed: false, "read", "verify", true`);
}

/**
 * `bytes`: a Buffer, which stores clone better than a Uint8Array. `text`: `atc-memory:1:` and base64, a third larger.
 */
export type Carrier = 'bytes' | 'text';

/** Where copies of history, cached results and damaged bytes go unless a caller names another directory. */
export const DEFAULT_CACHE_DIR = '.cache/atc';
