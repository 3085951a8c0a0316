/**
 * The header of a .npy file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 *   bytes 0-5   \x93NUMPY        6 major  7 minor
 *   version 1   u16 length at 8, header at 10        versions 2, 3   u32 length at 8, header at 12
 *   header      a Python dict {'descr', 'fortran_order', 'shape'} in latin-1 (UTF-8 in version 3), padded with spaces,
 *               ends in \n
 * The elements follow at once. We pad so that they begin at a multiple of 64 bytes and leave room for the growing axis,
 * as numpy does.
 */
import { type Dtype, dtypeOfNumpyCode, itemSize } from '../dtype.js';
import { AtcError } from '../errors.js';
import { type Literal, LiteralError, parseLiteral } from './npy-literal.js';

/** How an n-dimensional array lies in the file: last axis fastest, or first axis fastest. */
export type ArrayOrder = 'C' | 'F';

/** Versions differ in the width of the length field (2) and the character set (3). */
export type NpyVersion = 1 | 2 | 3;

export interface NpyHeader {
  readonly version: NpyVersion;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly order: ArrayOrder;
  /** Where the elements begin, in bytes from the start of the file. */
  readonly dataOffset: number;
}

export const NPY_MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Enough to know how long the header is. */
export const NPY_PREFIX_BYTES = 12;
/**
 * A header of plain numbers takes about 1 KB at the most; structured ones, which can be longer, are not read anyway.
 */
const MAX_HEADER_BYTES = 64 * 1024;
/** numpy's own limit. */
const MAX_DIMENSIONS = 64;

export function isNpy(prefix: Uint8Array): boolean {
  return prefix.byteLength >= NPY_MAGIC.length && NPY_MAGIC.every((byte, index) => prefix[index] === byte);
}

/**
 * Where the elements begin, from the first 12 bytes; CORRUPT or FORMAT_VERSION for anything but a header of versions
 * 1-3.
 */
export function npyDataOffset(prefix: Uint8Array, path: string): number {
  if (!isNpy(prefix) || prefix.byteLength < NPY_PREFIX_BYTES) {
    throw new AtcError('CORRUPT', `${path} is not a .npy file, or only the start of one`, { path, offset: 0 });
  }
  const version = prefix[6];
  if (version < 1 || version > 3 || prefix[7] !== 0) {
    const found = `${version}.${prefix[7]}`;
    throw new AtcError('FORMAT_VERSION', `${path} is .npy version ${found}; versions 1.0, 2.0 and 3.0 are read`, {
      path,
      offset: 6,
    });
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) {
    const limit = `at most ${MAX_HEADER_BYTES} are read`;
    throw new AtcError('CORRUPT', `${path} claims a .npy header of ${length} bytes; ${limit}`, { path, offset: 8 });
  }
  return headerStart(version as NpyVersion) + length;
}

/** What a header says, before its types are looked at. */
export interface NpyFields {
  readonly version: NpyVersion;
  /** A type such as `<f8`, or a list of fields of a structured array. */
  readonly descr: Literal | undefined;
  readonly order: ArrayOrder;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

/** Reads the header in `bytes` [0, dataOffset). UNSUPPORTED for big-endian, object and structured elements. */
export function decodeNpyHeader(bytes: Uint8Array, path: string): NpyHeader {
  const { version, descr, order, shape, dataOffset } = decodeNpyFields(bytes, path);
  return { version, dtype: dtypeOfDescr(descr, path), shape, order, dataOffset };
}

/** The same for elements of any type; CORRUPT for anything but a header. */
export function decodeNpyFields(bytes: Uint8Array, path: string): NpyFields {
  const dataOffset = npyDataOffset(bytes, path);
  const version = bytes[6] as NpyVersion;
  const start = headerStart(version);
  if (bytes.byteLength < dataOffset) {
    throw new AtcError('CORRUPT', `${path} ends within its .npy header`, { path, offset: bytes.byteLength });
  }
  const corrupt = (what: string, at = 0) =>
    new AtcError('CORRUPT', `the .npy header of ${path} is not valid: ${what}`, { path, offset: start + at });
  let fields: Literal;
  try {
    fields = parseLiteral(
      new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataOffset)),
    );
  } catch (error) {
    if (error instanceof LiteralError) throw corrupt(error.message, error.at);
    throw error;
  }
  if (!(fields instanceof Map) || [...fields.keys()].sort().join() !== 'descr,fortran_order,shape') {
    throw corrupt("it must be a dict of exactly 'descr', 'fortran_order' and 'shape'");
  }
  const fortran = fields.get('fortran_order');
  if (typeof fortran !== 'boolean') throw corrupt("'fortran_order' must be True or False");
  const shape = fields.get('shape');
  if (!isShape(shape)) throw corrupt("'shape' must be a tuple of whole numbers, at most 2^53 bytes in all");
  return { version, descr: fields.get('descr'), order: fortran ? 'F' : 'C', shape, dataOffset };
}

/** True for extents whose product can be counted in bytes without rounding. */
export function isShape(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length > MAX_DIMENSIONS) return false;
  return value.every((n) => Number.isSafeInteger(n) && n >= 0) && Number.isSafeInteger(elementCount(value) * 8);
}

/** Elements of an array of that shape; 1 for the empty shape of a single number. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function headerStart(version: NpyVersion): number {
  return version === 1 ? 10 : 12;
}

function dtypeOfDescr(descr: Literal | undefined, path: string): Dtype {
  const unsupported = (what: string) =>
    new AtcError('UNSUPPORTED', `${path} holds ${what}`, { path, offset: NPY_PREFIX_BYTES });
  if (typeof descr !== 'string') {
    throw unsupported('a structured array; save its fields as arrays of their own: numpy.save(name, array[field])');
  }
  const byteOrder = descr.slice(0, 1);
  const code = descr.slice(1);
  if (code.startsWith('O')) throw unsupported('Python objects (pickles), which are never loaded; save numbers instead');
  const dtype = dtypeOfNumpyCode(code);
  if (dtype === undefined) {
    throw unsupported(`elements of type '${descr}'; float32, float64 and integers of 8 to 64 bits can be mapped`);
  }
  if (byteOrder === '>') {
    throw unsupported(`big-endian elements ('${descr}'); convert them in numpy: array.astype('<${code}')`);
  }
  if (byteOrder === '<' || (byteOrder === '|' && itemSize(dtype) === 1)) return dtype;
  throw unsupported(`elements of type '${descr}', whose byte order is not given`);
}
