/** Bounded reading of a chunk's header; whatever does not fit is CORRUPT with the offset inside the chunk. */
import { type Arena, stage } from '../../kernels/arena.js';
import { chunkDamage } from '../corrupt.js';

/** Bytes of the longest 64-bit varint. */
const MAX_VARINT = 10;

export class ChunkReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Puts the chunk back to where kernels read it. */
  restore(arena: Arena): void {
    arena.staged = undefined;
    stage(arena, this.#bytes);
  }

  byte(): number {
    if (this.at >= this.#bytes.length) throw chunkDamage('cut short', this.at);
    return this.#bytes[this.at++];
  }

  /** LEB128, at most `limit`. */
  count(limit: number, what: string): number {
    const from = this.at;
    let value = 0;
    let scale = 1;
    for (let k = 0; k < 5; k++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) {
        if (byte === 0 && k > 0) break;
        if (value > limit) throw chunkDamage(`${what} ${value} is above ${limit}`, from);
        return value;
      }
    }
    throw chunkDamage(`${what} is padded or too long`, from);
  }

  /** LEB128 of at most four bytes, or -1 for one that is longer or wrong, and nothing is read. */
  #short(): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let k = 0; k < 4 && this.at + k < bytes.length; k++) {
      const byte = bytes[this.at + k];
      value |= (byte & 127) << (7 * k);
      if (byte >= 128) continue;
      if (byte === 0 && k > 0) return -1;
      this.at += k + 1;
      return value;
    }
    return -1;
  }

  /** LEB128 of up to 64 bits. */
  unsigned(): bigint {
    const small = this.#short();
    if (small >= 0) return BigInt(small);
    const from = this.at;
    let low = 0;
    let scale = 1;
    let value = 0n;
    for (let k = 0; k < MAX_VARINT; k++) {
      const byte = this.byte();
      if (k < 7) {
        low += (byte & 127) * scale;
        scale *= 128;
      } else value |= BigInt(byte & 127) << BigInt(7 * k);
      if (byte < 128) {
        value |= BigInt(low);
        if (value >> 64n !== 0n || (byte === 0 && k > 0)) break;
        return value;
      }
    }
    throw chunkDamage('an integer that is padded or of more than 64 bits', from);
  }

  /** Zigzag LEB128 of up to 64 bits. */
  signed(): bigint {
    const small = this.#short();
    if (small >= 0) return BigInt((small >>> 1) ^ -(small & 1));
    const z = this.unsigned();
    return (z >> 1n) ^ -(z & 1n);
  }

  float64(): number {
    const bytes = this.bytes(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  bytes(count: number): Uint8Array {
    if (count > this.#bytes.length - this.at) throw chunkDamage('cut short', this.#bytes.length);
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }
}
