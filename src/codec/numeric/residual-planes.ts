/** Unsigned residuals on their way to a coder: low words and, for wide columns, high words. */
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

export function slicePlanes({ low, high }: Planes, from: number, to: number): Planes {
  return { low: low.subarray(from, to), high: high?.subarray(from, to), length: to - from };
}
