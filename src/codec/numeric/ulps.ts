/**
 * Ulp corrections: where a decimal misses the stored double by a few units in the last place, the distance of the two
 * bit patterns, zigzag, is a stream of its own, zero almost always.
 */
import { type Arena } from '../../kernels/arena.js';
import { OUT, PLANE_A } from '../../kernels/offsets.js';

/** Largest distance coded as a correction; anything farther is an exception. */
export const MAX_ULPS = 8;

/** Adds the corrections in plane A to the doubles in OUT. */
export function applyUlps({ u32, i64 }: Arena, n: number): void {
  for (let i = 0; i < n; i++) {
    const z = u32[(PLANE_A >> 2) + i];
    if (z !== 0) i64[(OUT >> 3) + i] += BigInt((z >>> 1) ^ -(z & 1));
  }
}
