/**
 * Coders of columns whose elements are neither decimals nor smooth: compounded results, and words that come back. They cost more
 * time than they are worth on anything else, so each looks at some rows first and only at columns that stayed large.
 */
import { bytesOf, dtypeOf, type TypedArray } from '../dtype.js';
import { kernels } from '../kernels/index.js';
import type { Chunk, ChunkDecoder } from './codec.js';
import { GROWTH_DECODER, REPEATS_DECODER } from './decoders.js';
import { encodeGrowth } from './growth/encoder.js';
import { releaseRows } from './numeric/row-pool.js';
import type { StreamPolicy } from './numeric/stream.js';
import { encodeRepeats, isRepetitive } from './repeats/encoder.js';
import { WIRE_ID } from './wire-ids.js';

/** Share of the raw size up to which a column is left as it is. */
const SMALL_ENOUGH = 0.25;
const NO_REFS: readonly number[] = [];

function isExact(decoder: ChunkDecoder, chunk: Chunk, values: TypedArray): boolean {
  const dtype = dtypeOf(values)!;
  const out = values.slice();
  const reader = {
    schema: [{ name: '', dtype }],
    rows: values.length,
    memo: new Map(),
    chunk: () => chunk,
  };
  decoder.decode(reader, 0, out);
  const [a, b] = [bytesOf(out), bytesOf(values)];
  return a.every((byte, i) => byte === b[i]);
}

/** The smallest of `chunk` (undefined: the column as it is) and what these coders make of the column. */
export function smallestWordChunk(
  values: TypedArray,
  chunk: Chunk | undefined,
  policy: StreamPolicy,
): Chunk | undefined {
  const bytes = chunk?.bytes.length ?? values.byteLength;
  if (values.BYTES_PER_ELEMENT !== 8 || bytes <= values.byteLength * SMALL_ENOUGH) return chunk;
  // Decoding is row by row anyway: the smaller stream, not the one that decodes faster.
  const smallest = { ...policy, tansBelow: 1 };
  let best = chunk;
  const consider = (decoder: ChunkDecoder, encoded: Uint8Array | undefined) => {
    if (encoded === undefined || encoded.length >= (best?.bytes.length ?? values.byteLength)) return;
    const candidate = { wireId: decoder.wireId, refs: NO_REFS, bytes: encoded };
    if (isExact(decoder, candidate, values)) best = candidate;
  };
  releaseRows();
  if (dtypeOf(values) === 'float64') {
    consider(GROWTH_DECODER, encodeGrowth(kernels(), values as Float64Array, smallest));
  }
  if (best?.wireId !== WIRE_ID.growth && isRepetitive(values)) {
    releaseRows();
    consider(REPEATS_DECODER, encodeRepeats(kernels(), values, smallest));
  }
  return best;
}
