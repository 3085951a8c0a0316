/**
 * Symbols in bytes -> strings, without making a string per row: each symbol of a file is one string, found by its
 * bytes.
 */

/** A power of two; more symbols than half of it and the table grows. */
const FIRST_SLOTS = 256;

export class SymbolTable {
  #slots: (Entry | undefined)[] = new Array(FIRST_SLOTS);
  #count = 0;

  /**
   * The symbol in bytes [from, to); undefined for one that is empty, has spaces at its ends, a quote, or anything
   * beyond ASCII.
   */
  find(bytes: Uint8Array, from: number, to: number): string | undefined {
    let hash = 0;
    for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + bytes[at]) | 0;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot];
      if (entry === undefined) return this.#add(hash, bytes, from, to);
      if (entry.hash === hash && isSame(entry.bytes, bytes, from, to)) return entry.symbol;
    }
  }

  #add(hash: number, bytes: Uint8Array, from: number, to: number): string | undefined {
    const own = bytes.slice(from, to);
    const symbol = String.fromCharCode(...own.subarray(0, MAX_LENGTH));
    const isPlain = own.length <= MAX_LENGTH && own.every((byte) => byte < 128 && byte !== 34);
    if (!isPlain || symbol === '' || symbol.trim() !== symbol) return undefined;
    if (2 * (this.#count + 1) > this.#slots.length) this.#grow();
    this.#place({ hash, bytes: own, symbol });
    this.#count += 1;
    return symbol;
  }

  #place(entry: Entry): void {
    const mask = this.#slots.length - 1;
    let slot = entry.hash & mask;
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  #grow(): void {
    const entries = this.#slots;
    this.#slots = new Array(entries.length * 2);
    for (const entry of entries) if (entry !== undefined) this.#place(entry);
  }
}

/** Longer ones are left to the general parser. */
const MAX_LENGTH = 256;

interface Entry {
  readonly hash: number;
  readonly bytes: Uint8Array;
  readonly symbol: string;
}

function isSame(own: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (own.length !== to - from) return false;
  for (let k = 0; k < own.length; k += 1) if (own[k] !== bytes[from + k]) return false;
  return true;
}
