/** What drives a cache class through its own public methods, every way it has of handing a value out. */
import type { Keyv } from 'keyv';

/** A store to drive: every way it has of putting values in and of handing them out. */
export interface Drive {
  put(key: string, value: unknown): unknown;
  /** Each way to read everything, as [name, values by key or in any order]. */
  reads(keys: readonly string[]): Promise<[string, unknown][]> | [string, unknown][];
  /** What the host really holds under a key. */
  raw?(key: string): unknown;
}

export const byKey = (keys: readonly string[], get: (key: string) => unknown) => keys.map((key) => [key, get(key)]);
export const byKeyAsync = async (keys: readonly string[], get: (key: string) => Promise<unknown>) => {
  const found: unknown[] = [];
  for (const key of keys) found.push([key, await get(key)]);
  return found;
};

export function keyvDrive(store: Keyv, raw: (key: string) => unknown): Drive {
  return {
    put: (key, value) => (key.length % 2 ? store.set(key, value) : store.setMany([{ key, value }])),
    reads: async (keys) => {
      const iterated: unknown[] = [];
      // keyv-file's iterator does not work with keyv 5.
      const isIterable = store.store instanceof Map;
      for await (const pair of (isIterable && store.iterator?.(undefined)) || []) iterated.push(pair);
      return [
        ['get', await byKeyAsync(keys, (key) => store.get(key))],
        ['get many', await store.get([...keys])],
        ['getMany', await store.getMany([...keys])],
        ['get raw', await byKeyAsync(keys, (key) => store.get(key, { raw: true }))],
        ['getRaw', await byKeyAsync(keys, (key) => store.getRaw(key))],
        ['getManyRaw', await store.getManyRaw([...keys])],
        ['iterator', iterated],
      ];
    },
    raw,
  };
}
