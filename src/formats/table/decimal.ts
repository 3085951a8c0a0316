/**
 * Decimals in bytes -> doubles, rounded correctly, as Number() does. Below 2^53 the digits are an exact integer (2^53
 * itself may be a rounded 2^53 + 1), and so is the power of ten up to 10^22: one division of two exact doubles is
 * rounded once, which is what correct rounding means (W. D. Clinger, 1990). Whatever is longer is left to Number()
 * itself.
 */

/** Exact doubles, and the bound below which an integer read digit by digit is exact. */
export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
export const MAX_EXACT = 2 ** 53;

const MISSING = new Set(['', 'nan', 'null', 'na', 'n/a']);

/** A decimal number, NaN for a missing value, undefined for anything else (hexadecimal and `Infinity` included). */
export function parseNumber(text: string): number | undefined {
  const value = Number(text);
  if (value !== 0 && Number.isFinite(value)) {
    // White space around it is nothing, also not a way for what follows.
    if (text.charCodeAt(0) <= 32) return parseNumber(text.trim());
    const second = text.charCodeAt(1) | 0x20;
    // 0x, 0b, 0o: numbers to JavaScript, a typing error in a price.
    return second === 120 || (second === 98 && text[0] === '0') || (second === 111 && text[0] === '0')
      ? undefined
      : value;
  }
  const trimmed = text.trim().toLowerCase();
  if (MISSING.has(trimmed)) return Number.NaN;
  return value === 0 && !/[xbo]/.test(trimmed) ? value : undefined;
}
