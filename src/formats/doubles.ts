/** Columns of any dtype as doubles, for work that is done in doubles. */
import { createArray, dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';

/** A column as doubles; ARGUMENT for integers that a double does not hold. */
export function asDoubles(source: TypedArray, what: string): Float64Array {
  const dtype = dtypeOf(source);
  if (dtype === 'float64') return source as Float64Array;
  if (dtype === undefined) throw new AtcError('ARGUMENT', `${what} is not a typed array such as Float64Array`);
  const doubles = createArray('float64', source.length);
  for (let row = 0; row < source.length; row += 1) {
    doubles[row] = Number(source[row]);
    if ((dtype === 'int64' || dtype === 'uint64') && !Number.isSafeInteger(doubles[row])) {
      throw new AtcError('ARGUMENT', `${what}: ${source[row]} is beyond 2^53, which float64 columns do not hold`);
    }
  }
  return doubles;
}
