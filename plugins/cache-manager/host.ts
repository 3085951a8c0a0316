/** Keyv and cache-manager, loaded when they are used: a program that uses one need not install the other. */
import { AtcError } from 'atc-memory';
import type * as CacheManager from 'cache-manager';
import type * as KeyvModule from 'keyv';
import { hostRequire } from './host-module.js';

/** UNSUPPORTED where cache-manager is not installed. */
export function cacheManager(): typeof CacheManager {
  return load('cache-manager', 'createAtcCache needs cache-manager 7') as typeof CacheManager;
}

/** The class Keyv, 5 or 6. UNSUPPORTED where it is not installed. */
export function keyvClass(): typeof KeyvModule.Keyv {
  return (load('keyv', 'createKeyv and createAtcCache need Keyv 5 or 6') as typeof KeyvModule).Keyv;
}

function load(id: string, need: string): unknown {
  try {
    return hostRequire(id);
  } catch (cause) {
    throw new AtcError('UNSUPPORTED', `${need}, which cannot be loaded from here; npm install ${id}`, { cause });
  }
}
