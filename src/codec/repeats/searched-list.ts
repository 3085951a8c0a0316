/** The list of an encoder, which looks words up in it. */
import { RECENT_WORDS, RecencyList } from './recency.js';

/** Entries of the table that shows that a word is not listed; most words are not. */
const TABLE_BITS = 10;

export class SearchedList extends RecencyList {
  /** Listed words by hash. */
  readonly #listed = new Uint8Array(1 << TABLE_BITS);

  override clear(): void {
    super.clear();
    this.#listed.fill(0);
    this.#listed[0] = RECENT_WORDS;
  }

  /** The rank of a word, or RECENT_WORDS. */
  find(low: number, high: number): number {
    if (this.#listed[hashOf(low, high)] === 0) return RECENT_WORDS;
    let rank = 0;
    while (rank < RECENT_WORDS && !(this.low[rank] === low && this.high[rank] === high)) rank++;
    return rank;
  }

  override front(low: number, high: number, rank: number): void {
    this.#listed[hashOf(this.low[rank], this.high[rank])]--;
    this.#listed[hashOf(low, high)]++;
    super.front(low, high, rank);
  }
}

/** 0 of zeros, with which a list begins. */
function hashOf(low: number, high: number): number {
  return Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> (32 - TABLE_BITS);
}
