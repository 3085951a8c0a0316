/** One column through a word codec without frames around it. */
import type { ChunkDecoder } from '../../src/codec/codec.js';
import { GrowthDecoder } from '../../src/codec/growth/decoder.js';
import { encodeGrowth } from '../../src/codec/growth/encoder.js';
import { policyOf } from '../../src/codec/numeric/policy.js';
import { releaseRows } from '../../src/codec/numeric/row-pool.js';
import { RepeatsDecoder } from '../../src/codec/repeats/decoder.js';
import { encodeRepeats } from '../../src/codec/repeats/encoder.js';
import { createArray, type Dtype, type TypedArray } from '../../src/dtype.js';
import type { Kernels } from '../../src/kernels/kernels.js';

export type WordCodec = 'growth' | 'repeats';

export function encodeWords(
  kernels: Kernels,
  codec: WordCodec,
  values: TypedArray,
  level: number,
): Uint8Array | undefined {
  releaseRows();
  const policy = { ...policyOf(level as 5), tansBelow: 1 };
  if (codec === 'growth') return encodeGrowth(kernels, values as Float64Array, policy);
  return encodeRepeats(kernels, values, policy);
}

export function wordDecoder(kernels: Kernels, codec: WordCodec): ChunkDecoder {
  return codec === 'growth' ? new GrowthDecoder(() => kernels) : new RepeatsDecoder(() => kernels);
}

export function decodeWords(
  decoder: ChunkDecoder,
  bytes: Uint8Array,
  dtype: Dtype,
  rows: number,
  refs: readonly number[] = [],
): TypedArray {
  const out = createArray(dtype, rows);
  const chunk = { wireId: decoder.wireId, refs, bytes };
  decoder.decode({ schema: [{ name: '', dtype }], rows, memo: new Map(), chunk: () => chunk }, 0, out);
  return out;
}
