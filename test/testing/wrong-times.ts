/** Stores that keep an entry for themselves, for too long or not long enough. */
import { type Fault, RightStore } from './right-store.js';

export const WRONG_TIMES: readonly Fault[] = [
  [
    'keeps its entries to itself',
    class extends RightStore {
      constructor(_others?: unknown) {
        super();
      }
    },
    /^a second instance reads/,
    /a second instance: value is not what was set/,
  ],
  [
    'remembers what it has read, and never looks again',
    class extends RightStore {
      static readonly seen = new Map<string, unknown>();
      override get(key: string): unknown {
        const seen = (this.constructor as unknown as { seen: Map<string, unknown> }).seen;
        if (key !== 'rich') return super.get(key);
        if (!seen.has(key)) seen.set(key, super.get(key));
        return seen.get(key);
      }
    },
    /^a second instance reads/,
    /has replaced/,
  ],
  [
    'never lets a time to live end',
    class extends RightStore {
      override set(key: string, value: unknown): unknown {
        return super.set(key, value);
      }
    },
    /^a time to live ends/,
    /ten seconds after a time to live of 250 ms/,
  ],
  [
    'takes milliseconds for seconds',
    class extends RightStore {
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key, value, ttl === undefined ? undefined : ttl * 1000);
      }
    },
    /^a time to live ends/,
    /ten seconds after/,
  ],
  [
    'takes seconds for milliseconds',
    class extends RightStore {
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key, value, ttl === undefined ? undefined : ttl / 1000);
      }
    },
    /^a time to live ends/,
    /before its time|after a shorter one has ended/,
  ],
  [
    'ends everything with the first that ends',
    class extends RightStore {
      override get(key: string): unknown {
        for (const { ends } of this.entries.values()) if (ends <= Date.now()) this.entries.clear();
        return super.get(key);
      }
    },
    /^a time to live ends/,
    /after a shorter one has ended|that of another has ended/,
  ],
  [
    'gives what was set anew the old end',
    class extends RightStore {
      readonly #ends = new Map<string, number>();
      override get(key: string): unknown {
        return (this.#ends.get(key) ?? Infinity) <= Date.now() ? undefined : super.get(key);
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        if (ttl !== undefined) this.#ends.set(key, Date.now() + ttl);
        return super.set(key, value);
      }
    },
    /^a time to live ends/,
    /set anew after its time had ended/,
  ],
];
