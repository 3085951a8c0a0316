/** Timestamps as whole numbers of a unit. */
import { createArray, type TypedArray } from '../../dtype.js';

/** UTC ms as counts of the unit; of µs the nearest one, as a fraction of a ms is rounded itself. */
export function timeCounts(times: TypedArray, unit: 'ms' | 'us'): BigInt64Array {
  const counts = createArray('int64', times.length);
  for (let row = 0; row < times.length; row += 1) {
    const ms = times[row];
    const whole = Math.floor(Number(ms));
    if (unit === 'ms') counts[row] = BigInt(ms);
    else counts[row] = BigInt(whole) * 1000n + BigInt(Math.round((Number(ms) - whole) * 1000));
  }
  return counts;
}
