/** Where an array of JSON can be cut: behind the commas between its elements. Every byte is looked at once. */

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN = [91, 123];
const CLOSE = [93, 125];

export class ArrayCutter {
  /** Bytes looked at since the beginning of the element. */
  #done = 0;
  #depth = 1;
  #isString = false;
  #isEscaped = false;
  #comma = -1;
  /** Offsets count from `from`. */
  #closed = -1;
  #from = 0;
  /** There is something behind the end of the array. */
  isFollowed = false;

  /** The next bytes begin with an element. */
  restart(): void {
    this.#done = 0;
    this.#depth = 1;
    this.#isString = false;
    this.#isEscaped = false;
    this.#comma = -1;
    this.#closed = -1;
    this.isFollowed = false;
  }

  /** Where the array ends; -1 while it does not. */
  get closedAt(): number {
    return this.#closed < 0 ? -1 : this.#from + this.#closed;
  }

  /**
   * Of bytes [from, end), of which those looked at before are the same: the last comma between elements, -1 for none.
   */
  lastComma(bytes: Uint8Array, from: number, end: number): number {
    this.#from = from;
    let depth = this.#depth;
    let isString = this.#isString;
    for (let at = from + this.#done; at < end; at += 1) {
      const byte = bytes[at];
      if (isString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) isString = false;
      } else if (this.#closed >= 0) {
        if (byte > 32) this.isFollowed = true;
      } else if (byte === QUOTE) isString = true;
      else if (byte === COMMA) {
        if (depth === 1) this.#comma = at - from;
      } else if (byte === OPEN[0] || byte === OPEN[1]) depth += 1;
      else if (byte === CLOSE[0] || byte === CLOSE[1]) {
        depth -= 1;
        if (depth === 0) this.#closed = at - from;
      }
    }
    this.#done = end - from;
    this.#depth = depth;
    this.#isString = isString;
    return this.#comma < 0 ? -1 : from + this.#comma;
  }
}
