/**
 * log2 by repeated squaring: multiplications and comparisons only, so decisions that rest on it are the same on every engine
 * (Math.log2 need not be).
 */
import { MAX_ROWS } from '../../kernels/arena.js';

const FRACTION_BITS = 30;
/** Counts go up to the rows of a block. */
const TABLE_SIZE = MAX_ROWS + 1;
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

/** log2 of 1..MAX_ROWS; entry 0 is 0. Made on first use. */
export function log2Table(): Float64Array {
  if (table === undefined) {
    table = new Float64Array(TABLE_SIZE);
    for (let i = 1; i < TABLE_SIZE; i++) table[i] = log2(i);
  }
  return table;
}
