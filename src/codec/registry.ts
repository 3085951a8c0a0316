/** Which decoder reads which wire id, and the one place that turns whatever a decoder throws into CORRUPT with its place. */

import type { TypedArray } from '../dtype.js';
import { AtcError, isAtcError } from '../errors.js';
import { SHUFFLE_DEFLATE_DECODER, SHUFFLE_LZ4_DECODER, STORED_DECODER } from './byte-codecs.js';
import type { BlockReader, ChunkDecoder } from './codec.js';
import { corrupt } from './corrupt.js';
import { GROWTH_DECODER, NUMERIC_DECODER, REPEATS_DECODER } from './decoders.js';
import { partOfBlock } from './part-of-block.js';

const DECODERS: readonly ChunkDecoder[] = [
  STORED_DECODER,
  SHUFFLE_LZ4_DECODER,
  SHUFFLE_DEFLATE_DECODER,
  NUMERIC_DECODER,
  GROWTH_DECODER,
  REPEATS_DECODER,
];

let byWireId: ReadonlyMap<number, ChunkDecoder> | undefined;

/** The decoder of a wire id, or undefined for one that this version does not know. */
export function decoderOf(wireId: number): ChunkDecoder | undefined {
  byWireId ??= new Map(DECODERS.map((decoder) => [decoder.wireId, decoder]));
  return byWireId.get(wireId);
}

/** Where a chunk lies, for error messages. */
export interface ChunkPlace {
  /** Byte offset of the chunk in the frame. */
  readonly offset: number;
  readonly path?: string;
}

/**
 * Decodes rows [from, from + out.length) of one column of a block into `out`, which is of the column's dtype. Throws CORRUPT with the
 * offset in the frame, FORMAT_VERSION for a codec of a later version.
 */
export function decodeChunk(
  block: BlockReader,
  column: number,
  from: number,
  out: TypedArray,
  place: ChunkPlace,
): void {
  const { wireId } = block.chunk(column);
  const decoder = decoderOf(wireId);
  const { name } = block.schema[column];
  if (decoder === undefined) {
    throw new AtcError(
      'FORMAT_VERSION',
      `column "${name}" is coded with codec ${wireId}, which this version of atc-memory does not know; upgrade to read it`,
      { path: place.path, offset: place.offset, column: name },
    );
  }
  try {
    if (out.length === block.rows) decoder.decode(block, column, out);
    else if (decoder.decodeRows !== undefined) decoder.decodeRows(block, column, from, out);
    else partOfBlock(block.rows, from, out, (whole) => decoder.decode(block, column, whole));
  } catch (error) {
    if (isAtcError(error) && error.code !== 'CORRUPT') throw error;
    const offset = place.offset + (isAtcError(error) ? (error.offset ?? 0) : 0);
    const reason = error instanceof Error ? error.message : String(error);
    throw corrupt(`column "${name}" (${decoder.name}) is damaged: ${reason}`, offset, place.path, error);
  }
}
