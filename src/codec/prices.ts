import { requireOptions } from '../arguments.js';
import { dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { CompressionOptions } from './compression-options.js';
import { type DecodeLimit, decodeColumns, openFrame, requireApart } from './decode-columns.js';
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

/** Options of `decompressPrices`. */
export interface DecompressPricesOptions extends DecodeLimit {
  /**
   * An array of the frame's dtype and at least its length, which is filled instead of a new one: a loop that passes the
   * same one touches no new memory. Default: a new array.
   */
  readonly into?: TypedArray;
}

/**
 * The array that `compressPrices` was given: same dtype, same bits. With `into` that array, or the beginning of it when
 * it is longer; what an error leaves in it is unspecified. Throws CORRUPT for damaged bytes, FORMAT_VERSION for those
 * of a later version, ARGUMENT for an `into` that does not fit, or when a new array would exceed `maxBytes`.
 */
export function decompressPrices(bytes: Uint8Array, options: DecompressPricesOptions = {}): TypedArray {
  requireOptions(options, 'decompressPrices');
  const { into, maxBytes } = options;
  const frame = openFrame(bytes, 'array');
  if (into !== undefined) requireApart(bytes, [into]);
  return decodeColumns(frame, [0], 0, frame.rows, { maxBytes, into: [into] })[0];
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
