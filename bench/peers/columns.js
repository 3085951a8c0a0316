// What has to be done by hand with columns that lie in memory.
import { COLUMNS } from './folders.js';

/** First row at or after a time. */
export const bisect = (times, ms) => {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < ms) low = middle + 1;
    else high = middle;
  }
  return low;
};
/** Rows of a span of time, as columns. */
export const cutter = (columns) => (from, to) => {
  const [first, end] = [bisect(columns.timestamp, from), bisect(columns.timestamp, to)];
  return COLUMNS.map((column) => columns[column].subarray(first, end));
};
export const rowsOf = (columns) => Array.from(columns.timestamp, (_, k) => COLUMNS.map((column) => columns[column][k]));
