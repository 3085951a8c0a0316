/** Keyv and cache-manager, loaded when they are used: a program that uses one need not install the other. */
import { AtcError } from 'atc-memory';
import type * as CacheManager from 'cache-manager';
import type * as KeyvModule from 'keyv';
import { hostRequire } from './host-module.js';

const PEERS = { keyv: 'Keyv 5 or 6', 'cache-manager': 'cache-manager 7' } as const;
type Peer = keyof typeof PEERS;

/** What createAtcCache needs. UNSUPPORTED names all that is not installed, with one command for it. */
export function cacheManager(): typeof CacheManager {
  requirePeers('createAtcCache', ['keyv', 'cache-manager']);
  return hostRequire('cache-manager') as typeof CacheManager;
}

/** The class Keyv, 5 or 6. UNSUPPORTED where it is not installed. */
export function keyvClass(): typeof KeyvModule.Keyv {
  requirePeers('createKeyv', ['keyv']);
  return (hostRequire('keyv') as typeof KeyvModule).Keyv;
}

function requirePeers(caller: string, peers: readonly Peer[]): void {
  const missing: Peer[] = [];
  let cause: unknown;
  for (const id of peers) {
    try {
      hostRequire(id);
    } catch (error) {
      missing.push(id);
      cause ??= error;
    }
  }
  if (missing.length === 0) return;
  const names = missing.map((id) => PEERS[id]).join(' and ');
  const message = `${caller} needs ${names}, which cannot be loaded from here; npm install ${missing.join(' ')}`;
  throw new AtcError('UNSUPPORTED', message, { cause });
}
