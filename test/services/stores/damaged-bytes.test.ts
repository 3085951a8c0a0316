/** What becomes of the bytes of a damaged entry: put aside once, found again, and not without bound. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { applyFeatures, type MemoryEvents, onMemoryEvent, withCompression } from 'atc-memory';
import { candles } from './sample-values.js';

let cacheDir: string;
let told: MemoryEvents['corrupt'][];
let stop: () => void;
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), 'atc-damaged-'));
  told = [];
  stop = onMemoryEvent('corrupt', (event) => told.push(event));
});
afterEach(() => {
  stop();
  rmSync(cacheDir, { recursive: true, force: true });
});

const folder = () => path.join(cacheDir, '.damaged');

/** A wrapped Map that holds one entry with a flipped bit, and the bytes that it holds. */
function damagedStore(options: { cacheDir?: string | false }, bars = 300) {
  const store = withCompression(new Map<string, unknown>(), { service: 'Candle cache', ...options });
  store.set('a', candles(bars));
  const bytes = Buffer.from(Map.prototype.get.call(store, 'a') as Buffer);
  bytes[bytes.length >> 1] ^= 1;
  Map.prototype.set.call(store, 'a', bytes);
  return { store, bytes };
}

test('a damaged entry is a miss, an event and a file with its bytes, which is named in the event', () => {
  const { store, bytes } = damagedStore({ cacheDir });
  expect(store.get('a')).toBeUndefined();
  expect(told).toEqual([expect.objectContaining({ service: 'Candle cache', key: 'a', movedTo: expect.any(String) })]);
  expect(path.dirname(told[0].movedTo as string)).toBe(folder());
  expect(path.basename(told[0].movedTo as string)).toContain('Candle_cache');
  expect(readFileSync(told[0].movedTo as string)).toEqual(bytes);
});

test('read again and again: one file', () => {
  const { store } = damagedStore({ cacheDir });
  for (let i = 0; i < 5; i++) store.get('a');
  expect(new Set(told.map((event) => event.movedTo)).size).toBe(1);
  expect(readdirSync(folder())).toHaveLength(1);
});

test('at most 100 files, the oldest go; files of others stay', () => {
  mkdirSync(folder());
  for (let i = 0; i < 120; i++) writeFileSync(path.join(folder(), `${1000 + i}.0000000${i % 10}-${i}.x.entry`), '');
  writeFileSync(path.join(folder(), 'notes.txt'), 'mine');
  damagedStore({ cacheDir }).store.get('a');
  const names = readdirSync(folder());
  expect(names).toContain('notes.txt');
  const kept = names.filter((name) => name.endsWith('.entry')).sort();
  expect(kept).toHaveLength(100);
  expect(kept[0]).toMatch(/^1021\./);
  expect(kept).toContain(path.basename(told[0].movedTo as string));
});

test('at most 64 MiB', () => {
  mkdirSync(folder());
  // The length in the name is what counts.
  for (let i = 0; i < 4; i++) writeFileSync(path.join(folder(), `${1000 + i}.0000000${i}-${30 << 20}.x.entry`), '');
  damagedStore({ cacheDir }).store.get('a');
  expect(readdirSync(folder()).sort().slice(0, 2)).toEqual([
    expect.stringMatching(/^1002\./),
    expect.stringMatching(/^1003\./),
  ]);
});

test('nowhere when that is asked for, and a disk that does not take them changes nothing', () => {
  expect(damagedStore({ cacheDir: false }).store.get('a')).toBeUndefined();
  expect(readdirSync(cacheDir)).toEqual([]);
  // A file stands where the folder would be.
  writeFileSync(folder(), '');
  expect(damagedStore({ cacheDir }).store.get('a')).toBeUndefined();
  expect(told.map((event) => event.movedTo)).toEqual([undefined, undefined]);
});

test('a service gets the cache directory of its configuration', () => {
  const store = applyFeatures(new Map<string, unknown>(), { cacheDir, services: { C: { useCompression: true } } }, 'C');
  store.set('a', candles(300));
  const bytes = Buffer.from(Map.prototype.get.call(store, 'a') as Buffer);
  bytes[20] ^= 1;
  Map.prototype.set.call(store, 'a', bytes);
  expect(store.get('a')).toBeUndefined();
  expect(path.dirname(told[0].movedTo as string)).toBe(folder());
});
