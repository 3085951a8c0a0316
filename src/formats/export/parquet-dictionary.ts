/**
 * The dictionary encoding of Parquet (`RLE_DICTIONARY`) for values of 4 and 8 bytes. Two values are one entry when
 * their bits are the same, so 0 and -0 and every NaN come back as they were.
 */
import type { TypedArray } from '../../dtype.js';

/** Equal indexes in a row from which a run is shorter than bits: one header and one value. */
const LEAST_RUN = 16;

/** Entries of a dictionary and the row of each in it, for one column of a row group at a time. */
export class BitsDictionary {
  /** Of every row. */
  readonly indexes: Int32Array;
  readonly #mostEntries: number;
  readonly #entries: Uint32Array;
  /** Open addressing: 1 + the entry, 0 for a free slot. */
  readonly #slots: Int32Array;

  constructor(mostRows: number, mostEntries: number) {
    this.indexes = new Int32Array(mostRows);
    this.#mostEntries = mostEntries;
    this.#entries = new Uint32Array(2 * mostEntries);
    // At most half of the slots are taken.
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * mostEntries)));
  }

  /** The entries as they lie, in the order of their first rows; undefined where there are more than `mostEntries`. */
  build(values: TypedArray, mostEntries: number): Uint32Array | undefined {
    const words = values.BYTES_PER_ELEMENT / 4;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length * words);
    const limit = Math.min(mostEntries, this.#mostEntries);
    const entries = this.#entries;
    const slots = this.#slots.fill(0);
    const mask = slots.length - 1;
    const { indexes } = this;
    let count = 0;
    for (let row = 0; row < values.length; row += 1) {
      const low = bits[row * words];
      const high = words === 2 ? bits[row * 2 + 1] : 0;
      let hash = Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
      hash ^= hash >>> 15;
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const entry = slots[slot] - 1;
        if (entry < 0) {
          if (count === limit) return undefined;
          slots[slot] = count + 1;
          entries[count * words] = low;
          if (words === 2) entries[count * 2 + 1] = high;
          indexes[row] = count;
          count += 1;
          break;
        }
        if (entries[entry * words] === low && (words === 1 || entries[entry * 2 + 1] === high)) {
          indexes[row] = entry;
          break;
        }
      }
    }
    return entries.subarray(0, count * words);
  }
}

/** Bytes that `encodeIndexes` may need. */
export function indexBytes(rows: number): number {
  return 16 + rows * 5;
}

/**
 * Indexes of a dictionary as a page has them: their width in bits, then runs of one index and groups of eight as bits.
 * Returns the bytes written to `out`.
 */
export function encodeIndexes(indexes: Int32Array, rows: number, entries: number, out: Uint8Array): number {
  const width = Math.max(1, 32 - Math.clz32(Math.max(0, entries - 1)));
  out[0] = width;
  let at = 1;
  let start = 0;
  let row = 0;
  while (row < rows) {
    const run = runFrom(indexes, row, rows);
    if (run < LEAST_RUN) {
      row += 8;
      continue;
    }
    at = packGroups(indexes, start, row, rows, width, out, at);
    at = writeVarint(out, at, run * 2);
    for (let bits = 0; bits < width; bits += 8) out[at++] = indexes[row] >>> bits;
    row += run;
    start = row;
  }
  return packGroups(indexes, start, Math.max(start, rows), rows, width, out, at);
}

function runFrom(indexes: Int32Array, row: number, rows: number): number {
  const first = indexes[row];
  let end = row + 1;
  while (end < rows && indexes[end] === first) end += 1;
  return end - row;
}

/** Rows [start, end) as groups of eight; rows at or beyond `rows` are padding. */
function packGroups(
  indexes: Int32Array,
  start: number,
  end: number,
  rows: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  if (start === end) return at;
  const groups = Math.ceil((end - start) / 8);
  let to = writeVarint(out, at, groups * 2 + 1);
  // Never more than 7 + 25 bits wait.
  let waiting = 0;
  let bits = 0;
  for (let row = start; row < start + groups * 8; row += 1) {
    waiting |= (row < rows ? indexes[row] : 0) << bits;
    bits += width;
    while (bits >= 8) {
      out[to++] = waiting;
      waiting >>>= 8;
      bits -= 8;
    }
  }
  return to;
}

/** A whole number below 2^53, seven bits at a time, the lowest first. Returns where the next byte goes. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  let to = at;
  let rest = value;
  while (rest >= 0x80) {
    out[to++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  out[to++] = rest;
  return to;
}
