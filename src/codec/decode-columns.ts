/** What the one-call functions share: whole frames in memory, decoded into new arrays or the caller's. */
import { requireByteCount } from '../arguments.js';
import { createArray, type Dtype, dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { ColumnSchema } from './codec.js';
import type { FrameKind } from './frame-header.js';
import { FrameReader } from './frame-reader.js';
import { memorySource } from './frame-source.js';

/** A bound for bytes that are not trusted. */
export interface DecodeLimit {
  /**
   * Most bytes that are allocated for the result, default 4 GiB. Set it for bytes from strangers: small frames can hold
   * large constants.
   */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 2 ** 32;

export function openFrame(bytes: Uint8Array, kind: FrameKind): FrameReader {
  if (dtypeOf(bytes) !== 'uint8') throw new AtcError('ARGUMENT', 'compressed bytes must be a Uint8Array or Buffer');
  const frame = new FrameReader(memorySource(bytes));
  if (frame.kind !== kind) {
    const right = kind === 'array' ? 'decompressDataFrame' : 'decompressPrices';
    throw new AtcError('ARGUMENT', `the frame holds ${kind === 'array' ? 'a table' : 'an array'}; use ${right}`);
  }
  return frame;
}

/** Where decoded columns go. */
export interface DecodeTargets extends DecodeLimit {
  /** By position in the columns asked for; absent where a new array is wanted. */
  readonly into?: readonly (TypedArray | undefined)[];
  /** What new arrays are taken from, default the heap. */
  readonly allocate?: (dtype: Dtype, length: number) => TypedArray;
}

/**
 * Decodes rows [from, to) of some columns, each into the beginning of the array that `into` has for it, else into a new
 * one. ARGUMENT when the new ones take more than `maxBytes`, or when an array is of another dtype or too short.
 */
export function decodeColumns(
  frame: FrameReader,
  columns: readonly number[],
  from: number,
  to: number,
  { maxBytes = DEFAULT_MAX_BYTES, into = [], allocate = freshArray }: DecodeTargets,
): TypedArray[] {
  requireByteCount(maxBytes, 'maxBytes');
  const wanted = into.length === 0 ? columns : columns.filter((_, i) => into[i] === undefined);
  const needed = frame.decodedBytes(wanted, from, to);
  if (needed > maxBytes) {
    throw new AtcError(
      'ARGUMENT',
      `the frame decodes to ${needed} bytes, more than maxBytes (${maxBytes}); raise it or read a part`,
    );
  }
  const rows = to - from;
  const out = columns.map((column, i) => {
    const given = into[i];
    if (given === undefined) return allocate(frame.columns[column].dtype, rows);
    requireTarget(frame.columns[column], given, rows);
    return given.length === rows ? given : given.subarray(0, rows);
  });
  frame.decodeRows(columns, from, to, out);
  return out;
}

function requireTarget({ name, dtype }: ColumnSchema, given: TypedArray, rows: number): void {
  const found = dtypeOf(given);
  if (found === dtype && given.length >= rows) return;
  const what = name === '' ? 'the array' : `column "${name}"`;
  const got = found === undefined ? 'no typed array' : `${found} of ${given.length}`;
  throw new AtcError('ARGUMENT', `${what} decodes into ${dtype} of at least ${rows} elements, got ${got}`, {
    column: name === '' ? undefined : name,
  });
}

/** ARGUMENT where decoding into one of `arrays` would overwrite another, or the bytes that are decoded. */
export function requireApart(bytes: Uint8Array, arrays: readonly TypedArray[]): void {
  const views: ArrayBufferView[] = [bytes, ...arrays.filter((array) => ArrayBuffer.isView(array))];
  for (let i = 0; i < views.length; i++) {
    for (let k = i + 1; k < views.length; k++) {
      const [a, b] = [views[i], views[k]];
      if (a.buffer !== b.buffer || a.byteOffset >= b.byteOffset + b.byteLength) continue;
      if (b.byteOffset >= a.byteOffset + a.byteLength) continue;
      const what = i === 0 ? 'shares memory with the compressed bytes' : 'shares memory with another';
      throw new AtcError('ARGUMENT', `an array to decode into ${what}; each needs its own`);
    }
  }
}

/** ARGUMENT when there is no memory for it. */
export function freshArray(dtype: Dtype, length: number): TypedArray {
  try {
    return createArray(dtype, length);
  } catch (cause) {
    throw new AtcError('ARGUMENT', `no memory for ${length} elements of ${dtype}; read a part of the rows`, { cause });
  }
}
