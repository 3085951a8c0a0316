/** Opening arrays: .npy files by their own header, raw files by what the caller passes. */
import { requireOptions, requirePath } from '../arguments.js';
import { type Dtype, itemSize } from '../dtype.js';
import { AtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import { settleMaps } from '../io/map-account.js';
import type { MapMode, MappedFile } from '../io/mapping.js';
import { checkMode, type MappingBackendChoice, openMapped } from '../io/select-backend.js';
import { type ArrayFormat, type ArrayLayout, type ArrayLayoutOptions, readLayout } from './array-file.js';
import { MemoryMappedArray } from './memory-mapped-array.js';
import { type ArrayOrder, elementCount } from './npy-header.js';

/** How to open an array; a .npy file states dtype, shape and order itself. */
export interface LoadArrayOptions<D extends Dtype> extends ArrayLayoutOptions {
  /** Needed for a raw file; for a .npy file it has to be the file's own. */
  readonly dtype?: D;
  /** 'r' (default) read; 'r+' read and write the file; 'c' read and write a private copy in memory. */
  readonly mode?: 'r' | 'r+' | 'c';
  /** Default 'auto'. 'read' for a file that someone else may truncate while it is open. */
  readonly backend?: MappingBackendChoice;
}

/** What a file states about the array in it. */
export interface ArrayInfo {
  /** As it was given. */
  readonly path: string;
  /** As asked for, else found by the file's first bytes. */
  readonly format: ArrayFormat;
  /** Of one element. */
  readonly dtype: Dtype;
  /** Elements along each axis; empty for a scalar. */
  readonly shape: readonly number[];
  /** Which axis is contiguous: the last ('C') or the first ('F'). */
  readonly order: ArrayOrder;
  /** Number of elements. */
  readonly length: number;
  /** Bytes of the elements. */
  readonly byteLength: number;
  /** Where the elements begin. */
  readonly offset: number;
  /** Size of the file; more than offset + byteLength when something follows the elements. */
  readonly fileBytes: number;
}

/**
 * Opens an array. A .npy file needs neither dtype nor shape; a raw file needs dtype, and shape unless it is one axis to
 * its end.
 */
export async function loadMemoryMappedArray<D extends Dtype = Dtype>(
  path: string,
  options: LoadArrayOptions<D> = {},
): Promise<MemoryMappedArray<D>> {
  requirePath(path, 'loadMemoryMappedArray: path');
  requireOptions(options, 'loadMemoryMappedArray');
  const mode = checkMode(options.mode ?? 'r', ['r', 'r+', 'c']);
  await settleMaps();
  return openArray<D>(path, mode, options, options.backend ?? 'auto');
}

/**
 * What a .npy file holds, without touching its elements. A raw file does not describe itself: give dtype, and shape,
 * for one.
 */
export async function getMemoryMappedInfo(path: string, options: ArrayLayoutOptions = {}): Promise<ArrayInfo> {
  requirePath(path, 'getMemoryMappedInfo: path');
  requireOptions(options, 'getMemoryMappedInfo');
  const file = openFileReader(path);
  try {
    const { format, dtype, shape, order, dataOffset } = readLayout(file, options);
    const length = elementCount(shape);
    const byteLength = length * itemSize(dtype);
    return { path, format, dtype, shape, order, length, byteLength, offset: dataOffset, fileBytes: file.byteLength };
  } finally {
    file.close();
  }
}

/** The common part of create and load. */
export function openArray<D extends Dtype>(
  path: string,
  mode: MapMode,
  options: ArrayLayoutOptions,
  backend: MappingBackendChoice,
): MemoryMappedArray<D> {
  // Created files are ordinary files once they are there.
  const access: MappedFile['mode'] = mode === 'w+' ? 'r+' : mode;
  let file = openMapped(path, access, backend);
  try {
    const layout = readLayout(file, options) as ArrayLayout<D>;
    let choice = backend;
    if (layout.dataOffset % itemSize(layout.dtype) !== 0 && file.backend !== 'read') {
      // Elements that are not aligned cannot be a typed array over the map.
      if (backend !== 'auto') {
        throw new AtcError(
          'UNSUPPORTED',
          `the elements of ${path} begin at byte ${layout.dataOffset}, not at a multiple of ` +
            `${itemSize(layout.dtype)}; use backend 'read'`,
          { path, offset: layout.dataOffset },
        );
      }
      file.close();
      choice = 'read';
      file = openMapped(path, access, choice);
    }
    return new MemoryMappedArray<D>(file, layout, mode, (again) => openMapped(again, access, choice));
  } catch (error) {
    file.close();
    throw error;
  }
}
