/**
 * Full-mantissa columns that were computed from decimals one can find again: averages (a simple or weighted moving
 * average, a typical price: whole numbers over a fixed divisor), and exponential smoothing with a known weight. The
 * decimals are coded, the rounding noise of the program that computed the column becomes ulp corrections, so the result
 * is exact whatever the formula was.
 */
import { FORM_RATIO, FORM_SMOOTHED } from '../../kernels/kernels.js';
import { TEN_TO } from '../../kernels/powers.js';
import { smoothed } from '../../kernels/reference/decimal.js';
import { fillExceptions, type IntegerColumn } from './integers.js';

/** Rows a recipe has to fit before it is tried on all. */
const PROBES = 24;
const MAX_DIVISOR = 512;
/** Longest smoothing, as the usual period: alpha = 2 / (period + 1). Twice that covers alpha = 1 / period. */
const MAX_PERIOD = 512;
const MAX_DECIMALS = 8;
/** Distance from a whole number that counts as one; chance alone is right in one of 25 rows. */
const WHOLE = 0.02;
/** Whole numbers stay below this, where doubles still resolve fractions far finer than WHOLE. */
const LARGEST = 0x200_0000_0000;
/** Largest correction, in units in the last place; beyond it the recipe is taken as wrong. */
const MOST_ULPS = 1 << 20;

/** Rows to probe, spread over all but the first eighth of the block, where averages may still be warming up. */
function probeRows(n: number): number[] {
  const from = 1 + (n >> 3);
  return Array.from({ length: Math.min(PROBES, n - from) }, (_, k) => from + Math.floor((k * (n - from)) / PROBES));
}

function isWhole(x: number): boolean {
  return Math.abs(x) < LARGEST && Math.abs(x - Math.floor(x + 0.5)) < WHOLE;
}

/**
 * Distance of two finite doubles of the same sign in units in the last place; more than MOST_ULPS stands for any more.
 */
function distanceOf(words: Int32Array): number {
  const distance = (words[3] - words[1]) * 4294967296 + ((words[2] >>> 0) - (words[0] >>> 0));
  return Math.abs(distance) <= MOST_ULPS ? distance : MOST_ULPS + 1;
}

interface Fit {
  readonly values: Float64Array;
  readonly ulps: Int32Array | undefined;
  readonly exceptions: readonly number[];
}

/**
 * Integers by row, and what is missing to the values; undefined where more than `mostExceptions` values are out of
 * reach.
 */
function fitRecipe(
  values: Float64Array | Float32Array,
  mostExceptions: number,
  integerOf: (i: number) => number,
  elementOf: (integer: number, i: number) => number,
): Fit | undefined {
  const n = values.length;
  const integers = new Float64Array(n);
  const ulps = new Int32Array(n);
  const exceptions: number[] = [];
  const pair = new Float64Array(2);
  const words = new Int32Array(pair.buffer);
  let isExact = true;
  for (let i = 0; i < n; i++) {
    const integer = integerOf(i);
    pair[0] = elementOf(integer, i);
    pair[1] = values[i];
    const distance = Math.abs(integer) < LARGEST ? distanceOf(words) : MOST_ULPS + 1;
    if (Math.abs(distance) > MOST_ULPS) {
      exceptions.push(i);
      if (exceptions.length > mostExceptions) return undefined;
      continue;
    }
    integers[i] = integer;
    ulps[i] = distance;
    if (distance !== 0) isExact = false;
  }
  fillExceptions(integers, exceptions);
  return { values: integers, ulps: isExact ? undefined : ulps, exceptions };
}

function findRatio(values: Float64Array | Float32Array, rows: readonly number[]): IntegerColumn | undefined {
  for (let exponent = 0; exponent <= MAX_DECIMALS; exponent++) {
    for (let count = 1; count <= MAX_DIVISOR; count++) {
      const divisor = TEN_TO[exponent] * count;
      if (!rows.every((i) => isWhole(values[i] * divisor))) continue;
      const column = fitRecipe(
        values,
        values.length >> 3,
        (i) => Math.floor(values[i] * divisor + 0.5),
        (integer) => integer / divisor,
      );
      return column && { ...column, form: FORM_RATIO, exponent: 0, divisor };
    }
  }
  return undefined;
}

/** The decimal that moved the smoothing from one value to the next. */
function inputOf(values: Float64Array | Float32Array, i: number, alpha: number): number {
  return values[i - 1] + (values[i] - values[i - 1]) / alpha;
}

function findSmoothing(values: Float64Array | Float32Array, rows: readonly number[]): IntegerColumn | undefined {
  for (let exponent = 0; exponent <= MAX_DECIMALS; exponent++) {
    const unit = TEN_TO[exponent];
    for (let period = 2; period <= 2 * MAX_PERIOD; period++) {
      const alpha = 2 / (period + 1);
      if (!rows.every((i) => isWhole(inputOf(values, i, alpha) * unit))) continue;
      // A chain cannot go through a value it does not hold.
      const column = fitRecipe(
        values,
        0,
        (i) => Math.floor(inputOf(values, Math.max(i, 1), alpha) * unit + 0.5),
        (integer, i) => (i === 0 ? values[0] : smoothed(values[i - 1], integer / unit, alpha)),
      );
      return column && { ...column, form: FORM_SMOOTHED, exponent, alpha, seed: values[0] };
    }
  }
  return undefined;
}

/** The recipe of a column, or undefined for one that follows none, is too short, or has values that are not finite. */
export function findRecipe(values: Float64Array | Float32Array): IntegerColumn | undefined {
  const rows = probeRows(values.length);
  if (rows.length < PROBES || !rows.every((i) => Number.isFinite(values[i]) && values[i] !== 0)) return undefined;
  return findRatio(values, rows) ?? findSmoothing(values, rows);
}
