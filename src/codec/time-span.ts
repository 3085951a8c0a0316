import type { TypedArray } from '../dtype.js';

/**
 * The smallest and largest of one block's timestamps, and whether they never decrease. NaN anywhere: NaN, NaN, false.
 */
export interface TimeSpan {
  readonly min: number | bigint;
  readonly max: number | bigint;
  readonly ascending: boolean;
}

/** `timestamps` has at least one element. */
export function timeSpan(timestamps: TypedArray): TimeSpan {
  let min = timestamps[0];
  let max = min;
  let previous = min;
  let ascending = true;
  for (let i = 0; i < timestamps.length; i++) {
    const value = timestamps[i];
    if (Number.isNaN(value)) return { min: Number.NaN, max: Number.NaN, ascending: false };
    if (value < previous) ascending = false;
    if (value < min) min = value;
    if (value > max) max = value;
    previous = value;
  }
  return { min, max, ascending };
}
