/** Moves of a price: their usual size by a histogram of logarithms, and the largest of them with their location. */

export interface Move {
  readonly size: number;
  readonly ms: number;
  readonly row: number;
  readonly text: string;
}

/** Bins of an eighth of an octave, from 2^-40 on. */
const BINS_PER_OCTAVE = 8;
const LOWEST_OCTAVE = -40;
const BINS = 48 * BINS_PER_OCTAVE;
const MAX_MOVES = 256;
/** Fewer say nothing about what is usual. */
const MIN_MOVES = 20;

export class LargestMoves {
  readonly #bins = new Float64Array(BINS);
  #count = 0;
  #largest: (Move & { readonly distance: number })[] = [];
  /** Size below which a move is not remembered. */
  #floor = 0;
  #stepMs = Number.POSITIVE_INFINITY;

  /** `distance`: ms since the price before; 0 for a move within a candle. */
  add(signed: number, distance: number, ms: number, row: number, text: () => string): void {
    const size = Math.abs(signed);
    if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return;
    if (distance > 0 && distance < this.#stepMs) this.#stepMs = distance;
    const bin = Math.floor((Math.log2(size) - LOWEST_OCTAVE) * BINS_PER_OCTAVE);
    this.#bins[Math.min(BINS - 1, Math.max(0, bin))] += 1;
    this.#count += 1;
    if (size <= this.#floor) return;
    this.#largest.push({ size, ms, row, distance, text: text() });
    if (this.#largest.length < 2 * MAX_MOVES) return;
    this.#largest.sort((a, b) => b.size - a.size);
    this.#largest.length = MAX_MOVES;
    this.#floor = this.#largest[MAX_MOVES - 1].size;
  }

  /** The median of the moves that are none of zero; undefined for too few. */
  usualSize(): number | undefined {
    if (this.#count < MIN_MOVES) return undefined;
    let seen = 0;
    for (let bin = 0; bin < BINS; bin += 1) {
      seen += this.#bins[bin];
      if (seen * 2 >= this.#count) return 2 ** ((bin + 0.5) / BINS_PER_OCTAVE + LOWEST_OCTAVE);
    }
    return undefined;
  }

  /**
   * Moves of more than `factor` times the usual size and more than `least`; longer waits allow more, by the root of the
   * time.
   */
  beyond(factor: number, least: number): Move[] {
    const usual = this.usualSize();
    if (usual === undefined) return [];
    const limit = Math.max(factor * usual, least);
    return this.#largest
      .filter(({ size, distance }) => size > limit * Math.sqrt(Math.max(1, distance / this.#stepMs)))
      .sort((a, b) => a.row - b.row);
  }
}
