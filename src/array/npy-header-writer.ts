/** The header of a .npy file as bytes; npy-header.ts reads it. */
import { type Dtype, numpyType } from '../dtype.js';
import { AtcError } from '../errors.js';
import { type ArrayOrder, headerStart, NPY_MAGIC, type NpyVersion } from './npy-header.js';

const ALIGNMENT = 64;
/** Digits of the largest 64-bit number and a sign: the room numpy leaves for the growing axis. */
const GROWTH_DIGITS = 21;

/**
 * The header as bytes, version 1.0: with at most 64 extents it never needs the wider length of 2.0. Its length does not
 * depend on the extent of the growing axis (the first in C order, the last in Fortran order), so it can be written
 * before that is known and again after. With `room`, the header of an existing file: the same version and length,
 * UNSUPPORTED when it does not fit.
 */
export function encodeNpyHeader(
  array: { readonly dtype: Dtype; readonly shape: readonly number[]; readonly order?: ArrayOrder },
  room?: { readonly version: NpyVersion; readonly dataOffset: number },
): Uint8Array {
  const { dtype, shape, order = 'C' } = array;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const fortran = order === 'F' ? 'True' : 'False';
  const dict = `{'descr': '${numpyType(dtype)}', 'fortran_order': ${fortran}, 'shape': ${tuple}, }`;
  const version = room?.version ?? 1;
  const start = headerStart(version);
  const growing = shape[order === 'F' ? shape.length - 1 : 0];
  const growth = growing === undefined ? 0 : GROWTH_DIGITS - String(growing).length;
  const end = room?.dataOffset ?? Math.ceil((start + dict.length + growth + 1) / ALIGNMENT) * ALIGNMENT;
  if (start + dict.length + 1 > end) {
    throw new AtcError('UNSUPPORTED', `the .npy header has no room for shape ${tuple}; write the array to a new file`);
  }
  const bytes = new Uint8Array(end).fill(0x20);
  bytes.set(NPY_MAGIC);
  bytes[6] = version;
  bytes[7] = 0;
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, end - start, true);
  else view.setUint32(8, end - start, true);
  bytes.set(new TextEncoder().encode(dict), start);
  bytes[end - 1] = 0x0a;
  return bytes;
}
