/**
 * Columns as a columnar file has them, converted by the types that the file itself declares: numbers are float64
 * (exactly, or refused), times are UTC ms, text is text. What the columns mean for a candle is decided behind this.
 */
import { dtypeOf } from '../dtype.js';
import { AtcError } from '../errors.js';

/** One column of a batch; all columns of a batch have the same length. */
export type CellColumn = NumberColumn | TimeColumn | TextColumn;

export interface NumberColumn {
  readonly kind: 'number';
  readonly title: string;
  /** NaN for a missing value. */
  readonly values: Float64Array;
}

export interface TimeColumn {
  readonly kind: 'time';
  readonly title: string;
  /** UTC ms (of `local` and `date`: as if the clock of the zone were UTC's); NaN for a missing time. */
  readonly values: Float64Array;
  /** `utc`: the file says so; `local`: a time of day without a zone; `date`: a day. */
  readonly clock: 'utc' | 'local' | 'date';
  /** As the file stores it, for the line of what was understood. */
  readonly unit: TimeUnit;
}

export interface TextColumn {
  readonly kind: 'text';
  readonly title: string;
  /** null for a missing text. */
  readonly values: readonly (string | null)[];
}

export interface CellBatch {
  /** Index of its first row in the file. */
  readonly firstRow: number;
  readonly rows: number;
  readonly columns: readonly CellColumn[];
}

export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'days';

/** Where a cell is, for errors. */
export interface CellLocation {
  readonly path: string;
  readonly title: string;
  /** Index of the array's first row in the file. */
  readonly firstRow: number;
}

/** Whether row `row` of an array holds a value. */
export type Validity = (row: number) => boolean;

/** Integers and floats of any width as float64; CORRUPT for an integer that a double does not hold. */
export function numbersOf(
  values: ArrayLike<number | bigint>,
  location: CellLocation,
  isValid?: Validity,
): Float64Array {
  if (isValid === undefined && dtypeOf(values) === 'float64') return values as Float64Array;
  const numbers = new Float64Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    if (isValid !== undefined && !isValid(row)) {
      numbers[row] = Number.NaN;
      continue;
    }
    const value = values[row];
    numbers[row] = Number(value);
    if (typeof value === 'bigint' && BigInt(numbers[row]) !== value) {
      throw cellDamage(
        location,
        row,
        `the number ${value} is beyond 2^53 and no double holds it; store it as text or scale it`,
      );
    }
  }
  return numbers;
}

/** Units per ms of each unit finer than it, ms per unit of each coarser one. */
const PER_MS: Readonly<Record<TimeUnit, bigint>> = { s: 1n, ms: 1n, us: 1000n, ns: 1_000_000n, days: 1n };
const MS_PER: Readonly<Record<TimeUnit, number>> = { s: 1000, ms: 1, us: 1, ns: 1, days: 86_400_000 };
/** The range of Date. */
const MAX_MS = 8.64e15;

/**
 * Counts of a unit since 1970 as UTC ms. Microseconds between two ms become fractions, which doubles distinguish; ns
 * between two µs are CORRUPT, as two such times could become one.
 */
export function timesOf(
  counts: ArrayLike<number | bigint>,
  unit: TimeUnit,
  location: CellLocation,
  isValid?: Validity,
): Float64Array {
  const times = new Float64Array(counts.length);
  for (let row = 0; row < counts.length; row += 1) {
    times[row] = isValid !== undefined && !isValid(row) ? Number.NaN : timeOf(counts[row], unit, location, row);
  }
  return times;
}

function timeOf(count: number | bigint, unit: TimeUnit, location: CellLocation, row: number): number {
  const number = Number(count);
  let ms = number * MS_PER[unit];
  if (unit === 'us' && Number.isSafeInteger(number)) {
    const whole = Math.trunc(number / 1000);
    ms = whole + (number - whole * 1000) / 1000;
  } else if (unit === 'us' || unit === 'ns') {
    const whole = BigInt(count);
    const rest = Number(whole % PER_MS[unit]);
    ms = Number(whole / PER_MS[unit]);
    if (rest !== 0) {
      const micros = unit === 'us' ? rest : rest / 1000;
      if (!Number.isInteger(micros)) {
        throw cellDamage(
          location,
          row,
          `the time ${whole} ns is not a whole number of microseconds, and ms as doubles do not distinguish such times`,
        );
      }
      ms += micros / 1000;
    }
  }
  if (Math.abs(ms) <= MAX_MS) return ms;
  throw cellDamage(location, row, `the time ${count} (${unit}) is beyond the years that dates have`);
}

/**
 * Whole numbers of 10^-scale as the nearest doubles; CORRUPT where the whole number itself is beyond what a double
 * holds.
 */
export function decimalsOf(
  unscaled: (row: number) => bigint,
  rows: number,
  scale: number,
  location: CellLocation,
  isValid?: Validity,
): Float64Array {
  const numbers = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    if (isValid !== undefined && !isValid(row)) numbers[row] = Number.NaN;
    else numbers[row] = decimalOf(unscaled(row), scale, location, row);
  }
  return numbers;
}

/** 10^22 is the largest power of ten that is a double. */
const MAX_EXACT_SCALE = 22;

function decimalOf(unscaled: bigint, scale: number, location: CellLocation, row: number): number {
  const digits = Number(unscaled);
  // A quotient of two exact doubles is rounded once, as the text of the decimal would be.
  if (Number.isSafeInteger(digits) && scale >= 0 && scale <= MAX_EXACT_SCALE) return digits / 10 ** scale;
  const value = Number(`${unscaled}e${-scale}`);
  if (BigInt(digits) === unscaled || isShortDecimal(unscaled)) return value;
  throw cellDamage(
    location,
    row,
    `the decimal ${unscaled}e${-scale} has more digits than a double holds; store it as text or round it`,
  );
}

/** Up to 15 significant digits survive a double and back. */
function isShortDecimal(unscaled: bigint): boolean {
  return String(unscaled).replace('-', '').replace(/0+$/, '').length <= 15;
}

/** `row` counts within the array of the location. */
export function cellDamage({ path, title, firstRow }: CellLocation, row: number, what: string): AtcError {
  return new AtcError('CORRUPT', `${path}: row ${firstRow + row}, column "${title}": ${what}`, {
    path,
    line: firstRow + row,
    column: title,
  });
}

/** A cell as a table of text would have it; `''` for a missing one. */
export function cellText(column: CellColumn, row: number): string {
  if (column.kind === 'text') return column.values[row] ?? '';
  const value = column.values[row];
  if (Number.isNaN(value)) return '';
  if (column.kind === 'number') return Object.is(value, -0) ? '-0' : String(value);
  const iso = new Date(Math.floor(value)).toISOString();
  if (column.clock === 'date') return iso.slice(0, 10);
  return column.clock === 'utc' ? iso : iso.slice(0, -1);
}
