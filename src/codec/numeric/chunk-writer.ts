import { byteRows } from './row-pool.js';

/** Growing byte buffer of an encoder, from the row pool: `finish` before the block ends. */
export class ChunkWriter {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.#bytes = byteRows(capacity);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = byteRows(Math.max(2 * this.#bytes.length, this.length + count));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** LEB128. */
  unsigned(value: number | bigint): void {
    if (typeof value === 'number') {
      let rest = value;
      while (rest >= 128) {
        this.byte((rest % 128) | 128);
        rest = Math.floor(rest / 128);
      }
      this.byte(rest);
      return;
    }
    let rest = BigInt.asUintN(64, value);
    while (rest >= 128n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  /** Zigzag LEB128 of a 64-bit integer. */
  signed(value: bigint): void {
    this.unsigned((value << 1n) ^ (value >> 63n));
  }

  float64(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.bytes(bytes);
  }

  bytes(values: Uint8Array): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.length);
    this.length += values.length;
  }

  /** Room for `count` zeroed bytes; the offset of the first. The buffer may be replaced: take `buffer` afterwards. */
  room(count: number): number {
    this.#reserve(count);
    const at = this.length;
    this.#bytes.fill(0, at, at + count);
    this.length += count;
    return at;
  }

  get buffer(): Uint8Array {
    return this.#bytes;
  }

  /** What was written, as a copy of exact length. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }
}
