/** Text of the brief catalogue, deflated. */
import type * as Zlib from 'node:zlib';
import { requireNow } from '../require-now.js';

/**
 * By zlib of Node: the file is no part of the data. Window and tables are as long as the text: it is written with every
 * change, often some hundred bytes, and the usual ones take a quarter of a MiB of fresh memory.
 */
export function deflatedText(text: Uint8Array): Uint8Array {
  const { deflateRawSync } = requireNow<typeof Zlib>('node:zlib');
  const windowBits = Math.min(15, Math.max(9, 32 - Math.clz32(text.length)));
  const memLevel = Math.min(8, windowBits - 6);
  return deflateRawSync(text, { level: 9, windowBits, memLevel, chunkSize: 1 << windowBits });
}
