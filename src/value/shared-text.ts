/** Values that a tree holds more than once: where each was written first, and the text with references instead. */
import type { JsonText } from './json-text.js';

/** `end` of a value that is being written. */
const OPEN = -1;
/** `id` of a value that was met once. */
const ONCE = 0;

export class SharedText {
  readonly #indexes = new Map<object, number>();
  // Small integers in lists of their own: most values of a tree are met once, and an object for each costs more.
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #ids: number[] = [];
  /** Indexes of values that were met again; their ids are 1, 2, … */
  readonly #shared: number[] = [];

  /** Index of a value that was met before, -1 for a new one, which now begins at `start`. */
  meet(value: object, start: number): number {
    const index = this.#indexes.get(value);
    if (index !== undefined) return index;
    this.#indexes.set(value, this.#starts.length);
    this.#starts.push(start);
    this.#ends.push(OPEN);
    this.#ids.push(ONCE);
    return -1;
  }

  /** Values met so far: the index of the next new one. */
  get count(): number {
    return this.#starts.length;
  }

  /** The value of an index ends before `end`. */
  end(index: number, end: number): void {
    this.#ends[index] = end;
  }

  isOpen(index: number): boolean {
    return this.#ends[index] === OPEN;
  }

  /** Id of a value that was met again. */
  share(index: number): number {
    if (this.#ids[index] === ONCE) this.#ids[index] = this.#shared.push(index);
    return this.#ids[index];
  }

  /**
   * Ends the array of a structure that was written up to here: `[root` becomes `[root, shared, shared, …]`, in which
   * each shared value is a reference wherever it was first. Returns where the new text begins.
   */
  close(text: JsonText, writeReference: (id: number) => void): number {
    const end = text.length;
    if (this.#shared.length === 0) {
      text.raw(']');
      return 0;
    }
    // Ranges of text nest or are apart.
    const ordered = [...this.#shared].sort((a, b) => this.#starts[a] - this.#starts[b]);
    const copy = (from: number, to: number, first: number) => {
      let at = from;
      for (let k = first; k < ordered.length && this.#starts[ordered[k]] < to; k++) {
        const index = ordered[k];
        // Within one that is a reference already.
        if (this.#starts[index] < at) continue;
        text.copy(at, this.#starts[index]);
        writeReference(this.#ids[index]);
        at = this.#ends[index];
      }
      text.copy(at, to);
    };
    copy(0, end, 0);
    const places = new Map(ordered.map((index, k) => [index, k]));
    for (const index of this.#shared) {
      text.raw(',');
      copy(this.#starts[index], this.#ends[index], places.get(index)! + 1);
    }
    text.raw(']');
    return end;
  }
}
