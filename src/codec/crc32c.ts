/**
 * CRC-32C (Castagnoli): reflected polynomial 0x82f63b78, initial value and final xor 0xffffffff (RFC 3720, appendix
 * B.4). Slicing by eight: table k holds the CRC of a byte followed by k zero bytes, so eight input bytes cost eight
 * look-ups.
 */

import { kernels } from '../kernels/index.js';
import { INPUT, MAX_INPUT } from '../kernels/offsets.js';

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

// Built on first use: 8 KiB of work that an import must not pay for.
let tables: Int32Array | undefined;

function buildTables(): Int32Array {
  const built = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    built[byte] = crc;
  }
  for (let i = 256; i < built.length; i++) built[i] = (built[i - 256] >>> 8) ^ built[built[i - 256] & 255];
  return built;
}

/** From this length on a copy to the kernels' arena is paid for by their speed. */
const KERNEL_BYTES = 512;
/** From so many words on a view of them is paid for by theirs. */
const FEWEST_WORDS = 24;

/**
 * CRC-32C of `bytes` as an unsigned 32-bit number. `seed` is the CRC of what came before, so that
 * `crc32c(b, crc32c(a))` is the CRC of a followed by b.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const { length } = bytes;
  const kernel = length < KERNEL_BYTES ? undefined : kernels().crc32c;
  if (kernel === undefined) return crc32cOfBytes(bytes, seed);
  const { arena } = kernels();
  let crc = seed;
  for (let at = 0; at < length; at += MAX_INPUT) {
    const part = length <= MAX_INPUT ? bytes : bytes.subarray(at, at + MAX_INPUT);
    arena.u8.set(part, INPUT);
    arena.staged = part;
    crc = kernel(part.length, crc);
  }
  return crc;
}

/** CRC-32C of the first `length` bytes. */
export function crc32cOfStart(bytes: Uint8Array, length: number): number {
  return length < KERNEL_BYTES ? crc32cOfBytes(bytes, 0, length) : crc32c(bytes.subarray(0, length));
}

/** The same in TypeScript, of the first `length` bytes. */
export function crc32cOfBytes(bytes: Uint8Array, seed = 0, length = bytes.length): number {
  const table = (tables ??= buildTables());
  let crc = ~seed;
  let i = 0;
  // Up to the first word border: whole words are loaded from there on, which is twice as fast as bytes.
  const head = length < FEWEST_WORDS * 4 ? length : -bytes.byteOffset & 3;
  for (; i < head; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  if (i === length) return ~crc >>> 0;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, ((length - i) >> 3) << 1);
  for (let w = 0; w < words.length; w += 2) {
    const low = words[w] ^ crc;
    const high = words[w + 1];
    crc =
      table[1792 + (low & 255)] ^
      table[1536 + ((low >>> 8) & 255)] ^
      table[1280 + ((low >>> 16) & 255)] ^
      table[1024 + (low >>> 24)] ^
      table[768 + (high & 255)] ^
      table[512 + ((high >>> 8) & 255)] ^
      table[256 + ((high >>> 16) & 255)] ^
      table[high >>> 24];
  }
  for (i += words.byteLength; i < length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
