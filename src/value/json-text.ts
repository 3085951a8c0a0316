/** JSON text as UTF-8, written front to back: what `JSON.stringify` gives, without a tree of objects before it. */
import { AtcError } from '../errors.js';

const FIRST_BYTES = 1 << 14;
/** A larger buffer goes to the garbage collector. */
const MOST_SPARE_BYTES = 1 << 23;
/** What a string of any engine holds: a reader makes one of the text. */
const MAX_BYTES = 2 ** 29 - 24;
/** Bytes of a UTF-16 unit in UTF-8 at most, and of one that JSON escapes. */
const MOST_PER_UNIT = 3;
/** Longer strings are copied by the engine; from LARGE_STRING units on not into the most that they may take. */
const SHORT_STRING = 48;
const LARGE_STRING = 1 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;
const DIGIT = 0x30;

let encoder: InstanceType<typeof TextEncoder> | undefined;
/** The buffer of the last text. A writer takes it away: a getter of a value may encode another one. */
let spare: Uint8Array | undefined;

export class JsonText {
  #bytes: Uint8Array;
  #length = 0;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(FIRST_BYTES);
    spare = undefined;
  }

  get length(): number {
    return this.#length;
  }

  /** Ends the text; it is valid until the next one begins. */
  finish(): Uint8Array {
    requireReadable(this.#length);
    if (this.#bytes.length <= MOST_SPARE_BYTES) spare = this.#bytes;
    return this.#bytes.subarray(0, this.#length);
  }

  /** Text that is JSON already, all ASCII. */
  raw(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  string(text: string): void {
    const { length } = text;
    if (length > SHORT_STRING) {
      this.#longString(text);
      return;
    }
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < SPACE || unit >= DELETE || unit === QUOTE || unit === BACKSLASH) {
        this.#longString(text);
        return;
      }
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** A finite number other than -0. */
  number(value: number): void {
    if (value >= 0 && value < 10 && Number.isInteger(value)) this.byte(DIGIT + value);
    else this.raw(String(value));
  }

  /** A copy of what was written from `start` to `end`. */
  copy(start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  #longString(text: string): void {
    // Escapes what JSON escapes, lone surrogates included.
    const quoted = JSON.stringify(text);
    encoder ??= new TextEncoder();
    if (quoted.length < LARGE_STRING) {
      this.#reserve(quoted.length * MOST_PER_UNIT);
      this.#length += encoder.encodeInto(quoted, this.#bytes.subarray(this.#length)).written;
    } else {
      const encoded = encoder.encode(quoted);
      this.#reserve(encoded.length);
      this.#bytes.set(encoded, this.#length);
      this.#length += encoded.length;
    }
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    requireReadable(this.#length);
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, needed));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function requireReadable(length: number): void {
  if (length <= MAX_BYTES) return;
  throw new AtcError('UNSUPPORTED', `the text of a value takes more than ${MAX_BYTES} bytes; split it`);
}
