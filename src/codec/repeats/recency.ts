/** The 64-bit words used last, newest first, as two halves. Begins with zeros, so that there is always a whole list. */

export const RECENT_WORDS = 64;

/** From this rank on the engine moves words faster than a loop does, above all in a process that has just begun. */
const COPIED_FROM_RANK = 16;

export class RecencyList {
  readonly low: Uint32Array = new Uint32Array(RECENT_WORDS);
  readonly high: Uint32Array = new Uint32Array(RECENT_WORDS);

  clear(): void {
    this.low.fill(0);
    this.high.fill(0);
  }

  /** Moves a word to the front instead of the one at `rank`: itself, or the oldest for a new one. */
  front(low: number, high: number, rank: number): void {
    const { low: lows, high: highs } = this;
    if (rank >= COPIED_FROM_RANK) {
      lows.copyWithin(1, 0, rank);
      highs.copyWithin(1, 0, rank);
    } else {
      for (let k = rank; k > 0; k--) {
        lows[k] = lows[k - 1];
        highs[k] = highs[k - 1];
      }
    }
    lows[0] = low;
    highs[0] = high;
  }
}

/**
 * What a row's symbol is coded with: the kind of the row before. A new word (or none), the same word again, another
 * one.
 */
export const CONTEXTS = 3;

/** Symbol 0 is a new word, others are a rank in the list plus 1. */
export function contextAfter(symbol: number): number {
  return Math.min(symbol, 2);
}
