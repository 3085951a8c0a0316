/** Unsigned residuals on their way to a coder: low words and, for wide columns, high words. */
import { PLANE_A, PLANE_BYTES } from '../../kernels/arena.js';
import type { Kernels } from '../../kernels/kernels.js';

export interface Planes {
  readonly low: Uint32Array;
  readonly high: Uint32Array | undefined;
  readonly length: number;
}

export function planesOf(length: number, wide: boolean): Planes {
  return { low: new Uint32Array(length), high: wide ? new Uint32Array(length) : undefined, length };
}

/** Bits of value i: 0 for 0. */
export function bitLength({ low, high }: Planes, i: number): number {
  if (high !== undefined && high[i] !== 0) return 64 - Math.clz32(high[i]);
  return 32 - Math.clz32(low[i]);
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
  return { low: low.slice(), high: high?.slice(), length };
}
