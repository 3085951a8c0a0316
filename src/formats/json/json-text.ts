/**
 * JSON as programs write it -> values: `NaN` of Python is a missing number, integers beyond 2^53 keep their digits as
 * text, and so do infinities, which are refused where they are read as numbers.
 */

const LONG_INTEGER = /([:,[]\s*)(-?\d{16,})(?=\s*[,\]}])/g;
const NOT_JSON = /([:,[]\s*)(?:NaN|nan|None)(?=\s*[,\]}])/g;
const INFINITE = /([:,[]\s*)(-?Infinity)(?=\s*[,\]}])/g;

/** Throws a SyntaxError for what is no JSON either way. */
export function parseJson(text: string): unknown {
  const whole = text.search(LONG_INTEGER) >= 0 ? text.replace(LONG_INTEGER, '$1"$2"') : text;
  try {
    return JSON.parse(whole);
  } catch {
    return JSON.parse(whole.replace(NOT_JSON, '$1null').replace(INFINITE, '$1"$2"'));
  }
}
