/** Text as bytes on their way into a file. Numbers are written digit by digit: most need no string of their own. */
import type { ByteSink } from './export-format.js';

/** Bytes gathered before they are written. */
const CHUNK = 1 << 16;
/** More than any number takes. */
const ROOM = 512;
const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const POWERS = Array.from({ length: 11 }, (_, digits) => 10 ** digits);
/** Whole numbers below it have at most 15 digits: two of them never stand for one double. */
const MOST_DIGITS = 1e15;
/** Below this text has exponents, of which there are several spellings. */
const LEAST_PLAIN = 1e-4;

export class TextOut {
  readonly #bytes = new Uint8Array(CHUNK + ROOM);
  #at = 0;
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  byte(code: number): void {
    if (this.#at >= CHUNK) this.flush();
    this.#bytes[this.#at++] = code;
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > CHUNK - this.#at) this.flush();
    if (bytes.length > CHUNK) {
      this.#sink.write(bytes);
      return;
    }
    for (let k = 0; k < bytes.length; k += 1) this.#bytes[this.#at++] = bytes[k];
  }

  text(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  /**
   * A number as the shortest decimal that gives back the same double. `otherwise` spells what this does not: zeros,
   * numbers that are not finite, those of more than 15 digits or ten decimals, and those that need an exponent.
   */
  number(value: number | bigint, otherwise: (value: number | bigint) => string): void {
    if (this.#at >= CHUNK) this.flush();
    if (typeof value === 'bigint' || !this.#plain(value)) this.text(otherwise(value));
  }

  flush(): void {
    this.#sink.write(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
  }

  /** False where nothing was written. */
  #plain(value: number): boolean {
    const size = Math.abs(value);
    // False for NaN as well.
    if (!(size >= LEAST_PLAIN && size < MOST_DIGITS)) return false;
    let scaled = size;
    let decimals = 0;
    if (!Number.isInteger(size)) {
      // A quotient of two whole numbers that doubles hold is rounded as the text of it is when it is read.
      for (decimals = 1; decimals < POWERS.length; decimals += 1) {
        scaled = Math.round(size * POWERS[decimals]);
        if (scaled / POWERS[decimals] === size) break;
      }
      if (decimals === POWERS.length || scaled >= MOST_DIGITS) return false;
    }
    if (value < 0) this.#bytes[this.#at++] = MINUS;
    const power = POWERS[decimals];
    const whole = Math.floor(scaled / power);
    this.#digits(whole, digitsOf(whole));
    if (decimals > 0) {
      this.#bytes[this.#at++] = POINT;
      this.#digits(scaled - whole * power, decimals);
    }
    return true;
  }

  /** The last `count` digits of a whole number. */
  #digits(value: number, count: number): void {
    let rest = value;
    for (let at = this.#at + count - 1; at >= this.#at; at -= 1) {
      const tenth = rest < 2 ** 31 ? (rest / 10) | 0 : Math.floor(rest / 10);
      this.#bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#at += count;
  }
}

function digitsOf(whole: number): number {
  let digits = 1;
  for (let power = 10; whole >= power; power *= 10) digits += 1;
  return digits;
}
