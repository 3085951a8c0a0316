/** What becomes of the bytes of a damaged entry: put aside once, found again, and not without bound. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { applyFeatures, type MemoryEvents, onMemoryEvent, withCompression } from 'atc-memory';
import { candles } from './sample-values.js';

/** UTC ms of the oldest quarantined file. */
const FIRST_MS = 1_700_000_000_000;

let cacheDir: string;
let reported: MemoryEvents['corrupt'][];
let stop: () => void;
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), 'atc-damaged-'));
  reported = [];
  stop = onMemoryEvent('corrupt', (event) => reported.push(event));
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
  expect(reported).toEqual([
    expect.objectContaining({ service: 'Candle cache', key: 'a', movedTo: expect.any(String) }),
  ]);
  expect(path.dirname(reported[0].movedTo as string)).toBe(folder());
  expect(path.basename(reported[0].movedTo as string)).toContain('Candle_cache');
  expect(readFileSync(reported[0].movedTo as string)).toEqual(bytes);
});

test('read again and again: one file', () => {
  const { store } = damagedStore({ cacheDir });
  for (let i = 0; i < 5; i++) store.get('a');
  expect(new Set(reported.map((event) => event.movedTo)).size).toBe(1);
  expect(readdirSync(folder())).toHaveLength(1);
});

test('the quarantine holds at most 100 files: the oldest are deleted, files of other programs stay', () => {
  mkdirSync(folder());
  for (let i = 0; i < 120; i++) writeFileSync(path.join(folder(), `${FIRST_MS + i}.0000000${i % 10}-${i}.x.entry`), '');
  writeFileSync(path.join(folder(), 'notes.txt'), 'mine');
  damagedStore({ cacheDir }).store.get('a');
  const names = readdirSync(folder());
  expect(names).toContain('notes.txt');
  const stored = names.filter((name) => name.endsWith('.entry')).sort();
  expect(stored).toHaveLength(100);
  expect(stored[0]).toMatch(new RegExp(`^${FIRST_MS + 21}\\.`));
  expect(stored).toContain(path.basename(reported[0].movedTo as string));
});

test('the quarantine holds at most 64 MiB', () => {
  mkdirSync(folder());
  for (let i = 0; i < 4; i++) {
    const file = path.join(folder(), `${FIRST_MS + i}.0000000${i}-${30 << 20}.x.entry`);
    writeFileSync(file, '');
    truncateSync(file, 30 << 20);
  }
  damagedStore({ cacheDir }).store.get('a');
  expect(readdirSync(folder()).sort().slice(0, 2)).toEqual([
    expect.stringMatching(new RegExp(`^${FIRST_MS + 2}\\.`)),
    expect.stringMatching(new RegExp(`^${FIRST_MS + 3}\\.`)),
  ]);
});

test('nowhere when that is asked for, and a disk that does not take them changes nothing', () => {
  expect(damagedStore({ cacheDir: false }).store.get('a')).toBeUndefined();
  expect(readdirSync(cacheDir)).toEqual([]);
  // A file stands where the folder would be.
  writeFileSync(folder(), '');
  expect(damagedStore({ cacheDir }).store.get('a')).toBeUndefined();
  expect(reported.map((event) => event.movedTo)).toEqual([undefined, undefined]);
});

test('a service gets the cache directory of its configuration', () => {
  const store = applyFeatures(new Map<string, unknown>(), { cacheDir, services: { C: { useCompression: true } } }, 'C');
  store.set('a', candles(300));
  const bytes = Buffer.from(Map.prototype.get.call(store, 'a') as Buffer);
  bytes[20] ^= 1;
  Map.prototype.set.call(store, 'a', bytes);
  expect(store.get('a')).toBeUndefined();
  expect(path.dirname(reported[0].movedTo as string)).toBe(folder());
});
