/**
 * What a level and an algorithm mean: which encoder codes a block. The choice is not on the wire (every chunk names its codec),
 * so this policy may change between versions without touching a reader.
 */
import { byteBlockEncoder, deflateEncoder, LZ4_ENCODER, type PlaneEncoder } from './byte-codecs.js';
import type { BlockEncoder, CompressionAlgorithm, CompressionLevel } from './codec.js';
import { numericBlockEncoder } from './numeric/index.js';

/** From this level on `auto` pays for deflate, which is some ten times slower to encode than LZ4. */
const DEFLATE_FROM_LEVEL = 5;

/** The byte codecs that compete at a level of `auto`. */
export function byteEncodersOf(level: CompressionLevel): readonly PlaneEncoder[] {
  if (level === 0) return [];
  return level < DEFLATE_FROM_LEVEL ? [LZ4_ENCODER] : [LZ4_ENCODER, deflateEncoder(level)];
}

export function blockEncoder(algorithm: CompressionAlgorithm, level: CompressionLevel): BlockEncoder {
  if (level === 0) return byteBlockEncoder([]);
  if (algorithm === 'lz4') return byteBlockEncoder([LZ4_ENCODER]);
  if (algorithm === 'zlib') return byteBlockEncoder([deflateEncoder(level)]);
  return numericBlockEncoder(level, byteEncodersOf(level));
}
