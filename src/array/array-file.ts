/**
 * What an array file says about itself (.npy) or what the caller says about it (raw): where its elements are, and of
 * what kind.
 */
import { type Dtype, isDtype, itemSize } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import {
  type ArrayOrder,
  decodeNpyHeader,
  elementCount,
  isNpy,
  isShape,
  NPY_PREFIX_BYTES,
  npyDataOffset,
} from './npy-header.js';

/** numpy's own format, or elements and nothing else (numpy.memmap). */
export type ArrayFormat = 'npy' | 'raw';

export interface ArrayLayout<D extends Dtype = Dtype> {
  readonly format: ArrayFormat;
  /** Of the .npy header; 0 for raw files. */
  readonly version: 0 | 1 | 2 | 3;
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly order: ArrayOrder;
  /** Where the elements begin, in bytes. */
  readonly dataOffset: number;
}

/** What the caller knows. For a .npy file it is checked against the header, for a raw file it is all there is. */
export interface ArrayLayoutOptions {
  /** Of one element. */
  readonly dtype?: Dtype;
  /** Elements along each axis; a number is one axis. */
  readonly shape?: readonly number[] | number;
  /** Raw files: bytes before the first element. Default 0. */
  readonly offset?: number;
  /** Default: .npy when the file begins like one, raw otherwise. */
  readonly format?: ArrayFormat;
}

interface ReadableBytes {
  readonly path: string;
  readonly byteLength: number;
  readInto(offset: number, target: Uint8Array): void;
}

/** The layout of an existing file; CORRUPT when it is shorter than its elements. */
export function readLayout(file: ReadableBytes, options: ArrayLayoutOptions): ArrayLayout {
  const prefix = new Uint8Array(Math.min(NPY_PREFIX_BYTES, file.byteLength));
  file.readInto(0, prefix);
  const format = options.format ?? (isNpy(prefix) ? 'npy' : 'raw');
  const layout = format === 'npy' ? npyLayout(file, prefix, options) : rawLayout(file, options);
  const needed = layout.dataOffset + elementCount(layout.shape) * itemSize(layout.dtype);
  if (needed > file.byteLength) {
    const what = `shape (${layout.shape.join(', ')}) of ${layout.dtype} needs ${needed} bytes`;
    throw new AtcError(
      'CORRUPT',
      `${file.path} has ${file.byteLength} bytes but ${what}; it is cut short, or shape, dtype or offset is wrong`,
      {
        path: file.path,
        offset: file.byteLength,
      },
    );
  }
  return layout;
}

export function checkDtype(dtype: unknown): Dtype {
  if (isDtype(dtype)) return dtype;
  throw new AtcError(
    'ARGUMENT',
    `dtype must be float64, float32, or int or uint of 8, 16, 32 or 64 bits, got ${shown(dtype)}`,
  );
}

export function checkShape(shape: readonly number[] | number): readonly number[] {
  const extents = typeof shape === 'number' ? [shape] : shape;
  if (isShape(extents)) return [...extents];
  throw new AtcError(
    'ARGUMENT',
    `shape must be whole numbers, at most 2^53 bytes in all, got ${Array.isArray(shape) ? `[${shape.map(shown)}]` : shown(shape)}`,
  );
}

function npyLayout(file: ReadableBytes, prefix: Uint8Array, { dtype, shape, offset }: ArrayLayoutOptions): ArrayLayout {
  const header = new Uint8Array(Math.min(npyDataOffset(prefix, file.path), file.byteLength));
  file.readInto(0, header);
  const layout = { format: 'npy' as const, ...decodeNpyHeader(header, file.path) };
  if (offset !== undefined && offset !== layout.dataOffset) {
    throw new AtcError(
      'ARGUMENT',
      `${file.path} is a .npy file: its own header says where the elements begin; leave offset out`,
    );
  }
  if (dtype !== undefined && checkDtype(dtype) !== layout.dtype) {
    throw new AtcError(
      'ARGUMENT',
      `${file.path} holds ${layout.dtype}, not ${dtype}; leave dtype out, or say format: 'raw'`,
    );
  }
  if (shape !== undefined && checkShape(shape).join() !== layout.shape.join()) {
    throw new AtcError(
      'ARGUMENT',
      `${file.path} has shape (${layout.shape.join(', ')}), not (${checkShape(shape).join(', ')})`,
    );
  }
  return layout;
}

function rawLayout(file: ReadableBytes, options: ArrayLayoutOptions): ArrayLayout {
  const { offset = 0 } = options;
  if (options.dtype === undefined) {
    throw new AtcError(
      'ARGUMENT',
      `${file.path} is not a .npy file: a raw file needs dtype, and shape when it is not one row`,
    );
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > file.byteLength) {
    throw new AtcError('ARGUMENT', `offset ${offset} is not within ${file.path}, which has ${file.byteLength} bytes`);
  }
  const dtype = checkDtype(options.dtype);
  const shape = options.shape === undefined ? [wholeElements(file, dtype, offset)] : checkShape(options.shape);
  return { format: 'raw', version: 0, dtype, shape, order: 'C', dataOffset: offset };
}

function wholeElements(file: ReadableBytes, dtype: Dtype, offset: number): number {
  const count = (file.byteLength - offset) / itemSize(dtype);
  if (Number.isInteger(count)) return count;
  throw new AtcError(
    'CORRUPT',
    `${file.path} has ${file.byteLength - offset} bytes from offset ${offset}: not a whole number of ${dtype}; it ` +
      'is cut short, or dtype or offset is wrong (give shape to use a part of it)',
    { path: file.path, offset },
  );
}
