/** Encoders of bytes: byte shuffle, then LZ4 or deflate. */
import { bytesOf, type TypedArray } from '../dtype.js';
import type { Chunk, EncodeAttempt } from './codec.js';
import { deflateEncode } from './deflate-encode.js';
import { lz4Encode } from './lz4-encode.js';
import { scratch } from './scratch.js';
import { shuffle } from './shuffle.js';

/** Wire ids up to this one are codecs of bytes. */
const LAST_BYTE_CODEC = 15;
/** Share of the column up to which a chunk of numbers is not tried as bytes: they never get there on numbers. */
const SURELY_NUMERIC = 0.5;

function isSurelyNumeric(values: TypedArray, best: Chunk | undefined): boolean {
  return best !== undefined && best.wireId > LAST_BYTE_CODEC && best.bytes.length < values.byteLength * SURELY_NUMERIC;
}

/**
 * The shuffled bytes of a column through a general coder, which returns the length, or -1 when the result does not fit
 * `target`.
 */
function encodePlanes(
  values: TypedArray,
  below: number,
  encode: (planes: Uint8Array, target: Uint8Array) => number,
): Uint8Array | undefined {
  if (below === 0) return undefined;
  const planes = scratch('planes', values.byteLength);
  shuffle(bytesOf(values), values.BYTES_PER_ELEMENT, planes);
  const target = scratch('encoded', below - 1);
  const length = encode(planes, target);
  return length < 0 ? undefined : target.slice(0, length);
}

export function encodeLz4Column(values: TypedArray, { best, below }: EncodeAttempt): Uint8Array | undefined {
  return isSurelyNumeric(values, best) ? undefined : encodePlanes(values, below, lz4Encode);
}

/** At zlib's level of the same number, which is not on the wire. */
export function encodeDeflateColumn(values: TypedArray, { level, best, below }: EncodeAttempt): Uint8Array | undefined {
  if (isSurelyNumeric(values, best)) return undefined;
  return encodePlanes(values, below, (planes, target) => deflateEncode(planes, target, level));
}
