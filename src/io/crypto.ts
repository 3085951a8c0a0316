/** Digests and random names. `node:crypto` takes longer to load than any other module of Node, and most processes never digest. */
import type * as Crypto from 'node:crypto';
import { requireNow } from '../require-now.js';

export function createHash(algorithm: 'sha256' | 'md5'): Crypto.Hash {
  return requireNow<typeof Crypto>('node:crypto').createHash(algorithm);
}

export function randomBytes(count: number): Buffer {
  return requireNow<typeof Crypto>('node:crypto').randomBytes(count);
}
