/** Digests. `node:crypto` takes longer to load than any other module of Node, and most processes never digest. */
import type * as Crypto from 'node:crypto';
import { requireNow } from '../require-now.js';

export function createHash(algorithm: 'sha256' | 'md5'): Crypto.Hash {
  return requireNow<typeof Crypto>('node:crypto').createHash(algorithm);
}
