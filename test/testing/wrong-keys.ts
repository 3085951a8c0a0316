/** Stores that take one key for another, or lose what was set. */
import { type Entry, type Fault, RightStore } from './right-store.js';

export const WRONG_KEYS: readonly Fault[] = [
  [
    'forgets everything',
    class extends RightStore {
      override get(): unknown {
        return undefined;
      }
    },
    /^get returns what set stored/,
    /not what was set, the store returned undefined/,
  ],
  [
    'has a value for keys that were never set',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key) ?? {};
      }
    },
    /never set is a miss/,
    /expected nothing, got \{\}/,
  ],
  [
    'keeps the first value',
    class extends RightStore {
      override set(key: string, value: unknown, ttl?: number): unknown {
        return this.entries.has(key) ? this : super.set(key, value, ttl);
      }
    },
    /later set replaces/,
    /after another set/,
  ],
  [
    'does not delete',
    class extends RightStore {
      override delete(): unknown {
        return true;
      }
    },
    /^delete removes one key/,
    /get after delete: expected nothing/,
  ],
  [
    'deletes every key that begins like it',
    class extends RightStore {
      override delete(key: string): unknown {
        for (const one of [...this.entries.keys()]) if (one.startsWith(key)) this.entries.delete(one);
        return true;
      }
    },
    /^delete removes one key/,
    /candles:BTC after another key was deleted/,
  ],
  [
    'ignores case',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key.toLowerCase());
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key.toLowerCase(), value, ttl);
      }
    },
    /^keys stay distinct/,
    /BTC\/USDT/,
  ],
  [
    'normalises its keys',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key.normalize('NFC'));
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key.normalize('NFC'), value, ttl);
      }
    },
    /^keys stay distinct/,
    /é/,
  ],
  [
    'cuts long keys',
    class extends RightStore {
      override get(key: string): unknown {
        return super.get(key.slice(0, 250));
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        return super.set(key.slice(0, 250), value, ttl);
      }
    },
    /^keys stay distinct/,
    /xxx/,
  ],
  [
    'looks keys up in a plain object',
    class extends RightStore {
      readonly #names: Record<string, Entry> = {};
      override get(key: string): unknown {
        const entry = this.#names[key];
        return entry === undefined ? undefined : (entry.stored ?? entry);
      }
      override set(key: string, value: unknown): unknown {
        this.#names[key] = { stored: value, ends: Infinity };
        return this;
      }
    },
    /^keys stay distinct/,
    /never set/,
  ],
  [
    'writes later, in any order',
    class extends RightStore {
      override async set(key: string, value: unknown, ttl?: number): Promise<void> {
        const isEarly = (value as { i?: number } | null)?.i === 3;
        // Turns of the event loop, which no load changes.
        for (let turn = isEarly ? 20 : 1; turn > 0; turn -= 1) await new Promise(setImmediate);
        super.set(key, value, ttl);
      }
    },
    /^many sets at once/,
    /that of 3/,
  ],
];
