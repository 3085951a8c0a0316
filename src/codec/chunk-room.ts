/**
 * Room for the chunks of one block, used again for the next block: fresh memory for every chunk takes longer than
 * reading it.
 */
export class ChunkRoom {
  #bytes = new Uint8Array(0);
  #used = 0;
  #wanted = 0;

  /** Bytes that stay the caller's until `reset`. */
  take(length: number): Uint8Array {
    this.#wanted += length;
    if (this.#used + length > this.#bytes.length) {
      // Views that were handed out hold the old buffer; the new one is large enough for a block like this.
      this.#bytes = new Uint8Array(this.#wanted + (this.#wanted >> 2));
      this.#used = 0;
    }
    const taken = this.#bytes.subarray(this.#used, this.#used + length);
    this.#used += length;
    return taken;
  }

  reset(): void {
    this.#used = 0;
    this.#wanted = 0;
  }
}
