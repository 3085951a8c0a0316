/**
 * A column as integers: doubles by decimal form, integer dtypes as they are, everything as value = base + tick * u.
 * Columns whose u stay below 2^31 are narrow (32-bit kernels), others wide (below 2^51 in magnitude, held as doubles
 * here).
 */
import { bytesOf, type TypedArray } from '../../dtype.js';
import { FORM_BITS, FORM_INTEGER, FORM_SINGLE, type Kernels } from '../../kernels/kernels.js';
import { OUT, PLANE_C, SLOTS } from '../../kernels/offsets.js';
import { decimalInteger, decimalValue } from '../../kernels/reference/decimal.js';
import { type Decimal, findDecimal, finiteSample } from './decimal-search.js';
import { copyOfDoubles, float64Rows, int32Rows } from './row-pool.js';
import { sampleRows } from './sample.js';
import { MAX_ULPS } from './ulps.js';

export interface IntegerColumn {
  readonly form: number;
  readonly exponent: number;
  /** See ChunkHeader. */
  readonly divisor?: number;
  readonly alpha?: number;
  readonly seed?: number;
  readonly values: Float64Array;
  /** Smallest and largest of the values, where they are known already. */
  readonly extremes?: readonly [min: number, max: number];
  /** Rows whose element no integer stands for. */
  readonly exceptions: readonly number[];
  /** Distance in ulps by row, where there is any. */
  readonly ulps: Int32Array | undefined;
}

/** Rows of exceptions beyond which a column is not worth coding as decimal: one in this many. */
const MOST_EXCEPTIONS = 8;
const WIDE_LIMIT = 0x8_0000_0000_0000;
/** Ulp corrections below this many rows go through exceptions. */
const FEWEST_ULPS = 3;

/** Integers of an integer dtype, or undefined where some do not fit. */
export function integersOfInteger(values: TypedArray): IntegerColumn | undefined {
  const n = values.length;
  const integers = float64Rows(n);
  if (values.BYTES_PER_ELEMENT === 8) {
    const words = new Int32Array(values.buffer, values.byteOffset, 2 * n);
    const unsigned = values instanceof BigUint64Array || Object.prototype.toString.call(values).includes('Uint');
    for (let i = 0; i < n; i++) {
      const high = words[2 * i + 1];
      if (unsigned && high < 0) return undefined;
      integers[i] = high * 4294967296 + (words[2 * i] >>> 0);
      if (!(Math.abs(integers[i]) < WIDE_LIMIT)) return undefined;
    }
  } else integers.set(values as Int32Array);
  return { form: FORM_INTEGER, exponent: 0, values: integers, exceptions: [], ulps: undefined };
}

/** The decimal of a column, from a sample. */
export function decimalOf(values: Float64Array | Float32Array): Decimal | undefined {
  const { sample, single } = finiteSample(values, sampleRows(values.length));
  const decimal = findDecimal(sample, single && values.BYTES_PER_ELEMENT === 8);
  if (values.BYTES_PER_ELEMENT === 8) return decimal;
  // A float32 element is the float32 nearest to the decimal: only the single form can be right.
  return findSingle(sample);
}

function findSingle(sample: Float64Array): Decimal | undefined {
  const decimal = findDecimal(sample, true);
  return decimal === undefined ? undefined : { ...decimal, form: FORM_SINGLE };
}

/** Share of exceptions from which a finer decimal is looked for among them: a sample can miss rare long decimals. */
const MANY_EXCEPTIONS = 1 / 256;

/**
 * Doubles as integers of a decimal, of a finer one where the sample missed some; undefined where too many rows do not
 * fit.
 */
export function integersOfDoubles(
  kernels: Kernels,
  values: Float64Array | Float32Array,
  decimal: Decimal,
): IntegerColumn | undefined {
  const first = convert(kernels, values, decimal);
  if (first !== undefined && first.exceptions.length <= values.length * MANY_EXCEPTIONS) return first;
  const missed = missedBy(values, first, decimal);
  const { sample } = finiteSample(missed, sampleRows(missed.length));
  const finer = findDecimal(sample, decimal.form === FORM_SINGLE);
  if (finer === undefined || finer.exponent <= decimal.exponent) return first;
  const second = convert(kernels, values, { ...finer, score: decimal.score });
  const isBetter = second !== undefined && second.exceptions.length < (first?.exceptions.length ?? values.length);
  return isBetter ? second : first;
}

/** Values that a decimal does not hold. */
function missedBy(
  values: Float64Array | Float32Array,
  column: IntegerColumn | undefined,
  decimal: Decimal,
): Float64Array {
  if (column !== undefined) return Float64Array.from(column.exceptions, (row) => values[row]);
  return Float64Array.from(values).filter(
    (x) => decimalValue(decimalInteger(x, decimal.exponent), decimal.form, decimal.exponent) !== x,
  );
}

/** Doubles as integers of a known decimal, or undefined where too many rows are exceptions. */
function convert(kernels: Kernels, values: Float64Array | Float32Array, decimal: Decimal): IntegerColumn | undefined {
  const n = values.length;
  const { arena } = kernels;
  arena.f64.set(values, OUT >> 3);
  const failed = kernels.toDecimal(SLOTS, n, decimal.form, decimal.exponent);
  const integers = copyOfDoubles(arena.f64, SLOTS >> 3, n);
  if (failed === 0) {
    const extremes = kernels.extremes(SLOTS, n);
    return { ...decimal, values: integers, extremes, exceptions: [], ulps: undefined };
  }
  const rows = arena.u32.slice(PLANE_C >> 2, (PLANE_C >> 2) + failed);
  const { exceptions, ulps } = sortFailures(values, rows, integers, decimal);
  if (exceptions.length * MOST_EXCEPTIONS > n) return undefined;
  fillExceptions(integers, exceptions);
  return { ...decimal, values: integers, exceptions, ulps };
}

/** Splits the rows that their integers do not restore into ulp corrections and exceptions. */
function sortFailures(
  values: Float64Array | Float32Array,
  rows: Uint32Array,
  integers: Float64Array,
  { form, exponent }: Decimal,
): { exceptions: number[]; ulps: Int32Array | undefined } {
  if (values.BYTES_PER_ELEMENT === 4 || rows.length < FEWEST_ULPS) return { exceptions: [...rows], ulps: undefined };
  const exceptions: number[] = [];
  const ulps = int32Rows(values.length).fill(0);
  const pair = new Float64Array(2);
  const words = new Int32Array(pair.buffer);
  for (const row of rows) {
    const v = decimalInteger(values[row], exponent);
    pair[0] = decimalValue(v, form, exponent);
    pair[1] = values[row];
    const distance = (words[3] - words[1]) * 4294967296 + ((words[2] >>> 0) - (words[0] >>> 0));
    if (Math.abs(v) < WIDE_LIMIT && Math.abs(distance) <= MAX_ULPS) {
      ulps[row] = distance;
      integers[row] = v;
    } else exceptions.push(row);
  }
  return { exceptions, ulps: exceptions.length < rows.length ? ulps : undefined };
}

/** An exception takes the integer of the row before it, which costs next to nothing to predict. */
export function fillExceptions(integers: Float64Array, exceptions: readonly number[]): void {
  if (exceptions.length === 0) return;
  let first = 0;
  while (first < exceptions.length && exceptions[first] === first) first++;
  const start = first < integers.length ? integers[first] : 0;
  for (const row of exceptions) integers[row] = row < first ? start : integers[row - 1];
}

/** Order-preserving 64-bit integers of the bits of doubles, or the integers of a 64-bit dtype, into an arena slot. */
export function orderedBits(kernels: Kernels, values: TypedArray, isFloat: boolean, slot: number): number {
  const { arena } = kernels;
  const n = values.length;
  if (isFloat && values.BYTES_PER_ELEMENT === 4) {
    const words = new Int32Array(values.buffer, values.byteOffset, n);
    for (let i = 0; i < n; i++) {
      const ordered = words[i] < 0 ? words[i] ^ 0x7fffffff : words[i];
      arena.i32[(slot >> 2) + 2 * i] = ordered;
      arena.i32[(slot >> 2) + 2 * i + 1] = ordered >> 31;
    }
    return FORM_BITS;
  }
  arena.u8.set(bytesOf(values), slot);
  if (!isFloat) return FORM_INTEGER;
  const words = arena.i32.subarray(slot >> 2, (slot >> 2) + 2 * n);
  for (let i = 0; i < n; i++) {
    if (words[2 * i + 1] >= 0) continue;
    words[2 * i] = ~words[2 * i];
    words[2 * i + 1] ^= 0x7fffffff;
  }
  return FORM_BITS;
}
