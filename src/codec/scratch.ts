/**
 * Working memory of the codecs: one buffer per purpose and thread, grown to the largest block seen (at most 8 MiB each)
 * and reused, so that coding a block allocates nothing but its result. Coding is synchronous, so no two users overlap.
 */
const buffers = new Map<string, ArrayBuffer>();

/** `length` bytes with unspecified content, 8-byte aligned, valid until the same purpose is asked for again. */
export function scratch(purpose: 'planes' | 'encoded' | 'block' | 'text', length: number): Uint8Array {
  let buffer = buffers.get(purpose);
  if (buffer === undefined || buffer.byteLength < length) {
    buffer = new ArrayBuffer(length);
    buffers.set(purpose, buffer);
  }
  return new Uint8Array(buffer, 0, length);
}
