import { DTYPES, type Dtype, isDtype, itemSize, type TypedArray, viewAs } from '../dtype.js';
import { AtcError, shown } from '../errors.js';

/**
 * Buffers are at most twice as long as what is taken from them, so that a small array does not hold a large one's
 * memory.
 */
const MOST_SPARE = 2;
/** Sizes are rounded up to whole pages: values of about the same size share buffers. */
const PAGE_BYTES = 4096;

/**
 * Memory for the arrays of decoded values, used again for the next value: `decodeValue(bytes, { pool })`, work with the
 * value, `pool.reset()`. From then on the arrays of that value belong to the next one. A loop over values of alike
 * sizes touches no new memory.
 */
export class ArrayPool {
  #free: ArrayBuffer[] = [];
  #taken: ArrayBuffer[] = [];

  /** Starts without buffers; it has no options. */
  constructor(...options: never[]) {
    if (options.length === 0) return;
    throw new AtcError('ARGUMENT', `an ArrayPool has no options, got ${shown(options[0])}; write new ArrayPool()`);
  }

  /** Bytes of all buffers, in use or not. */
  get byteLength(): number {
    return [...this.#free, ...this.#taken].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /**
   * An array with unspecified content, the caller's until `reset`. ARGUMENT for a dtype that there is not, a length
   * that is no whole number from 0, and when there is no memory for it.
   */
  take(dtype: Dtype, length: number): TypedArray {
    if (!isDtype(dtype))
      throw new AtcError('ARGUMENT', `dtype must be one of ${DTYPES.join(', ')}, got ${shown(dtype)}`);
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new AtcError('ARGUMENT', `length must be a whole number from 0, got ${shown(length)}`);
    }
    const bytes = length * itemSize(dtype);
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const { byteLength } = this.#free[i];
      if (byteLength < bytes || byteLength > MOST_SPARE * Math.max(bytes, PAGE_BYTES)) continue;
      if (best < 0 || byteLength < this.#free[best].byteLength) best = i;
    }
    const buffer = best < 0 ? allocate(bytes) : this.#free[best];
    if (best >= 0) {
      this.#free[best] = this.#free[this.#free.length - 1];
      this.#free.pop();
    }
    this.#taken.push(buffer);
    return viewAs(dtype, buffer, 0, length);
  }

  /** Takes back every array that was handed out: nobody may use them any more. */
  reset(): void {
    this.#free.push(...this.#taken);
    this.#taken = [];
  }

  /** Releases the buffers that are not in use. */
  clear(): void {
    this.#free = [];
  }
}

function allocate(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(Math.max(1, Math.ceil(bytes / PAGE_BYTES)) * PAGE_BYTES);
  } catch (cause) {
    throw new AtcError('ARGUMENT', `no memory for an array of ${bytes} bytes`, { cause });
  }
}
