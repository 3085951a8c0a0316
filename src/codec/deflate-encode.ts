/**
 * Raw deflate (RFC 1951), encoding side. It is always pako's: zlib builds differ between Node versions and machines,
 * pako is the same code everywhere (and pinned to one version in package.json).
 */
import { requireNow } from '../require-now.js';

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
