/**
 * What Parquet pages are compressed with: Node's zlib where it can, LZ4 of this package, zstd of Node or of fzstd,
 * snappy of hyparquet.
 */
import { lz4Decode } from '../../codec/lz4-decode.js';
import { AtcError } from '../../errors.js';
import { requireNow } from '../../require-now.js';
import { decodeLz4Frame } from '../lz4-frame.js';
import { loadZstd } from '../zstd.js';
import type { PageScratch } from './scratch.js';

/** Decoded bytes of one page; writers make pages of about 1 MiB, row groups of one page some hundred. */
const MAX_PAGE_BYTES = 1 << 29;
const LZ4_FRAME_MAGIC = 0x184d2204;

type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array;

/** By the names of the specification. A page longer than it may be is CORRUPT before anything is allocated. */
export async function parquetCompressors(
  snappy: (input: Uint8Array, output: Uint8Array) => void,
  scratch: PageScratch,
) {
  const zlib = requireNow<typeof import('node:zlib')>('node:zlib');
  const zstd = await loadZstd();
  const bounded =
    (decompress: Decompress): Decompress =>
    (input, length) => {
      if (length > MAX_PAGE_BYTES) {
        throw new AtcError('CORRUPT', `a Parquet page claims ${length} bytes; at most ${MAX_PAGE_BYTES} are read`);
      }
      return decompress(input, length);
    };
  return {
    SNAPPY: bounded((input, length) => {
      const output = scratch.page(length);
      snappy(input, output);
      return output;
    }),
    GZIP: bounded((input, length) => zlib.gunzipSync(input, { maxOutputLength: Math.max(1, length) })),
    BROTLI: bounded((input, length) => zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
    ZSTD: bounded((input, length) => zstd(input, length, scratch.page(length))),
    LZ4_RAW: bounded((input, length) => {
      const output = scratch.page(length);
      lz4Decode(input, output);
      return output;
    }),
    LZ4: bounded(decodeLz4),
  };
}

function decodeLz4Block(block: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  lz4Decode(block, output);
  return output;
}

/** The deprecated kind: a frame, or Hadoop's blocks (two big-endian lengths before each), or one bare block. */
function decodeLz4(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length >= 4 && view.getUint32(0, true) === LZ4_FRAME_MAGIC) return decodeLz4Frame(input, length);
  return decodeHadoopBlocks(input, view, length) ?? decodeLz4Block(input, length);
}

function decodeHadoopBlocks(input: Uint8Array, view: DataView, length: number): Uint8Array | undefined {
  const output = new Uint8Array(length);
  let to = 0;
  for (let at = 0; at < input.length; ) {
    if (at + 8 > input.length) return undefined;
    const decoded = view.getUint32(at);
    const encoded = view.getUint32(at + 4);
    at += 8;
    if (encoded > input.length - at || decoded > length - to) return undefined;
    lz4Decode(input.subarray(at, at + encoded), output.subarray(to, to + decoded));
    at += encoded;
    to += decoded;
  }
  return to === length ? output : undefined;
}
