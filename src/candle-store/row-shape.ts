/**
 * Candles as rows of numbers. A candle whose own properties are all numbers is a row of its shape (the names, in their
 * order), so that a source with further columns, or another order, reads back what it wrote. Anything else is stored as
 * a JSON document.
 */

/** A candle as stored: `timestamp` (UTC ms of its open) and whatever else its source gives. */
export type StoredCandle = {
  /** UTC ms of the candle's open; a finite number. */
  timestamp: number;
} & Record<string, unknown>;

/** Names of a row's values, in the order of the candle's properties. */
export type RowShape = readonly string[];

/** What nearly every source gives. Rows of this shape need no names on disk. */
export const OHLCV_SHAPE: RowShape = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

/**
 * A candle with more columns is stored as a document: as JSON in a journal record the names fit 64 KiB, whatever they
 * consist of.
 */
const MAX_COLUMNS = 64;
const MAX_NAME_LENGTH = 128;

export function shapeId(shape: RowShape): string {
  return shape === OHLCV_SHAPE ? '' : JSON.stringify(shape);
}

/** The shape of a candle, or undefined when it does not consist of numbers alone. */
export function shapeOf(candle: object): RowShape | undefined {
  const names = Object.keys(candle);
  if (names.length === OHLCV_SHAPE.length && names.every((name, i) => name === OHLCV_SHAPE[i])) {
    return allNumbers(candle, names) ? OHLCV_SHAPE : undefined;
  }
  return isShape(names) && allNumbers(candle, names) ? names : undefined;
}

/** True for names that can be those of a row: also the check of what is read from a file. */
export function isShape(names: unknown): names is RowShape {
  if (!Array.isArray(names) || names.length > MAX_COLUMNS || !names.includes('timestamp')) return false;
  const usable = (name: unknown) =>
    typeof name === 'string' && name !== '' && name !== '__proto__' && name.length <= MAX_NAME_LENGTH;
  return names.every(usable) && new Set(names).size === names.length;
}

/** The shape with those names, as the one constant object where it is the usual one. */
export function internShape(names: RowShape): RowShape {
  return names.length === OHLCV_SHAPE.length && names.every((name, i) => name === OHLCV_SHAPE[i]) ? OHLCV_SHAPE : names;
}

function allNumbers(candle: object, names: readonly string[]): boolean {
  for (const name of names) if (typeof (candle as Record<string, unknown>)[name] !== 'number') return false;
  return true;
}
