/** Text of other encodings -> UTF-8, chunk by chunk. */
import type { Bytes } from '../io/source-bytes.js';
import { fileDamage } from './damage.js';
import type { ImportOptions } from './options.js';

type Encoding = NonNullable<ImportOptions['encoding']>;

/** By the byte order mark; without one UTF-16 is recognised by its zero bytes. */
export function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const sample = head.subarray(0, 512);
  let even = 0;
  let odd = 0;
  sample.forEach((byte, k) => {
    if (byte === 0) k % 2 === 0 ? (even += 1) : (odd += 1);
  });
  const half = sample.length / 2;
  if (half >= 4 && odd > half * 0.8 && even === 0) return 'utf-16le';
  if (half >= 4 && even > half * 0.8 && odd === 0) return 'utf-16be';
  return 'utf-8';
}

/** CORRUPT for bytes that are not of that encoding. */
export async function* toUtf8(bytes: Bytes, encoding: Encoding, path: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  const decode = (chunk?: Uint8Array) => {
    try {
      return encoder.encode(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
    } catch (cause) {
      throw fileDamage({ path }, `the file is not ${encoding} text throughout`, cause);
    }
  };
  for await (const chunk of bytes) {
    const text = decode(chunk);
    if (text.length > 0) yield text;
  }
  const rest = decode();
  if (rest.length > 0) yield rest;
}
