/**
 * Reading and writing the small fields of a frame: fixed little-endian integers and varints. A varint is LEB128: seven
 * bits per byte, low bits first, the top bit set on every byte but the last; at most eight bytes, values up to 2^53 -
 * 1, no padding (the last byte of a longer one is never zero), so that a number has exactly one spelling.
 */
import { corrupt } from './corrupt.js';

const MAX_VARINT_BYTES = 8;

/** Bytes that grow as they are written. */
export class ByteWriter {
  #buffer: Uint8Array;
  #used = 0;

  constructor(capacity = 256) {
    this.#buffer = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#used;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#used++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    for (let shift = 0; shift < 32; shift += 8) this.#buffer[this.#used++] = value >>> shift;
  }

  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.#used++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#used++] = rest;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.#buffer.slice(0, this.#used);
  }

  /** What was written so far, not copied: valid until the next write. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#used);
  }

  #reserve(count: number): void {
    if (this.#used + count <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#used + count));
    larger.set(this.view());
    this.#buffer = larger;
  }
}

/**
 * A cursor over bytes [position, end) of `source`; `base` is the offset of `source` in the frame, for error messages.
 * Running past the end is CORRUPT.
 */
export class ByteReader {
  readonly #source: Uint8Array;
  readonly #base: number;
  readonly #path: string | undefined;
  #position: number;
  readonly #end: number;

  constructor(source: Uint8Array, base: number, path?: string, position = 0, end = source.length) {
    this.#source = source;
    this.#base = base;
    this.#path = path;
    this.#position = position;
    this.#end = end;
  }

  /** Offset of the next byte in the frame. */
  get offset(): number {
    return this.#base + this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  u8(): number {
    return this.#source[this.#take(1)];
  }

  u32(): number {
    const at = this.#take(4);
    const bytes = this.#source;
    return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
  }

  /** A varint of at most `max`; `what` names it in the error. */
  varint(max: number, what: string): number {
    // Most are of one byte or two: an index is thousands of them, read once, before any of this is compiled.
    const at = this.#position;
    if (at + 2 <= this.#end) {
      const low = this.#source[at];
      const high = this.#source[at + 1];
      const length = low < 128 ? 1 : 2;
      const value = length === 1 ? low : (low & 127) | (high << 7);
      if (value <= max && (length === 1 || (high > 0 && high < 128))) {
        this.#position += length;
        return value;
      }
    }
    return this.#longVarint(max, what);
  }

  #longVarint(max: number, what: string): number {
    const start = this.offset;
    let value = 0;
    let scale = 1;
    for (let count = 1; ; count++) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (byte === 0 && count > 1) throw corrupt(`${what} is padded with zero bits`, start, this.#path);
        break;
      }
      if (count === MAX_VARINT_BYTES) throw corrupt(`${what} is longer than ${count} bytes`, start, this.#path);
      scale *= 128;
    }
    if (value > max) throw corrupt(`${what} is ${value}, at most ${max} can be`, start, this.#path);
    return value;
  }

  /** The next `count` bytes, not copied. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#source.subarray(at, at + count);
  }

  #take(count: number): number {
    const at = this.#position;
    if (count > this.remaining) {
      throw corrupt(`${count} bytes expected, ${this.remaining} left`, this.offset, this.#path);
    }
    this.#position += count;
    return at;
  }
}
