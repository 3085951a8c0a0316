/**
 * Raw deflate (RFC 1951). Encoding is always pako's: zlib builds differ between Node versions and machines, pako is the
 * same code everywhere (and pinned to one version in package.json). Decoding may be native.
 */
import { requireNow } from '../require-now.js';
import { chunkDamage } from './corrupt.js';
import { nativeCompression } from './natives.js';

// Spelled out, because every one of them changes the bytes. Negative window bits mean "raw", without the zlib envelope.
const METHOD_DEFLATED = 8;
const WINDOW_BITS = -15;
const MEMORY_LEVEL = 8;
const DEFAULT_STRATEGY = 0;
const LEGACY_HASH = false;

/** Loading it takes as long as half of this package: only what deflates pays for it. */
const pako = () => requireNow<typeof import('pako')>('pako');

/** Deflates `source` at `level` 1-9 into the beginning of `target`; returns the length, or -1 when it does not fit. */
export function deflateEncode(source: Uint8Array, target: Uint8Array, level: number): number {
  // An empty output is an argument error to pako.
  if (target.length === 0) return -1;
  const { Z_FINISH, Z_STREAM_END, ZStream, zlibDeflate, zlibDeflateInit2 } = pako();
  const stream = new ZStream();
  zlibDeflateInit2(stream, level, METHOD_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, DEFAULT_STRATEGY, LEGACY_HASH);
  stream.input = source;
  stream.avail_in = source.length;
  stream.output = target as Uint8Array<ArrayBuffer>;
  stream.avail_out = target.length;
  return zlibDeflate(stream, Z_FINISH) === Z_STREAM_END ? stream.total_out : -1;
}

/**
 * Inflates `deflated` to exactly `length` bytes; the result may be a view of `scratch` (of that length). Throws
 * CORRUPT.
 */
export function deflateDecode(deflated: Uint8Array, scratch: Uint8Array): Uint8Array {
  const native = nativeCompression().inflateRaw;
  const { bytes, consumed } = native ? native(deflated, scratch.length) : inflateWithPako(deflated, scratch);
  if (bytes.length !== scratch.length) {
    throw chunkDamage(`deflate stream holds ${bytes.length} bytes, ${scratch.length} expected`, deflated.length);
  }
  if (consumed !== deflated.length) throw chunkDamage('deflate stream ends before its chunk', consumed);
  return bytes;
}

function inflateWithPako(deflated: Uint8Array, target: Uint8Array): { bytes: Uint8Array; consumed: number } {
  const { Z_FINISH, Z_STREAM_END, ZStream, zlibInflate, zlibInflateInit2 } = pako();
  const stream = new ZStream();
  zlibInflateInit2(stream, WINDOW_BITS);
  stream.input = deflated;
  stream.avail_in = deflated.length;
  stream.output = target as Uint8Array<ArrayBuffer>;
  stream.avail_out = target.length;
  const status = zlibInflate(stream, Z_FINISH);
  if (status !== Z_STREAM_END) {
    throw chunkDamage(`deflate stream is damaged: ${stream.msg || 'it ends early or holds too much'}`, stream.total_in);
  }
  return { bytes: target.subarray(0, stream.total_out), consumed: stream.total_in };
}
