/** Columns coded one by one: each with the codec that makes it smallest. */
import { bytesOf, type TypedArray } from '../dtype.js';
import { STORED } from './byte-codecs.js';
import type { BlockEncoder, Chunk, ColumnCodec, ColumnEncoder, CompressionLevel } from './codec.js';
import { LARGE_ENCODERS } from './large-encoders.js';

export const NO_REFS: readonly number[] = [];

/** How a codec encodes a column alone, undefined where it does not. */
export function encoderOf(codec: ColumnCodec): ColumnEncoder | undefined {
  return codec.encode ?? LARGE_ENCODERS.get(codec.wireId);
}

/**
 * The smallest of `chunk` (absent: the column as it is) and what the codecs make of the column. Earlier ones win ties.
 */
export function smallestChunk(
  values: TypedArray,
  codecs: readonly ColumnCodec[],
  level: CompressionLevel,
  chunk?: Chunk,
): Chunk {
  let best = chunk;
  for (const codec of codecs) {
    const below = best?.bytes.length ?? values.byteLength;
    const bytes = encoderOf(codec)?.(values, { level, best, below });
    if (bytes !== undefined && bytes.length < below) best = { wireId: codec.wireId, refs: NO_REFS, bytes };
  }
  return best ?? { wireId: STORED.wireId, refs: NO_REFS, bytes: bytesOf(values) };
}

/** Codes every column by itself with one of `codecs`, stored where none makes it smaller. */
export function columnsEncoder(codecs: readonly ColumnCodec[], level: CompressionLevel): BlockEncoder {
  return ({ columns }) => columns.map((values) => smallestChunk(values, codecs, level));
}
