/** Text as a frame: an array of bytes that any reader of frames reads, coded as the text that it is. */
import { bytesOf, type TypedArray } from '../../dtype.js';
import { SHUFFLE_DEFLATE, SHUFFLE_LZ4 } from '../byte-codecs.js';
import type { BlockEncoder, Chunk, CompressionLevel } from '../codec.js';
import { columnsEncoder, NO_REFS, smallestChunk } from '../column-encoder.js';
import { type CompressionOptions, resolveCompression } from '../compression-options.js';
import { compressPrices } from '../prices.js';
import { scratch } from '../scratch.js';
import { writeFrame } from '../write-whole.js';
import { deflateText } from './deflate.js';

/** Deflate looks back 32 KiB and LZ4 64: text is not cut as often as numbers are. */
const TEXT_BLOCK_BYTES = 1 << 20;
/** Levels from which text is deflated here, and also by pako, which searches longer for a little less. */
const DEFLATE_FROM_LEVEL = 5;
const SLOW_DEFLATE_FROM_LEVEL = 6;

/**
 * A frame of `text`, which `decompressPrices` reads. Of the codecs only those of bytes are tried: text is no numbers.
 * Throws ARGUMENT for a wrong level or algorithm.
 */
export function compressText(text: Uint8Array, options: CompressionOptions): Uint8Array {
  const { level, algorithm } = resolveCompression(options);
  if (algorithm !== 'auto' || level === 0) return compressPrices(text, { level, algorithm });
  const schema = { kind: 'array', columns: [{ name: '', dtype: 'uint8' }] } as const;
  return writeFrame(schema, [text], { level, blockRows: TEXT_BLOCK_BYTES }, undefined, textEncoder(level));
}

function textEncoder(level: CompressionLevel): BlockEncoder {
  if (level < DEFLATE_FROM_LEVEL) return columnsEncoder([SHUFFLE_LZ4], level);
  const slow = level < SLOW_DEFLATE_FROM_LEVEL ? [] : [SHUFFLE_DEFLATE];
  return ({ columns }) => columns.map((text) => smallestChunk(text, slow, level, deflatedChunk(text)));
}

/** Undefined where deflate does not make it shorter. Bytes of one plane are their own shuffle. */
function deflatedChunk(text: TypedArray): Chunk | undefined {
  const target = scratch('encoded', text.byteLength - 1);
  const length = deflateText(bytesOf(text), target);
  return length < 0 ? undefined : { wireId: SHUFFLE_DEFLATE.wireId, refs: NO_REFS, bytes: target.slice(0, length) };
}
