/** A store without a fault: what the faults of others are made in. */
import { decodeValue, encodeValue } from 'atc-memory';

export interface Entry {
  readonly stored: unknown;
  readonly ends: number;
}

/** Encodes by itself, and everything right. */
export class RightStore {
  constructor(readonly entries = new Map<string, Entry>()) {}
  protected encode(value: unknown): unknown {
    return Buffer.from(encodeValue(value));
  }
  protected decode(stored: unknown): unknown {
    return decodeValue(stored as Uint8Array);
  }
  get(key: string): unknown {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.ends <= Date.now()) return undefined;
    try {
      return this.decode(entry.stored);
    } catch {
      this.entries.delete(key);
      return undefined;
    }
  }
  set(key: string, value: unknown, ttlMs = Infinity): unknown {
    this.entries.set(key, { stored: this.encode(value), ends: Date.now() + ttlMs });
    return this;
  }
  delete(key: string): unknown {
    return this.entries.delete(key);
  }
  *iterator(): Iterable<[string, unknown]> {
    for (const key of this.entries.keys()) yield [key, this.get(key)];
  }
  damage(key: string): void {
    const { stored, ends } = this.entries.get(key)!;
    const bytes = Buffer.from(stored as Uint8Array);
    bytes[Math.floor(bytes.length * 0.7)] ^= 0x10;
    this.entries.set(key, { stored: bytes, ends });
  }
}

export type StoreClass = new (entries?: Map<string, Entry>) => RightStore;

/** What the class does wrong, in which test of the suite that shows, and a word of its message. */
export type Fault = readonly [fault: string, Store: StoreClass, title: RegExp, message: RegExp];
