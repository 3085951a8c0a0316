/** What a source answered, checked: rows `[ms, open, high, low, close, volume]` in order of time, each time once. */

import { timeProblem } from '../arguments.js';
import { OHLCV_SHAPE } from '../candle-store/row-shape.js';
import { AtcError, shown } from '../errors.js';
import { isoTime } from './interval.js';

/** Values of a row. */
export const WIDTH = OHLCV_SHAPE.length;
/** A time below is none in ms after 1973, and many times in seconds. */
const LEAST_MS = 1e11;

/** Rows in ascending order, each time once. */
export interface Page {
  /** Rows as they were answered, repeated ones included. */
  readonly answered: number;
  /** Row after row, `WIDTH` values each. */
  readonly values: Float64Array;
}

/** Where a page belongs, for messages. */
export interface PagePlace {
  readonly symbol: string;
  readonly since: number;
  /** Rows that open at or after it do not count: they are open, and may be there in two states. */
  readonly end: number;
}

/**
 * Sorts rows and drops repeated ones. ARGUMENT for what is no list of rows, CORRUPT for a row that cannot be right and
 * for two different candles of one time.
 */
export function pageOf(answer: unknown, place: PagePlace): Page {
  if (!Array.isArray(answer)) {
    const message =
      `${place.symbol}: fetchPage must give a list of rows [ms, open, high, low, close, volume], got ` +
      `${shown(answer)}`;
    throw new AtcError('ARGUMENT', message, { key: 'fetchPage' });
  }
  const values = new Float64Array(answer.length * WIDTH);
  let isAscending = true;
  answer.forEach((row: unknown, i) => {
    readRow(row, i, values, place);
    if (i > 0 && !(values[i * WIDTH] > values[(i - 1) * WIDTH])) isAscending = false;
  });
  return { answered: answer.length, values: isAscending ? values : inOrder(values, place) };
}

function readRow(row: unknown, i: number, values: Float64Array, place: PagePlace): void {
  const wrong = (what: string) =>
    new AtcError('CORRUPT', `${place.symbol}: row ${i} of the page since ${isoTime(place.since)}: ${what}`);
  if (!Array.isArray(row) || row.length < WIDTH - 1 || row.length > WIDTH) {
    const found = Array.isArray(row) ? `a list of ${row.length} values` : shown(row);
    throw wrong(`it must be [ms, open, high, low, close, volume], and is ${found}`);
  }
  const at = i * WIDTH;
  const time: unknown = row[0];
  if (typeof time !== 'number' || !Number.isInteger(time)) {
    throw wrong(`its time is ${shown(time)}; whole UTC ms are needed`);
  }
  const otherUnit = timeProblem(time);
  if (otherUnit !== undefined) throw wrong(otherUnit);
  if (Math.abs(time) < LEAST_MS && place.since > LEAST_MS) {
    throw wrong(`its time is ${time}, which is ${isoTime(time)} in ms; seconds have to be multiplied by 1000`);
  }
  values[at] = time;
  for (let k = 1; k < WIDTH; k++) {
    const value: unknown = row[k];
    if (k === WIDTH - 1 && (value === null || value === undefined)) values[at + k] = Number.NaN;
    else if (typeof value === 'number' && (Number.isFinite(value) || (k === WIDTH - 1 && Number.isNaN(value)))) {
      values[at + k] = value;
    } else {
      const advice = typeof value === 'string' ? '; convert text with Number(...)' : '; leave out rows without a trade';
      throw wrong(`${OHLCV_SHAPE[k]} of ${isoTime(time)} is ${shown(value)}, no number${advice}`);
    }
  }
}

function inOrder(values: Float64Array, place: PagePlace): Float64Array {
  const rows = values.length / WIDTH;
  const order = Array.from({ length: rows }, (_, row) => row * WIDTH).sort((a, b) => values[a] - values[b] || a - b);
  const sorted = new Float64Array(values.length);
  let length = 0;
  for (const at of order) {
    const isRepeated = length > 0 && sorted[length - WIDTH] === values[at];
    if (!isRepeated) {
      sorted.set(values.subarray(at, at + WIDTH), length);
      length += WIDTH;
      continue;
    }
    if (values[at] >= place.end || sameBits(values, at, sorted, length - WIDTH)) continue;
    const what = `two different candles of ${isoTime(values[at])} in the page since ${isoTime(place.since)}`;
    throw new AtcError('CORRUPT', `${place.symbol}: the source answered ${what}`);
  }
  return sorted.slice(0, length);
}

/** Whether two rows are the same candle, bit by bit; volumes that are missing are alike. */
export function sameBits(a: Float64Array, atA: number, b: Float64Array, atB: number): boolean {
  for (let k = 0; k < WIDTH; k++) if (!Object.is(a[atA + k], b[atB + k])) return false;
  return true;
}

/** Rows whose time lies in [from, to), without a copy. */
export function rowsWithin(values: Float64Array, from: number, to: number): Float64Array {
  let start = 0;
  while (start < values.length && values[start] < from) start += WIDTH;
  let end = values.length;
  while (end > start && values[end - WIDTH] >= to) end -= WIDTH;
  return values.subarray(start, end);
}
