/** Which codec reads which wire id; here alone whatever a decoder throws becomes CORRUPT with its location. */
import type { TypedArray } from '../dtype.js';
import { AtcError, isAtcError } from '../errors.js';
import type { BlockReader, ColumnCodec } from './codec.js';
import { COLUMN_CODECS } from './column-codecs.js';
import { corrupt } from './corrupt.js';
import { partOfBlock } from './part-of-block.js';

let byWireId: ReadonlyMap<number, ColumnCodec> | undefined;

/** The codec of a wire id, or undefined for one that this version does not know. */
export function codecOf(wireId: number): ColumnCodec | undefined {
  byWireId ??= new Map(COLUMN_CODECS.map((codec) => [codec.wireId, codec]));
  return byWireId.get(wireId);
}

/** Where a chunk lies, for error messages. */
export interface ChunkLocation {
  /** Byte offset of the chunk in the frame. */
  readonly offset: number;
  readonly path?: string;
}

/**
 * Decodes rows [from, from + out.length) of one column of a block into `out`, which is of the column's dtype. Throws
 * CORRUPT with the offset in the frame, FORMAT_VERSION for a codec of a later version.
 */
export function decodeChunk(
  block: BlockReader,
  column: number,
  from: number,
  out: TypedArray,
  location: ChunkLocation,
): void {
  const { wireId } = block.chunk(column);
  const codec = codecOf(wireId);
  const { name } = block.schema[column];
  if (codec === undefined) {
    throw new AtcError(
      'FORMAT_VERSION',
      `column "${name}" is coded with codec ${wireId}, which this version of atc-memory does not know; upgrade to ` +
        'read it',
      { path: location.path, offset: location.offset, column: name },
    );
  }
  try {
    if (out.length === block.rows) codec.decode(block, column, out);
    else if (codec.decodeRows !== undefined) codec.decodeRows(block, column, from, out);
    else partOfBlock(block.rows, from, out, (whole) => codec.decode(block, column, whole));
  } catch (error) {
    if (isAtcError(error) && error.code !== 'CORRUPT') throw error;
    const offset = location.offset + (isAtcError(error) ? (error.offset ?? 0) : 0);
    const reason = error instanceof Error ? error.message : String(error);
    throw corrupt(`column "${name}" (${codec.name}) is damaged: ${reason}`, offset, location.path, error);
  }
}
