/**
 * Arrays of up to a block's rows, for an encoder's intermediate results. Fresh memory of that size costs page faults
 * and garbage collection, more than coding the rows does, so buffers are pooled and reused for every block. Encoding is
 * synchronous, so no two blocks overlap; nothing taken here may outlive the block.
 */
import { MAX_ROWS } from '../../kernels/offsets.js';

const BUFFER_BYTES = 8 * MAX_ROWS;
/** Size of the pool, 4 MiB; exhaustive levels and wide tables take what is beyond from the heap. */
const MOST_KEPT = 32;
/** Smaller arrays are cheap to make. */
const FEWEST_BYTES = 128;

const kept: ArrayBuffer[] = [];
let taken = 0;

function bufferOf(bytes: number): ArrayBuffer {
  if (bytes < FEWEST_BYTES || bytes > BUFFER_BYTES || taken === MOST_KEPT) return new ArrayBuffer(bytes);
  if (taken === kept.length) kept.push(new ArrayBuffer(BUFFER_BYTES));
  return kept[taken++];
}

/** Takes everything back: whatever was given out before may be overwritten from now on. */
export function releaseRows(): void {
  taken = 0;
}

/** `n` elements with unspecified content, as are those of the others. */
export function float64Rows(n: number): Float64Array {
  return new Float64Array(bufferOf(8 * n), 0, n);
}

export function int32Rows(n: number): Int32Array {
  return new Int32Array(bufferOf(4 * n), 0, n);
}

export function uint32Rows(n: number): Uint32Array {
  return new Uint32Array(bufferOf(4 * n), 0, n);
}

export function byteRows(n: number): Uint8Array {
  return new Uint8Array(bufferOf(n), 0, n);
}

/** A copy of arena elements [from, from + n). */
export function copyOfDoubles(source: Float64Array, from: number, n: number): Float64Array {
  const copy = float64Rows(n);
  copy.set(source.subarray(from, from + n));
  return copy;
}
