/** Small looks at the bytes of a cell. */

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A carriage return before the line feed is white space of the last cell. */
export function withoutReturn(bytes: Uint8Array, end: number): number {
  return bytes[end] === LINE_FEED && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}

/** NaN for anything but two digits. */
export function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 48;
  const ones = bytes[at + 1] - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

export function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += String.fromCharCode(bytes[at]);
  return text;
}
