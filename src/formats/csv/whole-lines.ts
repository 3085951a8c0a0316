/** Bytes parsed at a time: short enough to stay in the processor's cache, long enough that the calls do not show. */
export const CHUNK_BYTES = 1 << 18;

/** Cuts chunks after their last line feed; what follows it waits for the next chunk. */
export class WholeLines {
  #buffer = new Uint8Array(CHUNK_BYTES);
  /** Bytes that wait. */
  length = 0;
  #handedOut = 0;

  /** The complete lines so far, valid until the next call; undefined when there is no line feed in the chunk. */
  add(chunk: Uint8Array): Uint8Array | undefined {
    this.#settle();
    if (this.length + chunk.length > this.#buffer.length) {
      const larger = new Uint8Array(2 * (this.length + chunk.length));
      larger.set(this.#buffer.subarray(0, this.length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.length);
    const before = this.length;
    this.length += chunk.length;
    const lineFeed = chunk.lastIndexOf(10);
    if (lineFeed < 0) return undefined;
    this.#handedOut = before + lineFeed + 1;
    this.length -= this.#handedOut;
    return this.#buffer.subarray(0, this.#handedOut);
  }

  /** What follows the last line feed. */
  rest(): Uint8Array {
    this.#settle();
    return this.#buffer.subarray(0, this.length);
  }

  /** Moves what waits to the front, where the lines handed out before were. */
  #settle(): void {
    if (this.#handedOut === 0) return;
    this.#buffer.copyWithin(0, this.#handedOut, this.#handedOut + this.length);
    this.#handedOut = 0;
  }
}
