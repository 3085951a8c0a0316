/** Bytes that arrive in chunks cut anywhere, taken out in lengths of the reader's choice. */

/** A queue that grows grows by at most this much more than it needs. */
const MAX_SPARE_BYTES = 4 << 20;

/** Holds at most the longest length asked for and one chunk. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held = new Uint8Array(0);
  #from = 0;
  #end = 0;
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
    while (this.#end - this.#from < length && !this.#isOver) await this.#fetch();
    return this.#held.subarray(this.#from, Math.min(this.#from + length, this.#end));
  }

  /** At least one byte more, as much as is there: what `take(Infinity)` would wait for. Empty at the end. */
  async some(): Promise<Uint8Array> {
    await this.peek(1);
    return this.take(this.#end - this.#from);
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
    // Copied: a chunk is valid only until the next one is asked for. What was handed out before is over now.
    const waiting = this.#end - this.#from;
    const needed = waiting + next.value.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#held.length, needed + MAX_SPARE_BYTES)));
      larger.set(this.#held.subarray(this.#from, this.#end));
      this.#held = larger;
    } else this.#held.copyWithin(0, this.#from, this.#end);
    this.#held.set(next.value, waiting);
    this.#from = 0;
    this.#end = needed;
  }
}
