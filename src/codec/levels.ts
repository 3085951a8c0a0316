/**
 * What a level and an algorithm mean: which encoder codes a block. The choice is not on the wire (every chunk names its codec),
 * so this policy may change between versions without touching a reader.
 */
import { byteBlockEncoder, deflateEncoder, LZ4_ENCODER, type PlaneEncoder } from './byte-codecs.js';
import type { BlockEncoder, CompressionAlgorithm, CompressionLevel } from './codec.js';
import { numericBlockEncoder } from './numeric/index.js';

/**
 * Deflate costs some ten times the encoding time of LZ4. On what the numeric codec leaves over it gains next to nothing, so it waits
 * for level 8; on bytes, which are text more often than numbers, it halves the size and is tried from the default level on.
 */
const DEFLATE_FROM_LEVEL = 8;
const DEFLATE_BYTES_FROM_LEVEL = 5;

/** The byte codecs that compete at a level of `auto`. */
function byteEncodersOf(level: CompressionLevel): readonly PlaneEncoder[] {
  if (level < DEFLATE_BYTES_FROM_LEVEL) return [LZ4_ENCODER];
  return [LZ4_ENCODER, deflateEncoder(level, level < DEFLATE_FROM_LEVEL ? 1 : undefined)];
}

export function blockEncoder(algorithm: CompressionAlgorithm, level: CompressionLevel): BlockEncoder {
  if (level === 0) return byteBlockEncoder([]);
  if (algorithm === 'lz4') return byteBlockEncoder([LZ4_ENCODER]);
  if (algorithm === 'zlib') return byteBlockEncoder([deflateEncoder(level)]);
  return numericBlockEncoder(level, byteEncodersOf(level));
}
