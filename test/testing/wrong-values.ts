/** Stores that return another value than was set. */
import { decodeValue } from 'atc-memory';
import { type Fault, RightStore } from './right-store.js';

export const WRONG_VALUES: readonly Fault[] = [
  [
    'stores JSON',
    class extends RightStore {
      override encode(value: unknown): unknown {
        return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));
      }
      override decode(stored: unknown): unknown {
        return JSON.parse(stored as string);
      }
      override damage(): void {}
    },
    /^(a Date|NaN|a Float64Array|a Map).*among candles/,
    /not what was set/,
  ],
  [
    'loses the sign of zero and the payload of NaN',
    class extends RightStore {
      override get(key: string): unknown {
        return walk(super.get(key), (one) => (typeof one === 'number' && one === 0 ? 0 : one));
      }
    },
    /^minus zero, by itself/,
    /not what was set/,
  ],
  [
    'decodes twice',
    class extends RightStore {
      override decode(stored: unknown): unknown {
        const value = super.decode(stored);
        return value instanceof Uint8Array ? decodeAgain(value) : value;
      }
    },
    /^bytes that are an encoded value is returned/,
    /not what was set/,
  ],
  [
    'hands out its own object',
    class extends RightStore {
      readonly #live = new Map<string, unknown>();
      override get(key: string): unknown {
        return super.get(key) === undefined ? undefined : this.#live.get(key);
      }
      override set(key: string, value: unknown, ttl?: number): unknown {
        this.#live.set(key, super.set(key, value, ttl) && this.decode(this.encode(value)));
        return this;
      }
    },
    /^what the caller changes/,
    /after the list that get returned was changed/,
  ],
  [
    'keeps the object of the caller',
    class extends RightStore {
      override encode(value: unknown): unknown {
        return value;
      }
      override decode(stored: unknown): unknown {
        return stored;
      }
      override damage(): void {}
    },
    /^what the caller changes/,
    /after the list that was set was changed/,
  ],
  [
    'encodes in set and not in what this.set is called with',
    class extends RightStore {
      #depth = 0;
      override get(key: string): unknown {
        return this.#depth > 0 ? this.entries.get(key)?.stored : super.get(key);
      }
      async wrap(key: string, make: () => unknown): Promise<unknown> {
        this.#depth++;
        try {
          return this.get(key) ?? make();
        } finally {
          this.#depth--;
        }
      }
    },
    /^methods that read several keys/,
    /wrap hands out a stored entry/,
  ],
  [
    'hands out entries in getMany',
    class extends RightStore {
      getMany(keys: string[]): unknown[] {
        return keys.map((key) => this.entries.get(key)?.stored);
      }
    },
    /^methods that read several keys/,
    /getMany hands out a stored entry/,
  ],
];

function walk(value: unknown, change: (one: unknown) => unknown): unknown {
  return typeof value === 'object' ? value : change(value);
}

function decodeAgain(bytes: Uint8Array): unknown {
  try {
    return decodeValue(bytes);
  } catch {
    return bytes;
  }
}
