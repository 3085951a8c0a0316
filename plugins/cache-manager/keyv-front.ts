import { keyText } from './arguments.js';

/**
 * The Keyv in front of a store. Keyv 5 puts the namespace in front of every key and hands over times to live; Keyv 6
 * leaves the namespace to the store and hands over the times at which entries end. What is on disk is the same:
 * `<namespace>:<key>`.
 */
export class KeyvFront {
  #isVersion6 = false;

  /** Keyv 6 asks a store for its capabilities when it is given one, before anything else; Keyv 5 never does. */
  asked(): { readonly expires: true } {
    this.#isVersion6 = true;
    return { expires: true };
  }

  /** The results of a call for many keys: Keyv 6 wants each, Keyv 5 whether there was any. */
  manyOf(each: boolean[]): boolean | boolean[] {
    return this.#isVersion6 ? each : each.some(Boolean);
  }

  /** The key that an entry is stored under. */
  keyOf(key: string, namespace: string | undefined): string {
    return this.#isVersion6 ? prefixOf(namespace) + keyText(key) : keyText(key);
  }

  /** The key that Keyv knows an entry by. */
  nameOf(key: string, namespace: string | undefined): string {
    return this.#isVersion6 ? key.slice(prefixOf(namespace).length) : key;
  }

  /**
   * When an entry ends, in UTC ms, by what Keyv passed beside the value. None, NaN and what is no number is never; in
   * Keyv 5 so is 0, and a negative time has ended already.
   */
  endOf(time: unknown): number {
    if (typeof time !== 'number' || Number.isNaN(time)) return Infinity;
    if (this.#isVersion6) return time;
    return time === 0 ? Infinity : Date.now() + time;
  }
}

/** Keyv puts the namespace in front of every key. */
export function prefixOf(namespace: string | undefined): string {
  return namespace ? `${keyText(namespace)}:` : '';
}

/** Options that make a Keyv of either version hand over values instead of text. */
export function valueOptions<Options extends object>(options: Options): Options {
  return { ...options, serialize: undefined, deserialize: undefined, serialization: false };
}
