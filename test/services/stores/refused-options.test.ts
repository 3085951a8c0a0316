/** Stores with options that would see encoded values: refused, with the option named. */
import { isAtcError, withCompression } from 'atc-memory';
import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';

test.each([
  ['dispose', () => new LRUCache<string, string>({ max: 9, dispose: () => undefined })],
  ['fetchMethod', () => new LRUCache<string, string>({ max: 9, fetchMethod: async () => 'x' })],
  ['memoMethod', () => new LRUCache<string, string>({ max: 9, memoMethod: () => 'x' })],
  ['sizeCalculation', () => new LRUCache<string, string>({ maxSize: 9, sizeCalculation: () => 1 })],
])('lru-cache with %s is refused, unless the option is acknowledged', (option, make) => {
  const store = make();
  let error: unknown;
  try {
    withCompression(store);
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toContain(`acknowledge: ['${option}']`);
  expect(Reflect.ownKeys(store)).toEqual(Reflect.ownKeys(make()));
  expect(withCompression(store, { acknowledge: [option] })).toBe(store);
});

test('keyv with its own compression option is refused', () => {
  const keyv = new Keyv({
    compression: { compress: async (v: unknown) => v, decompress: async (v: unknown) => v } as never,
  });
  expect(() => withCompression(keyv)).toThrow('remove that option');
});
