/**
 * What repeats in a text: literals and matches of deflate (RFC 1951), found by hash chains with one step of lazy
 * evaluation. Integers alone decide, so the same text gives the same tokens on every machine.
 */

/** Of a match. Three bytes, the least of the format, save next to nothing and cost a look-up a byte. */
const MIN_MATCH = 4;
export const MAX_MATCH = 258;
/** One less than the format allows: the slot of a candidate is then never that of the position itself. */
const MAX_DISTANCE = 32_767;
const WINDOW_MASK = 32_767;
const HASH_BITS = 14;
/** Candidates looked at for a position. */
const MOST_CANDIDATES = 4;
/** A match this long is taken at once, and the candidates that are left are not looked at. */
const NICE_LENGTH = 32;
/** A match this long is not compared with one that begins a byte later. */
const LAZY_LENGTH = 16;
/** Of a longer match than two of these, only so many positions at each end are found again. */
const INSERTED_ENDS = 4;
/** A match of four bytes from farther away costs more than its literals. */
const NEAR_DISTANCE = 4096;

/** Tokens of one block of deflate: enough to pay for its codes, few enough for them to follow the text. */
export const MAX_TOKENS = 1 << 15;

/** A token below 256 is a literal, any other a match: length << DISTANCE_BITS | distance. */
export const DISTANCE_BITS = 15;
export const DISTANCE_MASK = (1 << DISTANCE_BITS) - 1;

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

const hashOf = (word: number) => Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);

/** Finds the tokens of one text after another. Its tables outlive a text, whose positions go on where the last ended. */
export class MatchFinder {
  /** Of the last block. */
  readonly tokens = new Int32Array(MAX_TOKENS);
  count = 0;
  /** Newest position of a hash, and the one before each position of the window. */
  readonly #newest = new Int32Array(1 << HASH_BITS);
  readonly #older = new Int32Array(WINDOW_MASK + 1);
  #source: Uint8Array = NO_BYTES;
  #view: DataView = NO_VIEW;
  /** Position of the first byte of the text in the tables: what is smaller belongs to another text. */
  #base: number;
  /** First position of the text that is not in the tables. */
  #inserted = 0;

  constructor(base = 1) {
    this.#base = base;
  }

  begin(source: Uint8Array): void {
    this.end();
    if (this.#base > 2 ** 31 - 1 - source.length) {
      this.#newest.fill(0);
      this.#base = 1;
    }
    this.#source = source;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.#inserted = 0;
  }

  /** Lets go of the text: the tables outlive it. */
  end(): void {
    this.#base += this.#source.length;
    this.#source = NO_BYTES;
    this.#view = NO_VIEW;
  }

  /** Fills `tokens` from position `at` on; returns the position behind them. */
  next(at: number): number {
    const { tokens } = this;
    const source = this.#source;
    const { length } = source;
    const lastStart = length - MIN_MATCH;
    let count = 0;
    let position = at;
    while (position < length && count < MAX_TOKENS - LAZY_LENGTH) {
      let match = position <= lastStart ? this.#longest(position, MIN_MATCH - 1) : 0;
      if (match === 0) {
        tokens[count++] = source[position++];
        continue;
      }
      let size = match >> DISTANCE_BITS;
      while (size < LAZY_LENGTH && position < lastStart) {
        const later = this.#longest(position + 1, size);
        if (later === 0) break;
        tokens[count++] = source[position++];
        match = later;
        size = match >> DISTANCE_BITS;
      }
      tokens[count++] = match;
      position += size;
      if (size > 2 * INSERTED_ENDS) {
        this.#insertUpTo(Math.min(this.#inserted + INSERTED_ENDS, lastStart + 1));
        this.#inserted = Math.max(this.#inserted, position - INSERTED_ENDS);
      }
      this.#insertUpTo(Math.min(position, lastStart + 1));
    }
    this.count = count;
    return position;
  }

  /** The longest match at `position` above `least` bytes, as a token; 0 for none. Inserts the position. */
  #longest(position: number, least: number): number {
    const view = this.#view;
    const source = this.#source;
    const older = this.#older;
    const base = this.#base;
    const word = view.getInt32(position, true);
    const slot = hashOf(word);
    let candidate = this.#newest[slot] - base;
    this.#newest[slot] = position + base;
    older[(position + base) & WINDOW_MASK] = candidate + base;
    this.#inserted = position + 1;
    const most = Math.min(MAX_MATCH, source.length - position);
    if (least >= most) return 0;
    const oldest = Math.max(0, position - MAX_DISTANCE);
    let best = least;
    let from = 0;
    let last = source[position + best];
    for (let left = MOST_CANDIDATES; candidate >= oldest && left > 0; left--) {
      if (source[candidate + best] === last && view.getInt32(candidate, true) === word) {
        let size = MIN_MATCH;
        while (size + 4 <= most && view.getInt32(candidate + size, true) === view.getInt32(position + size, true)) {
          size += 4;
        }
        while (size < most && source[candidate + size] === source[position + size]) size++;
        if (size > best) {
          best = size;
          from = position - candidate;
          if (size >= NICE_LENGTH || size === most) break;
          last = source[position + best];
        }
      }
      candidate = older[(candidate + base) & WINDOW_MASK] - base;
    }
    if (from === 0 || (best === MIN_MATCH && from > NEAR_DISTANCE)) return 0;
    return (best << DISTANCE_BITS) | from;
  }

  #insertUpTo(end: number): void {
    const view = this.#view;
    const newest = this.#newest;
    const older = this.#older;
    const base = this.#base;
    for (let position = this.#inserted; position < end; position++) {
      const slot = hashOf(view.getInt32(position, true));
      older[(position + base) & WINDOW_MASK] = newest[slot];
      newest[slot] = position + base;
    }
    if (end > this.#inserted) this.#inserted = end;
  }
}
