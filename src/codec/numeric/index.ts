/** The encoder of the numeric codec as the rest of the codec sees it: one that always returns a chunk. */
import { kernels } from '../../kernels/index.js';
import { type PlaneEncoder, smallestByteChunk } from '../byte-codecs.js';
import type { Block, BlockEncoder, Chunk, CompressionLevel } from '../codec.js';
import { smallestWordChunk } from '../words.js';
import { NumericEncoder } from './encoder.js';
import { policyOf } from './policy.js';

/** Share of the raw size up to which no byte codec is tried against a numeric chunk: they never get there on numbers. */
const SURELY_NUMERIC = 0.5;

/** One per level, made on first use: what a frame needs and throws away is then made once. Encoding is synchronous. */
const encoders = new Map<CompressionLevel, NumericEncoder>();

function encoderOf(level: CompressionLevel): NumericEncoder {
  let encoder = encoders.get(level);
  if (encoder === undefined) encoders.set(level, (encoder = new NumericEncoder(kernels(), policyOf(level))));
  return encoder;
}

/** Numeric where that is smaller, else the smallest of the byte codecs. */
export function numericBlockEncoder(level: CompressionLevel, byteEncoders: readonly PlaneEncoder[]): BlockEncoder {
  const policy = policyOf(level);
  return (block: Block) => {
    const numeric = encoderOf(level).encode(block);
    const referenced = new Set(numeric.flatMap((chunk) => chunk?.refs ?? []));
    return numeric.map((coded, column) => {
      const values = block.columns[column];
      // A column others are predicted from has to keep its integers.
      if (coded && referenced.has(column)) return coded;
      const chunk = policy.wordsBelow > 0 ? smallestWordChunk(values, coded, policy) : coded;
      if (chunk && chunk.bytes.length < values.byteLength * SURELY_NUMERIC) return chunk;
      const bytes: Chunk = smallestByteChunk(values, block.schema[column].dtype, byteEncoders);
      return chunk && chunk.bytes.length <= bytes.bytes.length ? chunk : bytes;
    });
  };
}
