/** Candles in order, as one hash: two long series are compared without both of them in memory. */
import { createHash } from '../io/crypto.js';
import type { StoredCandle } from './row-shape.js';

export class CandleDigest {
  readonly #hash = createHash('sha256');

  add(timestamp: number, candle: StoredCandle): void {
    this.#hash.update(`${timestamp} ${canonicalText(candle)}\n`);
  }

  /** Ends both. */
  equals(other: CandleDigest): boolean {
    return this.#hash.digest('hex') === other.#hash.digest('hex');
  }
}

/** JSON, which has one spelling for each double, except for those that JSON cannot express. */
export function canonicalText(candle: StoredCandle): string {
  return JSON.stringify(candle, (_name, value: unknown) => {
    if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
    return `number ${Object.is(value, -0) ? '-0' : value}`;
  });
}
