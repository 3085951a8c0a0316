/**
 * Times of the first years after 1970, whose size does not show whether they count seconds or ms: the steps between
 * the first rows do, because no usual interval in seconds is a usual interval in ms as well.
 */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** Intervals of candles, in seconds. */
const INTERVALS = new Set([
  ...[1, 2, 3, 5, 6, 10, 12, 15, 20, 30],
  ...[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 45].map((count) => count * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * HOUR),
  ...[1, 2, 3, 4, 5, 7, 14, 28, 29, 30, 31].map((count) => count * DAY),
]);
/** March 1973: larger numbers show their unit. */
const MAX_SMALL_SECONDS = 1e8;
const MAX_SMALL_MS = 1e11;
const NUMBER = /^[+-]?\d{1,12}(?:\.0*)?$/;

/** The unit of small times by the shortest step between neighbours; undefined where it is no usual interval. */
export function unitOfSteps(texts: readonly string[]): 's' | 'ms' | undefined {
  const times = texts.filter((text) => NUMBER.test(text)).map(Number);
  if (times.length < 2 || Math.abs(times[0]) >= MAX_SMALL_MS) return undefined;
  const steps = times.slice(1).map((time, k) => Math.abs(time - times[k]));
  const shortest = Math.min(...steps.filter((step) => step > 0));
  if (shortest < MINUTE ? looksLikeCalendar(times[0]) : isDate(times[0])) return undefined;
  if (INTERVALS.has(shortest)) return Math.abs(times[0]) < MAX_SMALL_SECONDS ? 's' : undefined;
  return INTERVALS.has(shortest / 1000) ? 'ms' : undefined;
}

/** 20240131: its steps are no lengths of time. */
function isDate(value: number): boolean {
  return isYear(Math.floor(value / 10_000));
}

function isYear(year: number): boolean {
  return year >= 1800 && year <= 2100;
}

/** The day of a spreadsheet, a year, a year and month, a year and day of the year, a date: in small steps no seconds. */
function looksLikeCalendar(value: number): boolean {
  if (value >= 20_000 && value < 80_000) return true;
  if (isYear(value)) return true;
  if (isYear(Math.floor(value / 100)) && value % 100 >= 1 && value % 100 <= 12) return true;
  if (isYear(Math.floor(value / 1000)) && value % 1000 >= 1 && value % 1000 <= 366) return true;
  return isYear(Math.floor(value / 10_000));
}
