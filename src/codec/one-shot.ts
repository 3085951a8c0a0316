/** What the one-call functions share: whole frames in memory, in and out. */
import { createArray, type Dtype, dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { ByteWriter } from './byte-stream.js';
import type { CompressionOptions } from './compression-options.js';
import type { FrameKind, FrameSchema } from './frame-header.js';
import { FrameReader } from './frame-reader.js';
import { memorySource } from './frame-source.js';
import { FrameWriter } from './frame-writer.js';
import { requireColumns } from './schema.js';

/** A bound for bytes that are not trusted. */
export interface DecodeLimit {
  /**
   * Most bytes the result may take, default 4 GiB. Set it for bytes from strangers: small frames can hold large
   * constants.
   */
  readonly maxBytes?: number;
}

/** Share of the raw size that frames of prices do not exceed, as a rule: room taken at once. */
const USUAL_SHARE = 0.25;
const DEFAULT_MAX_BYTES = 2 ** 32;

export function writeFrame(
  schema: FrameSchema,
  columns: readonly TypedArray[],
  options: CompressionOptions,
  shape?: readonly number[],
): Uint8Array {
  const rawBytes = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const frame = new ByteWriter(Math.ceil(rawBytes * USUAL_SHARE) + 512);
  const writer = new FrameWriter((bytes) => frame.bytes(bytes), schema, options);
  const rows = requireColumns(schema.columns, columns);
  // Block by block, not `write`: small input needs no buffer for a full block.
  for (let from = 0; from < rows; from += writer.blockRows) {
    writer.writeBlock(columns.map((column) => column.subarray(from, from + writer.blockRows)));
  }
  writer.finish(shape);
  return frame.toBytes();
}

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
  { maxBytes = DEFAULT_MAX_BYTES }: DecodeLimit,
): TypedArray[] {
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
