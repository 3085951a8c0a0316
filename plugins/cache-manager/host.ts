/** Keyv and cache-manager, loaded when they are used: a program that uses one need not install the other. */
import { AtcError } from 'atc-memory';
import type * as CacheManager from 'cache-manager';
import type * as KeyvModule from 'keyv';
import { hostRequire } from './host-module.js';
import { valueOptions } from './keyv-front.js';

const PEERS = { keyv: 'Keyv 5 or 6', 'cache-manager': 'cache-manager 7' } as const;
type Peer = keyof typeof PEERS;

/** What createAtcCache needs. UNSUPPORTED names all that is not installed, with one command for it. */
export function cacheManager(): typeof CacheManager {
  requirePeers('createAtcCache', ['keyv', 'cache-manager']);
  return hostRequire('cache-manager') as typeof CacheManager;
}

/** A Keyv 5 or 6 that hands over values instead of text. UNSUPPORTED where none is installed. */
export function newKeyv(options: KeyvModule.KeyvOptions): KeyvModule.Keyv {
  requirePeers('createKeyv', ['keyv']);
  const { Keyv } = hostRequire('keyv') as typeof KeyvModule;
  const keyv = new Keyv(valueOptions(options));
  // `@nestjs/cache-manager` knows a Keyv by its `opts`, which 6 has no more, and puts a Keyv of JSON text around
  // others.
  if (!('opts' in keyv)) Object.defineProperty(keyv, 'opts', { value: options, configurable: true, writable: true });
  return keyv;
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
