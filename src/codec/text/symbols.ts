/** The symbols of deflate (RFC 1951): which lengths and distances each stands for, and the codes that need no table. */
import { assignCodes, type HuffmanCode, huffmanCodeOf } from './huffman.js';
import { MAX_MATCH } from './matches.js';

/** Literals, the end of a block, and lengths. */
export const LITERALS = 286;
export const DISTANCES = 30;

/** Of each symbol the number of extra bits, and the first value it stands for. */
export interface Ranges {
  readonly extra: Uint8Array;
  readonly base: Uint16Array;
}

/** Values in ranges that double in size every `perSize` symbols, the first `2 * perSize` of one value each. */
function ranges(symbols: number, perSize: number, first: number): Ranges {
  const extra = new Uint8Array(symbols);
  const base = new Uint16Array(symbols);
  for (let symbol = 0, value = first; symbol < symbols; symbol++) {
    extra[symbol] = Math.max(0, Math.floor(symbol / perSize) - 1);
    base[symbol] = value;
    value += 1 << extra[symbol];
  }
  return { extra, base };
}

/** Of 257 to 285: the last is a length of its own, which the range before it also holds. */
export function lengthRanges(): Ranges {
  const found = ranges(LITERALS - 257, 4, 3);
  found.extra[28] = 0;
  found.base[28] = MAX_MATCH;
  return found;
}

export function distanceRanges(): Ranges {
  return ranges(DISTANCES, 2, 1);
}

/** Symbols of two to a size: the two highest bits of what is left of a distance. */
export function distanceSymbol(distance: number): number {
  const from = distance - 1;
  if (from < 2) return from;
  const high = 31 - Math.clz32(from);
  return 2 * high + ((from >>> (high - 1)) & 1);
}

let fixed: { readonly literals: HuffmanCode; readonly distances: HuffmanCode } | undefined;

/** The codes of a block that has none of its own; two literals and two distances of them are never used. */
export function fixedCodes(): { readonly literals: HuffmanCode; readonly distances: HuffmanCode } {
  if (fixed === undefined) {
    fixed = { literals: huffmanCodeOf(288), distances: huffmanCodeOf(32) };
    fixed.literals.lengths.fill(8).fill(9, 144, 256).fill(7, 256, 280);
    fixed.distances.lengths.fill(5);
    assignCodes(fixed.literals);
    assignCodes(fixed.distances);
  }
  return fixed;
}
