/** What every cache does: get, set, delete, keys that stay apart, calls at once. */
import { ensure, requireMiss, requireSame } from './checks.js';
import type { Register } from './runner.js';
import type { CacheStoreSuiteOptions, Subjects } from './subject.js';
import { candles, KEYS } from './values.js';

export function registerBasics<Store extends object>(
  register: Register,
  subjects: Subjects<Store>,
  options: CacheStoreSuiteOptions<Store>,
): void {
  register('a key that was never set is a miss', () =>
    subjects(async (store) => {
      requireMiss(await store.get('absent'), 'get of a key that was never set');
    }),
  );

  register('get returns what set stored, small and large', () =>
    subjects(async (store) => {
      for (const value of ['text', 7, true, { a: [1, 2] }, '', 0, false, candles(20_000)]) {
        await store.set('key', value);
        requireSame(await store.get('key'), value, 'get');
      }
    }),
  );

  register('a later set replaces the value', () =>
    subjects(async (store) => {
      const values = [candles(100), 'small', candles(50), { small: 1 }];
      for (const value of values) {
        await store.set('key', value);
        requireSame(await store.get('key'), value, 'get after another set');
      }
    }),
  );

  register('delete removes one key and no other', () =>
    subjects(async (store) => {
      const keys = ['candles', 'candles:BTC', 'candle', 'other'];
      for (const key of keys) await store.set(key, { key, rows: candles() });
      await store.delete('candles');
      await store.delete('never there');
      requireMiss(await store.get('candles'), 'get after delete');
      for (const key of keys.slice(1)) {
        requireSame(await store.get(key), { key, rows: candles() }, `${key} after another key was deleted`);
      }
      await store.set('candles', 'anew');
      requireSame(await store.get('candles'), 'anew', 'get after it was set anew');
    }),
  );

  register('keys stay distinct, whatever they look like', () =>
    subjects(async (store) => {
      const keys = KEYS.filter((key) => !options.refusedKeys?.includes(key));
      for (const key of keys) requireMiss(await store.get(key), `get of ${JSON.stringify(key)}, never set`);
      for (const key of keys) await store.set(key, { key, rows: candles(30) });
      for (const key of keys) {
        requireSame(await store.get(key), { key, rows: candles(30) }, `the key ${JSON.stringify(key.slice(0, 40))}`);
      }
    }),
  );

  register('many sets at once are all stored, and of one key the last', () =>
    subjects(async (store) => {
      const keys = Array.from({ length: 100 }, (_, i) => `key ${i}`);
      await Promise.all(keys.map((key, i) => store.set(key, { i, rows: candles(i % 20) })));
      const found = await Promise.all(keys.map((key) => store.get(key)));
      requireSame(
        found,
        keys.map((_, i) => ({ i, rows: candles(i % 20) })),
        'values that were set at once',
      );
      await Promise.all(keys.map((_, i) => store.set('same', { i, rows: candles(i % 20) })));
      const last = (await store.get('same')) as { i?: number } | undefined;
      ensure(last?.i === keys.length - 1, `of 100 sets of one key the last counts, got that of ${last?.i}`);
    }),
  );
}
