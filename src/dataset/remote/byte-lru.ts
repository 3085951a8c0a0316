/** Bytes in memory up to a bound; what was not asked for longest goes first. */
export class ByteLru {
  readonly #entries = new Map<string, Uint8Array>();
  readonly #maxBytes: number;
  #total = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Uint8Array | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    // A map keeps the order of insertion.
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  set(key: string, bytes: Uint8Array): void {
    this.#total += bytes.length - (this.#entries.get(key)?.length ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, bytes);
    for (const [oldest, { length }] of this.#entries) {
      if (this.#total <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#total -= length;
    }
  }
}
