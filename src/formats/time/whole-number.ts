/**
 * Whole numbers as times. The unit goes by magnitude, number by number: a file may change over from ms to us. Within
 * the years that prices have (1973 to 2100) the magnitudes of the units do not touch each other; numbers that read as a
 * date are dates, because as seconds, ms or us they would all lie in the seventies.
 */

export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'date';

/**
 * Digits before the point; below 1e8 s (March 1973) a number is an index, a row of a spreadsheet or a daytime, not a
 * time.
 */
const WHOLE = /^([+-]?)0*(\d+)(?:\.(\d+))?$/;
const UNITS = ['s', 'ms', 'us', 'ns'] as const;
const MIN_SECONDS = 1e8;
const MAX_SECONDS = 4_133_980_800; // 2101
/** Days that spreadsheets count since 1900: 1954 to 2119. */
const MIN_SERIAL = 20_000;
const MAX_SERIAL = 80_000;

/** What became of a number. `ms` is NaN where it is no time; `problem` says why. */
export interface WholeTime {
  ms: number;
  unit: TimeUnit;
  problem: string;
}

const result: WholeTime = { ms: Number.NaN, unit: 'ms', problem: '' };

/**
 * Reads digits, with a fraction of seconds or ms where there is one. `truncate` drops what is finer than a ms (for
 * trades). `lastUnit`, that of the time before it, decides for numbers around 1970 that have too few digits to tell.
 * The object is reused by the next call.
 */
export function readWholeTime(text: string, truncate: boolean, lastUnit: TimeUnit | undefined): WholeTime {
  const match = WHOLE.exec(text);
  result.ms = Number.NaN;
  result.problem = '';
  if (match === null) {
    result.problem = /^[+-]?[\d.]+e[+-]?\d+$/i.test(text)
      ? 'its last digits were lost when it was written with an exponent (a spreadsheet does that)'
      : 'it is not a whole number';
    return result;
  }
  const [, sign, digits, fraction = ''] = match;
  const size = digits.length <= 15 ? Number(digits) : Number(digits.slice(0, 15)) * 10 ** (digits.length - 15);
  // A column of ms passes 1976 in numbers that also read as dates of this century.
  const goesOn = lastUnit !== undefined && lastUnit === UNITS[magnitudeDigits(size) / 3];
  if (sign !== '-' && !goesOn && readDigitsAsDate(digits, fraction, lastUnit === 'date')) return result;
  const factor = unitDigits(size, lastUnit);
  if (factor < 0) {
    result.problem = 'no unit (s, ms, us, ns since 1970) makes it a time between 1973 and 2100';
    if (/^(19|20)\d{6}$/.test(digits)) result.problem += '; as a date (YYYYMMDD) there is no such day';
    else if (size >= MIN_SERIAL && size < MAX_SERIAL)
      result.problem += '; the day of a spreadsheet: format its column as dates';
    else result.problem += '; write the times as 2024-01-31T09:30Z or as ms since 1970';
    return result;
  }
  // The digits of a whole number of ms, then what is finer.
  const all =
    factor === 0 ? digits + fraction.slice(0, 3).padEnd(3, '0') : digits.slice(0, digits.length - (factor - 3));
  const finer = factor === 0 ? fraction.slice(3) : digits.slice(digits.length - (factor - 3)) + fraction;
  if (!truncate && /[1-9]/.test(finer)) {
    result.problem = 'it is not a whole number of ms';
    return result;
  }
  const ms = Number(all);
  result.ms = sign === '-' ? -ms : ms;
  result.unit = UNITS[factor / 3];
  return result;
}

/** Decimal digits of the unit below a second: 0 s, 3 ms, 6 us, 9 ns; -1 for none. */
function unitDigits(size: number, lastUnit: TimeUnit | undefined): number {
  const byMagnitude = magnitudeDigits(size);
  if (byMagnitude >= 0) return byMagnitude;
  // Around 1970 only the column as a whole shows the unit: that of the rows so far.
  return { s: 0, ms: 3, us: 6, ns: 9, date: -1 }[lastUnit ?? 'date'];
}

/** The same by the magnitude alone: -1 for a number around 1970 or after 2100. */
function magnitudeDigits(size: number): number {
  for (let digits = 0; digits <= 9; digits += 3) {
    const seconds = size / 10 ** digits;
    if (seconds < MAX_SECONDS) return seconds >= MIN_SECONDS ? digits : -1;
  }
  return -1;
}

/**
 * Whether the digits are settled as a date, or as a fault of one. Ten digits that read as a date and an hour would be
 * seconds from 2030 to 2036 as well: they are refused instead of being guessed. `amongDates`: the time before was one.
 */
function readDigitsAsDate(digits: string, fraction: string, amongDates: boolean): boolean {
  if (readCompactDate(digits, fraction)) return true;
  if (digits.length === 10 && readCompactDate(`${digits}00`, fraction)) {
    const hour = new Date(result.ms).toISOString().slice(0, 13);
    const seconds = new Date(Number(digits) * 1000).toISOString().slice(0, 16);
    result.ms = Number.NaN;
    result.problem = `it reads as the hour ${hour} and as seconds since 1970 (${seconds}); write the minutes as well`;
    return true;
  }
  if (!amongDates || !/^(19|20)\d\d/.test(digits) || ![8, 12, 14, 17].includes(digits.length)) return false;
  result.problem = 'it has the digits of a date, and there is no such day or time of day';
  return true;
}

/**
 * `20240131`, `202401310930`, `20240131093000`, `20240131093000123`; with `.0` behind, as a table of floats writes
 * them.
 */
function readCompactDate(digits: string, fraction: string): boolean {
  const { length } = digits;
  if (length !== 8 && length !== 12 && length !== 14 && length !== 17) return false;
  if (/[1-9]/.test(fraction)) return false;
  const year = Number(digits.slice(0, 4));
  const month = Number(digits.slice(4, 6));
  const day = Number(digits.slice(6, 8));
  const hour = Number(digits.slice(8, 10));
  const minute = Number(digits.slice(10, 12));
  const second = Number(digits.slice(12, 14));
  if (year < 1800 || year > 2100 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  const date = Date.UTC(year, month - 1, day);
  if (day < 1 || new Date(date).getUTCMonth() !== month - 1) return false;
  result.ms = date + ((hour * 60 + minute) * 60 + second) * 1000 + Number(digits.slice(14));
  result.unit = 'date';
  return true;
}
