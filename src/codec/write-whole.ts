/** A whole frame in memory, in one call. */
import type { TypedArray } from '../dtype.js';
import { ByteWriter } from './byte-stream.js';
import type { BlockEncoder } from './codec.js';
import type { FrameSchema } from './frame-header.js';
import { FrameWriter, type FrameWriterOptions } from './frame-writer.js';
import { requireColumns } from './schema.js';

/** Share of the raw size that frames of prices do not exceed, as a rule: room taken at once. */
const USUAL_SHARE = 0.25;

export function writeFrame(
  schema: FrameSchema,
  columns: readonly TypedArray[],
  options: FrameWriterOptions,
  shape?: readonly number[],
  encode?: BlockEncoder,
): Uint8Array {
  const rawBytes = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const frame = new ByteWriter(Math.ceil(rawBytes * USUAL_SHARE) + 512);
  const writer = new FrameWriter((bytes) => frame.bytes(bytes), schema, options, encode);
  const rows = requireColumns(schema.columns, columns);
  // Block by block, not `write`: small input needs no buffer for a full block.
  for (let from = 0; from < rows; from += writer.blockRows) {
    writer.writeBlock(columns.map((column) => column.subarray(from, from + writer.blockRows)));
  }
  writer.finish(shape);
  return frame.toBytes();
}
