/** Unsigned residuals on their way to a coder: low words and, for wide columns, high words. */
import { type Arena } from '../../kernels/arena.js';
import type { Kernels } from '../../kernels/kernels.js';
import { PLANE_A, PLANE_BYTES } from '../../kernels/offsets.js';
import { uint32Rows } from './row-pool.js';

export interface Planes {
  readonly low: Uint32Array;
  readonly high: Uint32Array | undefined;
  readonly length: number;
}

/** Room for values, for a caller that fills all of it. */
export function planesOf(length: number, wide: boolean): Planes {
  return { low: uint32Rows(length), high: wide ? uint32Rows(length) : undefined, length };
}

/** Puts values into plane A. */
export function layPlanes({ u32 }: Arena, { low, high }: Planes): void {
  u32.set(low, PLANE_A >> 2);
  if (high !== undefined) u32.set(high, (PLANE_A + PLANE_BYTES) >> 2);
}

/** The n values in plane A of the arena, not copied. */
export function arenaPlanes({ arena }: Kernels, n: number, wide: boolean): Planes {
  const from = PLANE_A >> 2;
  const high = (PLANE_A + PLANE_BYTES) >> 2;
  return {
    low: arena.u32.subarray(from, from + n),
    high: wide ? arena.u32.subarray(high, high + n) : undefined,
    length: n,
  };
}

export function copyPlanes({ low, high, length }: Planes): Planes {
  const copy = planesOf(length, high !== undefined);
  copy.low.set(low);
  if (high !== undefined) copy.high!.set(high);
  return copy;
}
