/**
 * What a level and an algorithm mean: which encoder codes a block. The choice is not on the wire (every chunk names its
 * codec), so this policy may change between versions without touching a reader.
 */
import { autoEncoder } from './auto-encoder.js';
import { SHUFFLE_DEFLATE, SHUFFLE_LZ4 } from './byte-codecs.js';
import type { BlockEncoder, CompressionAlgorithm, CompressionLevel } from './codec.js';
import { columnsEncoder } from './column-encoder.js';

export function blockEncoder(algorithm: CompressionAlgorithm, level: CompressionLevel): BlockEncoder {
  if (level === 0) return columnsEncoder([], level);
  if (algorithm === 'lz4') return columnsEncoder([SHUFFLE_LZ4], level);
  if (algorithm === 'zlib') return columnsEncoder([SHUFFLE_DEFLATE], level);
  return autoEncoder(level);
}
