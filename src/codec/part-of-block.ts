import { bytesOf, dtypeOf, type TypedArray, viewAs } from '../dtype.js';
import { scratch } from './scratch.js';

/** Fills `out` with the rows from `from` on of a block that can only be decoded whole. */
export function partOfBlock(rows: number, from: number, out: TypedArray, decode: (whole: TypedArray) => void): void {
  const { buffer } = scratch('block', rows * out.BYTES_PER_ELEMENT);
  const whole = viewAs(dtypeOf(out)!, buffer as ArrayBuffer, 0, rows);
  decode(whole);
  bytesOf(out).set(bytesOf(whole.subarray(from, from + out.length)));
}
