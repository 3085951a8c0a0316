/**
 * log2 by repeated squaring: multiplications and comparisons only, so decisions that rest on it are the same on every
 * engine (Math.log2 need not be).
 */
import { MAX_ROWS } from '../../kernels/offsets.js';

const FRACTION_BITS = 30;
/** Counts go up to the rows of a block. */
const TABLE_SIZE = MAX_ROWS + 1;
/** 0 where it was not asked for yet. */
let table: Float64Array | undefined;

function log2(x: number): number {
  let mantissa = x;
  let result = 0;
  while (mantissa >= 2) {
    mantissa /= 2;
    result++;
  }
  let weight = 1;
  for (let k = 0; k < FRACTION_BITS; k++) {
    weight /= 2;
    mantissa *= mantissa;
    if (mantissa >= 2) {
      mantissa /= 2;
      result += weight;
    }
  }
  return result;
}

/** log2 of 1..MAX_ROWS, remembered; 0 of 0. A table of all of them would be most of what a first small array costs. */
export function log2Of(count: number): number {
  table ??= new Float64Array(TABLE_SIZE);
  if (table[count] === 0 && count > 1) table[count] = log2(count);
  return table[count];
}

/** Number of bits below the leading one. */
export function floorLog2(x: number): number {
  return 31 - Math.clz32(x);
}
