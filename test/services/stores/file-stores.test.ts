/** Cache classes that write files, wrapped, unwrapped and wrapped again over the same file. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FeatureMode, withCompression } from 'atc-memory';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { FlatCache } from 'flat-cache';
import { Keyv } from 'keyv';
import { KeyvFile } from 'keyv-file';
import { expectSame } from '../../same-value.js';
import { byKey, byKeyAsync, type Drive, keyvDrive } from './driven-stores.js';
import { plainValues } from './sample-values.js';

/** Its own timer would do the same a moment later. */
const saveNow = (adapter: KeyvFile) => (adapter as unknown as { save(): Promise<void> }).save();

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'atc-stores-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Persistent extends Drive {
  save(): unknown;
  file: string;
}

const persistent: Record<string, (mode: FeatureMode) => Persistent> = {
  'keyv with keyv-file'(mode) {
    const file = path.join(directory, 'keyv.json');
    const adapter = new KeyvFile({ filename: file, writeDelay: 0 });
    const store = withCompression(new Keyv({ store: adapter }), { mode, level: 1 });
    return { ...keyvDrive(store, () => undefined), save: () => saveNow(adapter), file };
  },
  'cache-manager, memory over a file'(mode) {
    const file = path.join(directory, 'manager.json');
    const adapter = new KeyvFile({ filename: file, writeDelay: 0 });
    const cache = withCompression(createCache({ stores: [new Keyv(), new Keyv({ store: adapter })] }), {
      mode,
      level: 1,
    });
    return {
      put: (key, value) => cache.set(key, value),
      reads: async (keys) => [
        ['get', await byKeyAsync(keys, (key) => cache.get(key))],
        ['mget', await cache.mget([...keys])],
      ],
      save: () => saveNow(adapter),
      file,
    };
  },
  'cacheable, memory over a file'(mode) {
    const file = path.join(directory, 'cacheable.json');
    const adapter = new KeyvFile({ filename: file, writeDelay: 0 });
    const cache = withCompression(new Cacheable({ secondary: new Keyv({ store: adapter }) }), { mode, level: 1 });
    return {
      put: (key, value) => cache.set(key, value),
      reads: async (keys) => [
        ['get', await byKeyAsync(keys, (key) => cache.get(key))],
        ['getMany', await cache.getMany([...keys])],
        ['getOrSet', await byKeyAsync(keys.slice(0, -1), (key) => cache.getOrSet(key, async () => 'not asked for'))],
      ],
      save: () => saveNow(adapter),
      file,
    };
  },
  'flat-cache'(mode) {
    const cache = withCompression(new FlatCache({ cacheDir: directory, cacheId: 'flat' }), { mode, level: 1 });
    cache.load();
    return {
      put: (key, value) => cache.set(key, value),
      reads: (keys) => [
        ['get', byKey(keys, (key) => cache.get(key))],
        ['getKey', byKey(keys, (key) => cache.getKey(key))],
        ['all', Object.fromEntries(Object.entries(cache.all()).sort())],
      ],
      save: () => cache.save(true),
      file: path.join(directory, 'flat'),
    };
  },
};

test.each(Object.keys(persistent))(
  '%s: off, verify, on, read and off again give the same values over the same file',
  async (name) => {
    const values = plainValues();
    const keys = [...Object.keys(values), 'nobody'];
    const sizes: Record<string, number> = {};
    let fresh: unknown;
    let reopened: unknown;
    const steps = {
      off: false,
      'off again': false,
      verify: 'verify',
      on: true,
      'on again': true,
      read: 'read',
      back: false,
    };
    for (const [step, mode] of Object.entries(steps)) {
      const store = persistent[name](mode as FeatureMode);
      if (step !== 'off') {
        // What the step before left.
        const answers = await store.reads(keys);
        reopened ??= answers;
        expectSame(answers, reopened);
      }
      for (const [key, value] of Object.entries(values)) await store.put(key, value);
      const answers = await store.reads(keys);
      fresh ??= answers;
      expectSame(answers, fresh);
      await store.save();
      sizes[step] = statSync(store.file).size;
    }
    expect(sizes.verify).toBe(sizes.off);
    expect(sizes.on).toBeLessThan(sizes.off / 2);
    expect(sizes.back).toBe(sizes.off);
    expect(readFileSync(persistent[name](false).file, 'utf8')).not.toContain('atc-memory:1:0UFU');
  },
);

test('a flat-cache loaded before it is wrapped decodes its entries as they are read', () => {
  const first = persistent['flat-cache'](true);
  first.put('candles', plainValues()['candles:BTC']);
  first.save();
  const cache = new FlatCache({ cacheDir: directory, cacheId: 'flat' });
  cache.load();
  withCompression(cache, { mode: 'read' });
  expectSame(cache.get('candles'), plainValues()['candles:BTC']);
});

test.each<FeatureMode>([true, 'verify', 'read'])(
  'live values of flat-cache that look like entries are returned as they are (%s)',
  (mode) => {
    const cache = persistent['flat-cache'](mode) && withCompression(new FlatCache({ cacheDir: directory }), { mode });
    const bytes = Buffer.from([0xd1, 0x41, 0x54, 0x56, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const text = 'atc-memory:1:0UFUVgAAAA==';
    for (const [key, value] of Object.entries({ bytes, text })) {
      cache.set(key, value);
      expect(cache.get(key)).toEqual(value);
      expect(cache.all()[key]).toEqual(value);
    }
  },
);
