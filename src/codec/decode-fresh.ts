/** What the one-call functions share: whole frames in memory, decoded. */
import { requireOptions } from '../arguments.js';
import { createArray, type Dtype, dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { FrameKind } from './frame-header.js';
import { FrameReader } from './frame-reader.js';
import { memorySource } from './frame-source.js';

/** A bound for bytes that are not trusted. */
export interface DecodeLimit {
  /**
   * Most bytes the result may take, default 4 GiB. Set it for bytes from strangers: small frames can hold large
   * constants.
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

/** Decodes rows [from, to) of some columns into fresh arrays; ARGUMENT when they take more than `maxBytes`. */
export function decodeFresh(
  frame: FrameReader,
  columns: readonly number[],
  from: number,
  to: number,
  limit: DecodeLimit,
): TypedArray[] {
  requireOptions(limit, 'decompress');
  const { maxBytes = DEFAULT_MAX_BYTES } = limit;
  if (!(maxBytes >= 0)) throw new AtcError('ARGUMENT', `maxBytes must be a number of bytes, got ${String(maxBytes)}`);
  const needed = frame.decodedBytes(columns, from, to);
  if (needed > maxBytes) {
    throw new AtcError(
      'ARGUMENT',
      `the frame decodes to ${needed} bytes, more than maxBytes (${maxBytes}); raise it or read a part`,
    );
  }
  const out = columns.map((column) => allocate(frame.columns[column].dtype, to - from));
  frame.decodeRows(columns, from, to, out);
  return out;
}

function allocate(dtype: Dtype, length: number): TypedArray {
  try {
    return createArray(dtype, length);
  } catch (cause) {
    throw new AtcError('ARGUMENT', `no memory for ${length} elements of ${dtype}; read a part of the rows`, { cause });
  }
}
