/** Stores that iterate wrongly, or fail for a damaged entry. */
import { type Fault, RightStore } from './right-store.js';

export const WRONG_LISTINGS: readonly Fault[] = [
  [
    'iterates over entries as they are stored',
    class extends RightStore {
      override *iterator(): Iterable<[string, unknown]> {
        for (const [key, { stored }] of this.entries) yield [key, stored];
      }
    },
    /^iteration hands out/,
    /in iteration: value is not what was set/,
  ],
  [
    'iterates over keys alone',
    class extends RightStore {
      override *iterator(): Iterable<never> {
        for (const key of this.entries.keys()) yield key as never;
      }
    },
    /^iteration hands out/,
    /instead of a key and a value/,
  ],
  [
    'iterates over a key twice when it was set twice',
    class extends RightStore {
      readonly #order: string[] = [];
      override set(key: string, value: unknown, ttl?: number): unknown {
        this.#order.push(key);
        return super.set(key, value, ttl);
      }
      override *iterator(): Iterable<[string, unknown]> {
        for (const key of this.#order) if (this.entries.has(key)) yield [key, this.get(key)];
      }
    },
    /^iteration hands out/,
    /key 3 twice/,
  ],
  [
    'iterates over what was deleted',
    class extends RightStore {
      readonly #deleted: string[] = [];
      override delete(key: string): unknown {
        this.#deleted.push(key);
        return super.delete(key);
      }
      override *iterator(): Iterable<[string, unknown]> {
        yield* super.iterator();
        for (const key of this.#deleted) yield [key, undefined];
      }
    },
    /^iteration hands out/,
    /deleted, which is not stored/,
  ],
  [
    'leaves out the last key',
    class extends RightStore {
      override *iterator(): Iterable<[string, unknown]> {
        yield* [...super.iterator()].slice(0, -1);
      }
    },
    /^iteration hands out/,
    /key 19 in iteration/,
  ],
  [
    'throws for a damaged entry',
    class extends RightStore {
      override get(key: string): unknown {
        const entry = this.entries.get(key);
        return entry === undefined || entry.ends <= Date.now() ? undefined : this.decode(entry.stored);
      }
    },
    /^a damaged entry/,
    /get of a damaged entry has thrown/,
  ],
  [
    'serves something else for a damaged entry',
    class extends RightStore {
      override decode(stored: unknown): unknown {
        try {
          return super.decode(stored);
        } catch {
          return [];
        }
      }
    },
    /^a damaged entry/,
    /expected nothing, got \[\]/,
  ],
  [
    'loses everything with one damaged entry',
    class extends RightStore {
      override get(key: string): unknown {
        const known = this.entries.has(key);
        const value = super.get(key);
        if (known && !this.entries.has(key)) this.entries.clear();
        return value;
      }
    },
    /^a damaged entry/,
    /another entry: value is not what was set/,
  ],
  [
    'cannot set what was damaged',
    class extends RightStore {
      readonly #bad = new Set<string>();
      override damage(key: string): void {
        this.#bad.add(key);
      }
      override get(key: string): unknown {
        return this.#bad.has(key) ? undefined : super.get(key);
      }
    },
    /^a damaged entry/,
    /the damaged entry, set anew/,
  ],
];
