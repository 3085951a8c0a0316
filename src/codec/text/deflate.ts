/**
 * Raw deflate (RFC 1951) of text, encoding side: what pako makes of it in a fraction of the time, because it does less
 * that does not pay on text of a known length in memory. Blocks with their own codes or the fixed ones, whichever are
 * shorter. The same bytes on every machine.
 */
import { type HuffmanCode, huffmanCode, huffmanCodeOf } from './huffman.js';
import { DISTANCE_BITS, DISTANCE_MASK, MAX_MATCH, MatchFinder } from './matches.js';
import { DISTANCES, distanceRanges, distanceSymbol, fixedCodes, LITERALS, lengthRanges } from './symbols.js';

const CODE_LENGTHS = 19;
const END_OF_BLOCK = 256;
const MAX_BITS = 15;
const MAX_CODE_LENGTH_BITS = 7;
/** Repeat the length before 3-6 times; 3-10 zeros; 11-138 zeros. */
const REPEAT = 16;
const SHORT_ZEROS = 17;
const LONG_ZEROS = 18;
/** The order in which the lengths of the codes of code lengths are written. */
const ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);

const NO_BYTES = new Uint8Array(0);

const BLOCK_FIXED = 1;
const BLOCK_DYNAMIC = 2;

/** Encoder and tables: some 400 kB, made by the first text of a process. */
class TextDeflater {
  readonly #finder = new MatchFinder();
  readonly #literalCounts = new Uint32Array(LITERALS);
  readonly #distanceCounts = new Uint32Array(DISTANCES);
  readonly #lengthCounts = new Uint32Array(CODE_LENGTHS);
  readonly #literals = huffmanCodeOf(LITERALS);
  readonly #distances = huffmanCodeOf(DISTANCES);
  readonly #codeLengths = huffmanCodeOf(CODE_LENGTHS);
  readonly #lengthRanges = lengthRanges();
  readonly #distanceRanges = distanceRanges();
  /** Symbol of a match's length, less 257. */
  readonly #lengthSymbols = new Uint8Array(MAX_MATCH + 1);
  /** Lengths of the codes of a block in runs: symbol, and the extra bits of a run << 8. */
  readonly #runs = new Uint16Array(LITERALS + DISTANCES);
  #runCount = 0;
  #target: Uint8Array = new Uint8Array(0);
  #at = 0;
  #bits = 0;
  #bitCount = 0;

  constructor() {
    const { base } = this.#lengthRanges;
    for (let symbol = 0; symbol < base.length; symbol++) this.#lengthSymbols.fill(symbol, base[symbol]);
  }

  /** Deflates `source` into the beginning of `target`; returns the length, or -1 when it does not fit. */
  encode(source: Uint8Array, target: Uint8Array): number {
    this.#target = target;
    this.#at = 0;
    this.#bits = 0;
    this.#bitCount = 0;
    this.#finder.begin(source);
    const length = this.#encodeAll(source.length);
    // The tables stay, the text and its frame do not.
    this.#finder.end();
    this.#target = NO_BYTES;
    return length;
  }

  #encodeAll(length: number): number {
    let position = 0;
    do {
      position = this.#finder.next(position);
      if (!this.#writeBlock(position === length)) return -1;
    } while (position < length);
    for (; this.#bitCount > 0; this.#bitCount -= 8) {
      this.#target[this.#at++] = this.#bits;
      this.#bits >>>= 8;
    }
    return this.#at;
  }

  /** False when it does not fit. */
  #writeBlock(isLast: boolean): boolean {
    const extraBits = this.#count();
    huffmanCode(this.#literalCounts, MAX_BITS, this.#literals);
    huffmanCode(this.#distanceCounts, MAX_BITS, this.#distances);
    const literalCount = usedOf(this.#literals.lengths, 257);
    const distanceCount = usedOf(this.#distances.lengths, 1);
    this.#collectRuns(literalCount, distanceCount);
    huffmanCode(this.#lengthCounts, MAX_CODE_LENGTH_BITS, this.#codeLengths);
    let lengthCount = CODE_LENGTHS;
    while (lengthCount > 4 && this.#codeLengths.lengths[ORDER[lengthCount - 1]] === 0) lengthCount--;
    let dynamicBits = 14 + 3 * lengthCount;
    for (let i = 0; i < this.#runCount; i++) {
      const symbol = this.#runs[i] & 255;
      dynamicBits += this.#codeLengths.lengths[symbol] + extraOfRun(symbol);
    }
    dynamicBits += bitsOf(this.#literalCounts, this.#literals) + bitsOf(this.#distanceCounts, this.#distances);
    const fixed = fixedCodes();
    const fixedBits = bitsOf(this.#literalCounts, fixed.literals) + bitsOf(this.#distanceCounts, fixed.distances);
    const isDynamic = dynamicBits < fixedBits;
    const size = 3 + extraBits + (isDynamic ? dynamicBits : fixedBits);
    if (this.#at + Math.ceil((this.#bitCount + size) / 8) > this.#target.length) return false;
    this.#put(isLast ? 1 : 0, 1);
    this.#put(isDynamic ? BLOCK_DYNAMIC : BLOCK_FIXED, 2);
    if (isDynamic) {
      this.#writeCodes(literalCount, distanceCount, lengthCount);
      this.#writeTokens(this.#literals, this.#distances);
    } else this.#writeTokens(fixed.literals, fixed.distances);
    return true;
  }

  /** Counts the symbols of the tokens; returns the extra bits that follow them. */
  #count(): number {
    const { tokens, count } = this.#finder;
    const literals = this.#literalCounts.fill(0);
    const distances = this.#distanceCounts.fill(0);
    const lengthSymbols = this.#lengthSymbols;
    for (let i = 0; i < count; i++) {
      const token = tokens[i];
      if (token < 256) literals[token]++;
      else {
        literals[257 + lengthSymbols[token >>> DISTANCE_BITS]]++;
        distances[distanceSymbol(token & DISTANCE_MASK)]++;
      }
    }
    literals[END_OF_BLOCK] = 1;
    let bits = 0;
    const { extra } = this.#lengthRanges;
    for (let symbol = 257; symbol < LITERALS; symbol++) bits += literals[symbol] * extra[symbol - 257];
    for (let symbol = 0; symbol < DISTANCES; symbol++) bits += distances[symbol] * this.#distanceRanges.extra[symbol];
    return bits;
  }

  /** Both lists of code lengths, one after the other, as symbols of the code of code lengths. */
  #collectRuns(literalCount: number, distanceCount: number): void {
    const lengths = new Uint8Array(literalCount + distanceCount);
    lengths.set(this.#literals.lengths.subarray(0, literalCount));
    lengths.set(this.#distances.lengths.subarray(0, distanceCount), literalCount);
    const counts = this.#lengthCounts.fill(0);
    let runs = 0;
    const add = (symbol: number, extra: number) => {
      counts[symbol]++;
      this.#runs[runs++] = symbol | (extra << 8);
    };
    for (let i = 0; i < lengths.length; ) {
      const length = lengths[i];
      let end = i + 1;
      while (end < lengths.length && lengths[end] === length) end++;
      if (length > 0) {
        add(length, 0);
        i++;
      }
      while (end - i >= 3) {
        const run = Math.min(end - i, length > 0 ? 6 : 138);
        if (length > 0) add(REPEAT, run - 3);
        else if (run <= 10) add(SHORT_ZEROS, run - 3);
        else add(LONG_ZEROS, run - 11);
        i += run;
      }
      for (; i < end; i++) add(length, 0);
    }
    this.#runCount = runs;
  }

  #writeCodes(literalCount: number, distanceCount: number, lengthCount: number): void {
    const { lengths, codes } = this.#codeLengths;
    this.#put(literalCount - 257, 5);
    this.#put(distanceCount - 1, 5);
    this.#put(lengthCount - 4, 4);
    for (let i = 0; i < lengthCount; i++) this.#put(lengths[ORDER[i]], 3);
    for (let i = 0; i < this.#runCount; i++) {
      const symbol = this.#runs[i] & 255;
      this.#put(codes[symbol], lengths[symbol]);
      this.#put(this.#runs[i] >>> 8, extraOfRun(symbol));
    }
  }

  /** The hot loop: `put` is written out, so that the bits stay in registers. At most 7 + 5 + 15 bits are pending. */
  #writeTokens(literals: HuffmanCode, distances: HuffmanCode): void {
    const { tokens, count } = this.#finder;
    const { lengths: literalLengths, codes: literalCodes } = literals;
    const { lengths: distanceLengths, codes: distanceCodes } = distances;
    const lengthSymbols = this.#lengthSymbols;
    const { extra: lengthExtra, base: lengthBase } = this.#lengthRanges;
    const { extra: distanceExtra, base: distanceBase } = this.#distanceRanges;
    const target = this.#target;
    let at = this.#at;
    let bits = this.#bits;
    let bitCount = this.#bitCount;
    for (let i = 0; i < count; i++) {
      const token = tokens[i];
      const symbol = token < 256 ? token : 257 + lengthSymbols[token >>> DISTANCE_BITS];
      bits |= literalCodes[symbol] << bitCount;
      bitCount += literalLengths[symbol];
      for (; bitCount >= 8; bitCount -= 8) {
        target[at++] = bits;
        bits >>>= 8;
      }
      if (token < 256) continue;
      bits |= ((token >>> DISTANCE_BITS) - lengthBase[symbol - 257]) << bitCount;
      bitCount += lengthExtra[symbol - 257];
      const distance = token & DISTANCE_MASK;
      const far = distanceSymbol(distance);
      bits |= distanceCodes[far] << bitCount;
      bitCount += distanceLengths[far];
      for (; bitCount >= 8; bitCount -= 8) {
        target[at++] = bits;
        bits >>>= 8;
      }
      bits |= (distance - distanceBase[far]) << bitCount;
      bitCount += distanceExtra[far];
      for (; bitCount >= 8; bitCount -= 8) {
        target[at++] = bits;
        bits >>>= 8;
      }
    }
    this.#at = at;
    this.#bits = bits;
    this.#bitCount = bitCount;
    this.#put(literalCodes[END_OF_BLOCK], literalLengths[END_OF_BLOCK]);
  }

  #put(bits: number, count: number): void {
    this.#bits |= bits << this.#bitCount;
    this.#bitCount += count;
    for (; this.#bitCount >= 8; this.#bitCount -= 8) {
      this.#target[this.#at++] = this.#bits;
      this.#bits >>>= 8;
    }
  }
}

function extraOfRun(symbol: number): number {
  return symbol === REPEAT ? 2 : symbol === SHORT_ZEROS ? 3 : symbol === LONG_ZEROS ? 7 : 0;
}

/** Symbols up to the last one in use, at least `fewest`. */
function usedOf(lengths: Uint8Array, fewest: number): number {
  let used = lengths.length;
  while (used > fewest && lengths[used - 1] === 0) used--;
  return used;
}

function bitsOf(counts: Uint32Array, { lengths }: HuffmanCode): number {
  let bits = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) bits += counts[symbol] * lengths[symbol];
  return bits;
}

let deflater: TextDeflater | undefined;

/** Deflates `source` into the beginning of `target`; returns the length, or -1 when it does not fit. */
export function deflateText(source: Uint8Array, target: Uint8Array): number {
  return (deflater ??= new TextDeflater()).encode(source, target);
}
