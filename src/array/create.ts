/** Writing arrays: streamed into a temporary file that takes its name when it is complete. */
import { requireOptions, requirePath, requireSignal } from '../arguments.js';
import { createArray, type Dtype, itemSize } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import type { Durability } from '../io/durability.js';
import { FileWriter } from '../io/file-writer.js';
import { appliedError } from '../io/io-error.js';
import { checkMode, type MappingBackendChoice } from '../io/select-backend.js';
import { type ArrayFormat, checkDtype, checkShape } from './array-file.js';
import { type ArrayValues, streamElements } from './element-stream.js';
import { openArray } from './load.js';
import type { MemoryMappedArray } from './memory-mapped-array.js';
import { elementCount } from './npy-header.js';
import { encodeNpyHeader } from './npy-header-writer.js';

/** How a new array is laid out on disk. */
export interface CreateArrayOptions<D extends Dtype> {
  /** Type of the elements; a value that it cannot hold is ARGUMENT. Default 'float64'. */
  readonly dtype?: D;
  /** Default: one axis of as many elements as there are values. C order. */
  readonly shape?: readonly number[] | number;
  /** Only 'w+' (create or replace, then read and write), the default. */
  readonly mode?: 'w+';
  /** 'npy' (default: describes itself, numpy.load opens it) or 'raw' (elements only, numpy.memmap opens it). */
  readonly format?: ArrayFormat;
  /** What maps the new file. Default 'auto': the first module that loads, reading and writing where none does. */
  readonly backend?: MappingBackendChoice;
  /**
   * 'power': on the disk when the promise resolves; 'process': it survives the process, not a power cut. Default
   * 'power'.
   */
  readonly durability?: Durability;
  /** Stops between two chunks; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/** Zeros are written in batches of this many bytes; a file with holes could not be written through a map. */
const ZERO_BYTES = 2 ** 20;

/**
 * Writes `values` to a file and opens it. An array-like, or an iterable or async iterable of numbers or of chunks
 * (typed arrays, number arrays); undefined fills `shape` with zeros. Never whole in memory: a chunk is written as it
 * comes. The file is complete or absent; a file of that name is replaced, and a process that has it open still reads
 * the old one. ARGUMENT for a value that dtype cannot hold or a shape that does not fit.
 */
export async function createMemoryMappedArray<D extends Dtype = 'float64'>(
  values: ArrayValues | undefined,
  path: string,
  options: CreateArrayOptions<D> = {},
): Promise<MemoryMappedArray<D>> {
  requirePath(path, 'createMemoryMappedArray: path');
  requireOptions(options, 'createMemoryMappedArray');
  const { format = 'npy', backend = 'auto', durability, signal } = options;
  const dtype = checkDtype(options.dtype ?? 'float64') as D;
  const wanted = options.shape === undefined ? undefined : checkShape(options.shape);
  checkMode(options.mode ?? 'w+', ['w+']);
  if (format !== 'npy' && format !== 'raw') {
    throw new AtcError('ARGUMENT', `format must be npy or raw, got ${shown(format)}`);
  }
  requireSignal(signal, 'createMemoryMappedArray');
  signal?.throwIfAborted();
  const writer = new FileWriter(path, { durability });
  let shape: readonly number[];
  try {
    const header = (final: readonly number[]) => encodeNpyHeader({ dtype, shape: final });
    if (format === 'npy') writer.write(header(wanted ?? [0]));
    const source = values ?? zeros(dtype, wanted);
    const count = await streamElements(source, dtype, (bytes) => writer.write(bytes), signal);
    shape = wanted ?? [count];
    if (elementCount(shape) !== count) {
      throw new AtcError(
        'ARGUMENT',
        `shape (${shape.join(', ')}) holds ${elementCount(shape)} elements, got ${count} values`,
      );
    }
    if (format === 'npy') writer.rewrite(0, header(shape));
    writer.commit();
  } catch (error) {
    writer.abort();
    throw error;
  }
  try {
    return openArray<D>(path, 'w+', format === 'npy' ? {} : { dtype, shape, format }, backend);
  } catch (error) {
    throw appliedError(error, path);
  }
}

function* zeros(dtype: Dtype, shape: readonly number[] | undefined) {
  if (shape === undefined)
    throw new AtcError('ARGUMENT', 'values are missing; give some, or a shape to fill with zeros');
  const batch = createArray(dtype, ZERO_BYTES / itemSize(dtype));
  for (let left = elementCount(shape); left > 0; left -= batch.length) {
    yield batch.subarray(0, Math.min(left, batch.length)) as ArrayLike<number>;
  }
}
