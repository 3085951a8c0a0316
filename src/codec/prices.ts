import { requireOptions } from '../arguments.js';
import { dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { CompressionOptions } from './compression-options.js';
import { type DecodeLimit, decodeFresh, openFrame } from './decode-fresh.js';
import { writeFrame } from './write-whole.js';

/** Options of `compressPrices`. */
export interface CompressPricesOptions extends CompressionOptions {
  /** Lengths of the dimensions, C order; their product is the number of elements. Default one dimension. */
  readonly shape?: readonly number[];
}

/**
 * Codes an array losslessly, bit for bit, as a frame that knows its dtype and shape. Any of the ten dtypes.
 * Throws ARGUMENT for what is no typed array, a level outside 0-9, an unknown algorithm, a shape that does not fit.
 */
export function compressPrices(values: TypedArray, options: CompressPricesOptions = {}): Uint8Array {
  requireOptions(options, 'compressPrices');
  const dtype = dtypeOf(values);
  if (dtype === undefined) throw new AtcError('ARGUMENT', 'values must be a typed array, such as a Float64Array');
  return writeFrame({ kind: 'array', columns: [{ name: '', dtype }] }, [values], options, options.shape);
}

/**
 * The array that `compressPrices` was given: same dtype, same bits. Throws CORRUPT for damaged bytes, FORMAT_VERSION
 * for those of a later version, ARGUMENT when the result would exceed `maxBytes`.
 */
export function decompressPrices(bytes: Uint8Array, options: DecodeLimit = {}): TypedArray {
  const frame = openFrame(bytes, 'array');
  return decodeFresh(frame, [0], 0, frame.rows, options)[0];
}

/** How many times smaller: original / compressed. Takes sizes in bytes, or the arrays themselves. */
export function getCompressionRatio(original: number | ArrayBufferView, compressed: number | ArrayBufferView): number {
  const [from, to] = [original, compressed].map((size) => (typeof size === 'number' ? size : size?.byteLength));
  if (!(from >= 0 && to > 0)) {
    throw new AtcError(
      'ARGUMENT',
      `a ratio needs an original size and a compressed size above 0, got ${from} and ${to} bytes`,
    );
  }
  return from / to;
}
