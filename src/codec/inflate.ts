/** Raw deflate (RFC 1951), decoding side: what stands in where node:zlib is not, browsers included. Trusts nothing. */
import { chunkDamage } from './corrupt.js';

const MAX_BITS = 15;
/** Base values and extra bits of the length symbols 257 to 285, and of the distance symbols. */
const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115];
const LENGTH_BASES = Uint16Array.of(...LENGTH_BASE, 131, 163, 195, 227, 258);
const LENGTH_BITS = Uint8Array.of(
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
);
const DISTANCE_SYMBOLS = 30;
/** The order in which the lengths of the codes of code lengths are written. */
const ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);

/** Codes of at most so many bits are looked up, longer ones counted through. */
const FAST_BITS = 9;

/** Canonical Huffman codes. */
interface Codes {
  /** How many there are of each length. */
  readonly counts: Uint16Array;
  /** By length, then by value. */
  readonly symbols: Uint16Array;
  /** By the next FAST_BITS bits: symbol * 16 + length, 0 for a longer code or none. */
  readonly fast: Uint16Array;
}

/**
 * Undefined for lengths that are no code: too many, or (but for a single one) too few for every bit pattern to be used.
 */
function codesOf(lengths: Uint8Array): Codes | undefined {
  const counts = new Uint16Array(MAX_BITS + 1);
  // By index: an iterator would make an object for each length until the loop is compiled.
  for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol]]++;
  counts[0] = 0;
  const offsets = new Uint16Array(MAX_BITS + 2);
  let left = 1;
  for (let length = 1; length <= MAX_BITS; length++) {
    left = 2 * left - counts[length];
    if (left < 0) return undefined;
    offsets[length + 1] = offsets[length] + counts[length];
  }
  const used = offsets[MAX_BITS + 1];
  if (left > 0 && !(used === 0 || (used === 1 && counts[1] === 1))) return undefined;
  const symbols = new Uint16Array(used);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    if (lengths[symbol] > 0) symbols[offsets[lengths[symbol]]++] = symbol;
  }
  return { counts, symbols, fast: fastTable(counts, symbols) };
}

function fastTable(counts: Uint16Array, symbols: Uint16Array): Uint16Array {
  const fast = new Uint16Array(1 << FAST_BITS);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= FAST_BITS; length++) {
    for (let k = 0; k < counts[length]; k++, code++, index++) {
      // Bits arrive with the first of a code lowest.
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < fast.length; at += 1 << length) fast[at] = (symbols[index] << 4) | length;
    }
    code <<= 1;
  }
  return fast;
}

/** The codes of blocks that bring none. */
let fixed: { readonly literals: Codes; readonly distances: Codes } | undefined;

function fixedCodes() {
  const lengths = new Uint8Array(288).fill(8);
  lengths.fill(9, 144, 256).fill(7, 256, 280);
  fixed ??= { literals: codesOf(lengths)!, distances: codesOf(new Uint8Array(32).fill(5))! };
  return fixed;
}

class Inflater {
  readonly #source: Uint8Array;
  readonly #target: Uint8Array;
  #at = 0;
  #written = 0;
  #bits = 0;
  #count = 0;

  constructor(source: Uint8Array, target: Uint8Array) {
    this.#source = source;
    this.#target = target;
  }

  /** Bytes written and bytes of the stream. */
  run(): { written: number; consumed: number } {
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      const kind = this.#take(2);
      if (kind === 0) this.#stored();
      else if (kind === 1) this.#coded(fixedCodes().literals, fixedCodes().distances);
      else if (kind === 2) this.#dynamic();
      else throw this.#damage('a block of no known kind');
    }
    return { written: this.#written, consumed: this.#at - (this.#count >> 3) };
  }

  #damage(what: string) {
    return chunkDamage(`deflate stream is damaged: ${what}`, this.#at);
  }

  /** At least 16 bits at hand, or all that are left. */
  #refill(): void {
    while (this.#count < 16 && this.#at < this.#source.length) {
      this.#bits |= this.#source[this.#at++] << this.#count;
      this.#count += 8;
    }
  }

  /** The next n bits, at most 16. */
  #take(n: number): number {
    if (this.#count < n) {
      this.#refill();
      if (this.#count < n) throw this.#damage('it ends early');
    }
    const value = this.#bits & ((1 << n) - 1);
    this.#bits >>>= n;
    this.#count -= n;
    return value;
  }

  #symbol(codes: Codes): number {
    this.#refill();
    const entry = codes.fast[this.#bits & ((1 << FAST_BITS) - 1)];
    const length = entry & 15;
    if (length === 0 || length > this.#count) return this.#longSymbol(codes);
    this.#bits >>>= length;
    this.#count -= length;
    return entry >> 4;
  }

  /** One bit at a time, as far as the codes of each length go. */
  #longSymbol({ counts, symbols }: Codes): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= this.#take(1);
      const count = counts[length];
      if (code - count < first) return symbols[index + (code - first)];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw this.#damage('a code that stands for nothing');
  }

  #stored(): void {
    // Back to the byte behind the bits that were taken.
    this.#at -= this.#count >> 3;
    this.#bits = 0;
    this.#count = 0;
    const source = this.#source;
    if (source.length - this.#at < 4) throw this.#damage('it ends early');
    const length = source[this.#at] | (source[this.#at + 1] << 8);
    const check = source[this.#at + 2] | (source[this.#at + 3] << 8);
    if (length !== (~check & 0xffff)) throw this.#damage('the length of a stored block');
    this.#at += 4;
    if (length > source.length - this.#at) throw this.#damage('it ends early');
    this.#reserve(length);
    this.#target.set(source.subarray(this.#at, this.#at + length), this.#written);
    this.#at += length;
    this.#written += length;
  }

  #dynamic(): void {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const codes = this.#take(4) + 4;
    if (literals > 286 || distances > DISTANCE_SYMBOLS) throw this.#damage('too many symbols');
    const lengths = new Uint8Array(ORDER.length);
    for (let i = 0; i < codes; i++) lengths[ORDER[i]] = this.#take(3);
    const all = this.#codeLengths(this.#codes(lengths, true), literals + distances);
    if (all[256] === 0) throw this.#damage('no code ends a block');
    this.#coded(this.#codes(all.subarray(0, literals), true), this.#codes(all.subarray(literals), false));
  }

  #codes(lengths: Uint8Array, isNeeded: boolean): Codes {
    const codes = codesOf(lengths);
    if (codes === undefined || (isNeeded && codes.symbols.length === 0)) throw this.#damage('lengths that are no code');
    return codes;
  }

  #codeLengths(codes: Codes, count: number): Uint8Array {
    const lengths = new Uint8Array(count);
    for (let i = 0; i < count; ) {
      const symbol = this.#symbol(codes);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw this.#damage('a repeat of nothing');
      const length = symbol === 16 ? lengths[i - 1] : 0;
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (times > count - i) throw this.#damage('a repeat of too many lengths');
      lengths.fill(length, i, i + times);
      i += times;
    }
    return lengths;
  }

  #coded(literals: Codes, distances: Codes): void {
    const target = this.#target;
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === 256) return;
      if (symbol < 256) {
        this.#reserve(1);
        target[this.#written++] = symbol;
        continue;
      }
      if (symbol > 285) throw this.#damage('an unknown length');
      const length = LENGTH_BASES[symbol - 257] + this.#take(LENGTH_BITS[symbol - 257]);
      const distance = this.#distance(distances);
      if (distance > this.#written) throw this.#damage('a match before the beginning');
      this.#reserve(length);
      for (const end = this.#written + length; this.#written < end; this.#written++) {
        target[this.#written] = target[this.#written - distance];
      }
    }
  }

  #distance(distances: Codes): number {
    const symbol = this.#symbol(distances);
    if (symbol >= DISTANCE_SYMBOLS) throw this.#damage('an unknown distance');
    if (symbol < 4) return symbol + 1;
    const extra = (symbol >> 1) - 1;
    return ((2 + (symbol & 1)) << extra) + 1 + this.#take(extra);
  }

  #reserve(length: number): void {
    if (length > this.#target.length - this.#written) throw this.#damage('it holds too much');
  }
}

/** Inflates into the beginning of `target`. Throws CORRUPT for a stream that is damaged, ends early or does not fit. */
export function inflateRaw(deflated: Uint8Array, target: Uint8Array): { written: number; consumed: number } {
  return new Inflater(deflated, target).run();
}
