/** cache-manager, loaded when it is used: stores and `createKeyv` need Keyv alone. */
import { AtcError } from 'atc-memory';
import type * as CacheManager from 'cache-manager';
import { hostRequire } from './host-module.js';

export function cacheManager(): typeof CacheManager {
  try {
    return hostRequire('cache-manager') as typeof CacheManager;
  } catch (cause) {
    const message = 'createAtcCache needs cache-manager 7, which cannot be loaded from here; npm install cache-manager';
    throw new AtcError('UNSUPPORTED', message, { cause });
  }
}
