/** Raw deflate (RFC 1951), decoding side: native where that is, else this package's own. */
import { chunkDamage } from './corrupt.js';
import { inflateRaw } from './inflate.js';
import { nativeCompression } from './natives.js';

/** Inflates `deflated` to exactly as many bytes as `scratch` has; the result may be a view of it. Throws CORRUPT. */
export function deflateDecode(deflated: Uint8Array, scratch: Uint8Array): Uint8Array {
  const native = nativeCompression().inflateRaw;
  const { bytes, consumed } = native ? native(deflated, scratch.length) : inflate(deflated, scratch);
  if (bytes.length !== scratch.length) {
    throw chunkDamage(`deflate stream holds ${bytes.length} bytes, ${scratch.length} expected`, deflated.length);
  }
  if (consumed !== deflated.length) throw chunkDamage('deflate stream ends before its chunk', consumed);
  return bytes;
}

function inflate(deflated: Uint8Array, target: Uint8Array): { bytes: Uint8Array; consumed: number } {
  const { written, consumed } = inflateRaw(deflated, target);
  return { bytes: target.subarray(0, written), consumed };
}
