/** Numbers as text: the shortest decimal that gives back the same double. */

/** Below this an exponent is shorter and read as easily. */
const LEAST_PLAIN = 1e-4;

/**
 * Plain decimals, with an exponent of two digits below 0.0001 (`9.4e-05`, as Python writes it) and from 1e21 on; `-0`
 * keeps its sign. NaN and infinities are the caller's business.
 */
export function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (value < LEAST_PLAIN && value > -LEAST_PLAIN) return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
  return String(value);
}
