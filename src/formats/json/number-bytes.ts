/** Numbers of JSON in bytes. */

const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/** A number that JSON allows: no zero in front, digits on both sides of the point. */
export function isStrict(bytes: Uint8Array, from: number, end: number): boolean {
  const first = bytes[from] === MINUS ? from + 1 : from;
  if (bytes[first] === ZERO && bytes[first + 1] >= ZERO && bytes[first + 1] <= NINE) return false;
  return bytes[first] !== DOT && bytes[end - 1] !== DOT;
}

/** Written as JavaScript would write it. */
export function isShortInteger(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from > 15 || (bytes[from] === ZERO && end - from > 1)) return false;
  for (let at = from; at < end; at += 1) if (!(bytes[at] >= ZERO && bytes[at] <= NINE)) return false;
  return true;
}
