/**
 * Encoders that only a process that writes loads, by wire id. Growth and repeats are for columns that are neither
 * decimal nor smooth: compounded results, and words that recur. They cost more time than they are worth on anything
 * else, so each looks at some rows first and only at columns that stayed large.
 */
import { bytesOf, dtypeOf, type TypedArray, viewAs } from '../dtype.js';
import { kernels } from '../kernels/index.js';
import { FORM_BITS, FORM_INTEGER } from '../kernels/kernels.js';
import { MAX_ROWS, OUT, UNITS_U } from '../kernels/offsets.js';
import { SHUFFLE_DEFLATE, SHUFFLE_LZ4 } from './byte-codecs.js';
import type { Chunk, ChunkDecoder, ColumnEncoder, EncodeAttempt } from './codec.js';
import { GROWTH } from './growth/decoder.js';
import { encodeGrowth } from './growth/encoder.js';
import { type NumericPolicy, policyOf } from './numeric/policy.js';
import { releaseRows } from './numeric/row-pool.js';
import { CHUNK_INTEGERS, NUMERIC_WIRE_ID } from './numeric/wire.js';
import { encodeDeflateColumn, encodeLz4Column } from './plane-encoders.js';
import { REPEATS } from './repeats/decoder.js';
import { encodeRepeats, isRepetitive } from './repeats/encoder.js';

/** From this exponent on a decimal holds any double of some digits, results included. */
const DOUBTFUL_EXPONENT = 10;

export const LARGE_ENCODERS: ReadonlyMap<number, ColumnEncoder> = new Map<number, ColumnEncoder>([
  [SHUFFLE_LZ4.wireId, encodeLz4Column],
  [SHUFFLE_DEFLATE.wireId, encodeDeflateColumn],
  [GROWTH.wireId, encodeGrowthColumn],
  [REPEATS.wireId, encodeRepeatsColumn],
]);

function encodeGrowthColumn(values: TypedArray, attempt: EncodeAttempt): Uint8Array | undefined {
  if (dtypeOf(values) !== 'float64' || !isWorthIt(values, attempt) || isDecimal(attempt.best)) return undefined;
  releaseRows();
  const bytes = encodeGrowth(kernels(), values as Float64Array, smallestStreams(attempt));
  return verified(GROWTH, values, attempt, bytes);
}

function encodeRepeatsColumn(values: TypedArray, attempt: EncodeAttempt): Uint8Array | undefined {
  if (values.BYTES_PER_ELEMENT !== 8 || !isWorthIt(values, attempt) || !isRepetitive(values)) return undefined;
  releaseRows();
  return verified(REPEATS, values, attempt, encodeRepeats(kernels(), values, smallestStreams(attempt)));
}

function isWorthIt(values: TypedArray, { level, below }: EncodeAttempt): boolean {
  return values.length <= MAX_ROWS && below > values.byteLength * policyOf(level).wordsAbove;
}

/** Decoding is row by row anyway: the smaller stream, not the one that decodes faster. */
function smallestStreams({ level }: EncodeAttempt): NumericPolicy {
  return { ...policyOf(level), tansBelow: 1 };
}

/** Whether a chunk holds decimals of its own: prices, whose every change is a fraction of small numbers too. */
function isDecimal(chunk: Chunk | undefined): boolean {
  if (chunk?.wireId !== NUMERIC_WIRE_ID || chunk.bytes[0] !== CHUNK_INTEGERS) return false;
  const form = chunk.bytes[1] & 7;
  if (form === FORM_INTEGER) return true;
  return form < FORM_BITS && chunk.bytes[2] < DOUBTFUL_EXPONENT;
}

/** `bytes` where they are enough shorter and decode to the very same bits. */
function verified(
  decoder: ChunkDecoder,
  values: TypedArray,
  { level, below }: EncodeAttempt,
  bytes: Uint8Array | undefined,
): Uint8Array | undefined {
  if (bytes === undefined || bytes.length >= below * policyOf(level).wordsBelow) return undefined;
  const { arena, equal } = kernels();
  const dtype = dtypeOf(values)!;
  const chunk = { wireId: decoder.wireId, refs: [], bytes };
  // Behind everything a decoder works with.
  const out = viewAs(dtype, arena.buffer, UNITS_U, values.length);
  decoder.decode({ schema: [{ name: '', dtype }], rows: values.length, memo: new Map(), chunk: () => chunk }, 0, out);
  arena.u8.set(bytesOf(values), OUT);
  return equal(UNITS_U, values.byteLength) ? bytes : undefined;
}
