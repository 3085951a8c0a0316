/**
 * Codecs that see numbers as bytes: stored, and byte shuffle followed by a general coder (LZ4 for speed, deflate for
 * size). They take every dtype and every bit pattern.
 */
import { bytesOf, itemSize, type TypedArray } from '../dtype.js';
import type { BlockReader, ColumnCodec } from './codec.js';
import { chunkDamage } from './corrupt.js';
import { deflateDecode } from './deflate.js';
import { lz4Decode } from './lz4-decode.js';
import { nativeCompression } from './natives.js';
import { scratch } from './scratch.js';
import { unshuffle } from './shuffle.js';

/**
 * Deflate costs some ten times the encoding time of LZ4. On what the numeric codec leaves over it gains next to
 * nothing, so it waits for level 8; on bytes, which are text more often than numbers, it halves the size and is tried
 * from the default level on.
 */
const DEFLATE_FROM_LEVEL = 8;
const DEFLATE_BYTES_FROM_LEVEL = 5;

/** Codecs of bytes predict nothing: a chunk with refs is not theirs. */
function bytesOfChunk(block: BlockReader, column: number): Uint8Array {
  const { bytes, refs } = block.chunk(column);
  if (refs.length > 0) throw chunkDamage('refs of a chunk that predicts nothing', 0);
  return bytes;
}

function storedBytes(block: BlockReader, column: number, size: number): Uint8Array {
  const bytes = bytesOfChunk(block, column);
  if (bytes.length === block.rows * size) return bytes;
  throw chunkDamage(`stored chunk has ${bytes.length} bytes, ${block.rows * size} expected`, 0);
}

/** What is left of a column that no codec makes smaller: raw is the cap. */
export const STORED: ColumnCodec = {
  wireId: 0,
  name: 'stored',
  fromLevel: () => 0,
  decode(block, column, out) {
    bytesOf(out).set(storedBytes(block, column, out.BYTES_PER_ELEMENT));
  },
  decodeRows(block, column, from, out) {
    const bytes = storedBytes(block, column, out.BYTES_PER_ELEMENT);
    bytesOf(out).set(bytes.subarray(from * out.BYTES_PER_ELEMENT, (from + out.length) * out.BYTES_PER_ELEMENT));
  },
};

export const SHUFFLE_LZ4: ColumnCodec = {
  wireId: 1,
  name: 'shuffle+lz4',
  fromLevel: () => 1,
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
 * Where lz4-napi beats the TypeScript decoder (bench/byte-codecs.js): many short sequences, which is what ratios from
 * 4/3 to 10 mean. Below, long literals and above, long matches are block copies here too, and the call into the addon
 * costs more.
 */
function nativeLz4Pays(encodedBytes: number, decodedBytes: number): boolean {
  return decodedBytes >= 8192 && encodedBytes * 4 <= decodedBytes * 3 && encodedBytes * 10 >= decodedBytes;
}

export const SHUFFLE_DEFLATE: ColumnCodec = {
  wireId: 2,
  name: 'shuffle+deflate',
  fromLevel: (dtype) => (itemSize(dtype) === 1 ? DEFLATE_BYTES_FROM_LEVEL : DEFLATE_FROM_LEVEL),
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
  const planes = decode(bytesOfChunk(block, column), scratch('planes', out.byteLength));
  unshuffle(planes, itemSize(block.schema[column].dtype), bytesOf(out));
}
