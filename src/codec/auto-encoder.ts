/**
 * The algorithm `auto`: the columns of a block as numbers, predicted from each other, then each with whatever codec
 * makes it smaller.
 */
import type { Dtype } from '../dtype.js';
import { kernels } from '../kernels/index.js';
import type { Block, BlockEncoder, ColumnCodec, CompressionLevel } from './codec.js';
import { COLUMN_CODECS } from './column-codecs.js';
import { smallestChunk } from './column-encoder.js';
import { NumericEncoder } from './numeric/encoder.js';
import { policyOf } from './numeric/policy.js';

/** One per level, created on first use: encoding is synchronous, so frames share its working memory. */
const encoders = new Map<CompressionLevel, NumericEncoder>();

function numericEncoder(level: CompressionLevel): NumericEncoder {
  let encoder = encoders.get(level);
  if (encoder === undefined) encoders.set(level, (encoder = new NumericEncoder(kernels(), policyOf(level))));
  return encoder;
}

/** The codecs that a level tries on a column of a dtype, in the order of their list. */
function codecsOf(level: CompressionLevel, dtype: Dtype): readonly ColumnCodec[] {
  return COLUMN_CODECS.filter((codec) => codec.fromLevel(dtype) <= level);
}

const codecsByLevel = new Map<CompressionLevel, Map<Dtype, readonly ColumnCodec[]>>();

export function autoEncoder(level: CompressionLevel): BlockEncoder {
  let codecs = codecsByLevel.get(level);
  if (codecs === undefined) codecsByLevel.set(level, (codecs = new Map()));
  const ofLevel = codecs;
  return (block: Block) => {
    const numeric = numericEncoder(level).encode(block);
    const referenced = new Set(numeric.flatMap((chunk) => chunk?.refs ?? []));
    return numeric.map((chunk, column) => {
      // A column others are predicted from has to keep its integers.
      if (chunk && referenced.has(column)) return chunk;
      const { dtype } = block.schema[column];
      let tried = ofLevel.get(dtype);
      if (tried === undefined) ofLevel.set(dtype, (tried = codecsOf(level, dtype)));
      return smallestChunk(block.columns[column], tried, level, chunk);
    });
  };
}
