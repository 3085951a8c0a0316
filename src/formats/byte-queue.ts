/** Bytes that arrive in chunks cut anywhere, taken out in lengths of the reader's choice. */

/** Holds at most the longest length asked for and one chunk. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held = new Uint8Array(0);
  #from = 0;
  #isOver = false;
  /** Bytes taken out so far. */
  offset = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Up to `length` bytes, fewer only at the end; valid until the next call. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.peek(length);
    this.#from += bytes.length;
    this.offset += bytes.length;
    return bytes;
  }

  /** The same bytes again at the next call. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#held.length - this.#from < length && !this.#isOver) await this.#fetch();
    return this.#held.subarray(this.#from, Math.min(this.#from + length, this.#held.length));
  }

  /** At least one byte more, as much as is there: what `take(Infinity)` would wait for. Empty at the end. */
  async some(): Promise<Uint8Array> {
    await this.peek(1);
    return this.take(this.#held.length - this.#from);
  }

  /** What follows, chunk by chunk. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (let bytes = await this.some(); bytes.length > 0; bytes = await this.some()) yield bytes;
  }

  /** Ends the source, which need not be read to its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fetch(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) {
      this.#isOver = true;
      return;
    }
    const waiting = this.#held.length - this.#from;
    // Copied: a chunk is valid only until the next one is asked for.
    const held = new Uint8Array(waiting + next.value.length);
    held.set(this.#held.subarray(this.#from));
    held.set(next.value, waiting);
    this.#held = held;
    this.#from = 0;
  }
}
