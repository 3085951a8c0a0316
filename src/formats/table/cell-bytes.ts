/** Small looks at the bytes of a cell. */
import { MAX_EXACT, POWERS_OF_TEN } from './decimal.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A carriage return before the line feed is white space of the last cell. */
export function withoutReturn(bytes: Uint8Array, end: number): number {
  return bytes[end] === LINE_FEED && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}

export function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += String.fromCharCode(bytes[at]);
  return text;
}

/**
 * A plain decimal at `at` into `out[row]`, correctly rounded; returns where it ends. -1 for one that is not plain: too
 * long to be an exact integer and a power of ten, with an exponent, or no number.
 */
export function readDecimal(bytes: Uint8Array, from: number, out: Float64Array, row: number): number {
  let at = from;
  const isNegative = bytes[at] === 45;
  if (isNegative) at += 1;
  const digitsAt = at;
  let digits = 0;
  let byte = bytes[at];
  while (byte >= 48 && byte <= 57) {
    digits = digits * 10 + (byte - 48);
    byte = bytes[++at];
  }
  let count = at - digitsAt;
  let scale = 0;
  if (byte === 46) {
    const fractionAt = ++at;
    byte = bytes[at];
    while (byte >= 48 && byte <= 57) {
      digits = digits * 10 + (byte - 48);
      byte = bytes[++at];
    }
    scale = at - fractionAt;
    count += scale;
  }
  if (count === 0 || !(digits < MAX_EXACT) || scale > 22) return -1;
  const value = digits / POWERS_OF_TEN[scale];
  out[row] = isNegative ? -value : value;
  return at;
}
