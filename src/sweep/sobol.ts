/**
 * Sobol's sequence: points that fill the unit cube more evenly than random ones. Direction numbers of S. Joe and
 * F. Y. Kuo ("Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008;
 * file new-joe-kuo-6.21201), 21 dimensions; a seed shifts all points by one random digital shift.
 */
import { AtcError } from '../errors.js';
import { randomOf } from './random.js';

/** Degree, coefficients and initial numbers of dimensions 2 to 21. */
const DIRECTIONS: readonly (readonly [degree: number, coefficients: number, initial: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
  [5, 11, [1, 1, 5, 1, 1]],
  [5, 13, [1, 1, 1, 3, 11]],
  [5, 14, [1, 3, 5, 5, 31]],
  [6, 1, [1, 3, 3, 9, 7, 49]],
  [6, 13, [1, 1, 1, 15, 21, 21]],
  [6, 16, [1, 3, 1, 13, 27, 49]],
  [6, 19, [1, 1, 1, 15, 7, 5]],
  [6, 22, [1, 3, 1, 15, 13, 25]],
  [6, 25, [1, 1, 5, 5, 19, 61]],
  [7, 1, [1, 3, 7, 11, 23, 15, 103]],
  [7, 4, [1, 3, 7, 13, 13, 15, 69]],
];

export const SOBOL_DIMENSIONS = DIRECTIONS.length + 1;
const BITS = 32;

function directionNumbers(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let k = 0; k < BITS; k++) v[k] = 2 ** (BITS - 1 - k);
    return v;
  }
  const [degree, coefficients, initial] = DIRECTIONS[dimension - 1];
  for (let k = 0; k < BITS; k++) {
    if (k < degree) {
      v[k] = initial[k] * 2 ** (BITS - 1 - k);
      continue;
    }
    let value = v[k - degree] ^ (v[k - degree] >>> degree);
    for (let j = 1; j < degree; j++) {
      if ((coefficients >>> (degree - 1 - j)) & 1) value ^= v[k - j];
    }
    v[k] = value >>> 0;
  }
  return v;
}

/** Point number `index` (from 0) of the sequence in so many dimensions, each coordinate in [0, 1). */
export function sobolPoints(dimensions: number, seed: number | undefined): (index: number) => number[] {
  if (dimensions > SOBOL_DIMENSIONS) {
    const message = `the sobol sampler has ${SOBOL_DIMENSIONS} dimensions, the space ${dimensions}; use random or tpe`;
    throw new AtcError('ARGUMENT', message, { key: 'sampler' });
  }
  const random = randomOf(seed ?? 0, 0, 0x50b01);
  const columns = Array.from({ length: dimensions }, (_, d) => directionNumbers(d));
  const shifts = columns.map(() => (seed === undefined ? 0 : Math.floor(random() * 2 ** 32) >>> 0));
  return (index) => {
    const gray = (index ^ (index >>> 1)) >>> 0;
    return columns.map((v, d) => {
      let x = shifts[d];
      for (let k = 0; k < BITS; k++) if ((gray >>> k) & 1) x ^= v[k];
      return (x >>> 0) / 2 ** BITS;
    });
  };
}
