/**
 * Codecs that see numbers as bytes: stored, and byte shuffle followed by a general coder (LZ4 for speed, deflate for size).
 * They take every dtype and every bit pattern, and they are the cap: what does not shrink is stored.
 */
import { bytesOf, type Dtype, itemSize, type TypedArray } from '../dtype.js';
import type { Block, BlockEncoder, BlockReader, Chunk, ChunkDecoder } from './codec.js';
import { chunkDamage } from './corrupt.js';
import { deflateDecode, deflateEncode } from './deflate.js';
import { lz4Decode } from './lz4-decode.js';
import { lz4Encode } from './lz4-encode.js';
import { nativeCompression } from './natives.js';
import { scratch } from './scratch.js';
import { shuffle, unshuffle } from './shuffle.js';
import { WIRE_ID } from './wire-ids.js';

const NO_REFS: readonly number[] = [];

/** A general coder behind the byte shuffle. `encode` returns the length, or -1 when the result does not fit `target`. */
export interface PlaneEncoder {
  readonly wireId: number;
  /** Wider elements are not tried. Default: any. */
  readonly widestItem?: number;
  encode(planes: Uint8Array, target: Uint8Array): number;
}

export const LZ4_ENCODER: PlaneEncoder = { wireId: WIRE_ID.shuffleLz4, encode: lz4Encode };

/** Deflate at zlib's level 1-9, for elements of at most `widestItem` bytes; the level is not on the wire. */
export function deflateEncoder(level: number, widestItem?: number): PlaneEncoder {
  return {
    wireId: WIRE_ID.shuffleDeflate,
    widestItem,
    encode: (planes, target) => deflateEncode(planes, target, level),
  };
}

function storedChunk(values: TypedArray): Chunk {
  return { wireId: WIRE_ID.stored, refs: NO_REFS, bytes: bytesOf(values) };
}

/** The smallest of what `encoders` make of a column, stored where none makes it smaller. Earlier ones win ties. */
export function smallestByteChunk(values: TypedArray, dtype: Dtype, encoders: readonly PlaneEncoder[]): Chunk {
  let best = storedChunk(values);
  const size = itemSize(dtype);
  const candidates = encoders.filter(({ widestItem = size }) => size <= widestItem);
  if (candidates.length === 0) return best;
  const planes = scratch('planes', values.byteLength);
  shuffle(best.bytes, size, planes);
  for (const encoder of candidates) {
    if (best.bytes.length === 0) break;
    const target = scratch('encoded', best.bytes.length - 1);
    const length = encoder.encode(planes, target);
    if (length >= 0) best = { wireId: encoder.wireId, refs: NO_REFS, bytes: target.slice(0, length) };
  }
  return best;
}

/** Codes every column by itself, as bytes. */
export function byteBlockEncoder(encoders: readonly PlaneEncoder[]): BlockEncoder {
  return (block: Block) => block.columns.map((values, i) => smallestByteChunk(values, block.schema[i].dtype, encoders));
}

function storedBytes(block: BlockReader, column: number, size: number): Uint8Array {
  const { bytes } = block.chunk(column);
  if (bytes.length === block.rows * size) return bytes;
  throw chunkDamage(`stored chunk has ${bytes.length} bytes, ${block.rows * size} expected`, 0);
}

export const STORED_DECODER: ChunkDecoder = {
  wireId: WIRE_ID.stored,
  name: 'stored',
  decode(block, column, out) {
    bytesOf(out).set(storedBytes(block, column, out.BYTES_PER_ELEMENT));
  },
  decodeRows(block, column, from, out) {
    const bytes = storedBytes(block, column, out.BYTES_PER_ELEMENT);
    bytesOf(out).set(bytes.subarray(from * out.BYTES_PER_ELEMENT, (from + out.length) * out.BYTES_PER_ELEMENT));
  },
};

export const SHUFFLE_LZ4_DECODER: ChunkDecoder = {
  wireId: WIRE_ID.shuffleLz4,
  name: 'shuffle+lz4',
  decode(block, column, out) {
    decodePlanes(block, column, out, (bytes, planes) => {
      const native = nativeLz4Pays(bytes.length, planes.length) ? nativeCompression().lz4Decode : undefined;
      if (native === undefined) {
        lz4Decode(bytes, planes);
        return planes;
      }
      const decoded = native(bytes, planes.length);
      if (decoded.length !== planes.length) {
        throw chunkDamage(`LZ4 block holds ${decoded.length} bytes, ${planes.length} expected`, bytes.length);
      }
      return decoded;
    });
  },
};

/**
 * Where lz4-napi beats the TypeScript decoder (bench/byte-codecs.js): many short sequences, which is what ratios from 4/3 to 10
 * mean. Below, long literals and above, long matches are block copies here too, and the call into the addon costs more.
 */
function nativeLz4Pays(encodedBytes: number, decodedBytes: number): boolean {
  return decodedBytes >= 8192 && encodedBytes * 4 <= decodedBytes * 3 && encodedBytes * 10 >= decodedBytes;
}

export const SHUFFLE_DEFLATE_DECODER: ChunkDecoder = {
  wireId: WIRE_ID.shuffleDeflate,
  name: 'shuffle+deflate',
  decode(block, column, out) {
    decodePlanes(block, column, out, deflateDecode);
  },
};

function decodePlanes(
  block: BlockReader,
  column: number,
  out: TypedArray,
  decode: (bytes: Uint8Array, planes: Uint8Array) => Uint8Array,
): void {
  const planes = decode(block.chunk(column).bytes, scratch('planes', out.byteLength));
  unshuffle(planes, itemSize(block.schema[column].dtype), bytesOf(out));
}
