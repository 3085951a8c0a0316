/**
 * Coders of columns whose elements are neither decimals nor smooth: compounded results, and words that come back. They cost more
 * time than they are worth on anything else, so each looks at some rows first and only at columns that stayed large.
 */
import { bytesOf, dtypeOf, type TypedArray, viewAs } from '../dtype.js';
import { MAX_ROWS, OUT, UNITS_U } from '../kernels/arena.js';
import { kernels } from '../kernels/index.js';
import { FORM_BITS, FORM_INTEGER } from '../kernels/kernels.js';
import type { Chunk, ChunkDecoder } from './codec.js';
import { GROWTH_DECODER, REPEATS_DECODER } from './decoders.js';
import { encodeGrowth } from './growth/encoder.js';
import type { NumericPolicy } from './numeric/policy.js';
import { releaseRows } from './numeric/row-pool.js';
import { CHUNK_INTEGERS } from './numeric/wire.js';
import { encodeRepeats, isRepetitive } from './repeats/encoder.js';

/** From this exponent on a decimal holds any double of some digits, results included. */
const DOUBTFUL_EXPONENT = 10;
const NO_REFS: readonly number[] = [];

/** Whether a chunk says that a column holds decimals of its own: prices, whose every change is a fraction of small numbers too. */
function isDecimal(chunk: Chunk | undefined): boolean {
  if (chunk === undefined || chunk.bytes[0] !== CHUNK_INTEGERS) return false;
  const form = chunk.bytes[1] & 7;
  if (form === FORM_INTEGER) return true;
  return form < FORM_BITS && chunk.bytes[2] < DOUBTFUL_EXPONENT;
}

function isExact(decoder: ChunkDecoder, chunk: Chunk, values: TypedArray): boolean {
  const { arena, equal } = kernels();
  const dtype = dtypeOf(values)!;
  const schema = [{ name: '', dtype }];
  // Behind everything a decoder works with.
  const out = viewAs(dtype, arena.buffer, UNITS_U, values.length);
  decoder.decode({ schema, rows: values.length, memo: new Map(), chunk: () => chunk }, 0, out);
  arena.u8.set(bytesOf(values), OUT);
  return equal(UNITS_U, values.byteLength);
}

/** The smallest of `chunk` (undefined: the column as it is) and what these coders make of the column. */
export function smallestWordChunk(
  values: TypedArray,
  chunk: Chunk | undefined,
  policy: NumericPolicy,
): Chunk | undefined {
  const size = chunk?.bytes.length ?? values.byteLength;
  if (values.BYTES_PER_ELEMENT !== 8 || values.length > MAX_ROWS || size <= values.byteLength * policy.wordsAbove)
    return chunk;
  // Decoding is row by row anyway: the smaller stream, not the one that decodes faster.
  const smallest = { ...policy, tansBelow: 1 };
  const chunkOf = (decoder: ChunkDecoder, bytes: Uint8Array | undefined): Chunk | undefined => {
    if (bytes === undefined || bytes.length >= size * policy.wordsBelow) return undefined;
    const encoded = { wireId: decoder.wireId, refs: NO_REFS, bytes };
    return isExact(decoder, encoded, values) ? encoded : undefined;
  };
  releaseRows();
  if (dtypeOf(values) === 'float64' && !isDecimal(chunk)) {
    const growth = chunkOf(GROWTH_DECODER, encodeGrowth(kernels(), values as Float64Array, smallest));
    if (growth !== undefined) return growth;
  }
  if (!isRepetitive(values)) return chunk;
  return chunkOf(REPEATS_DECODER, encodeRepeats(kernels(), values, smallest)) ?? chunk;
}
