/** What happened to services, counted in the cache directory over processes and copies of the package. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { applyFeatures, MEMORY_EVENTS, type MemoryEventName } from 'atc-memory';
import { emitMemoryEvent } from '../../src/events.js';
import { tryLock } from '../../src/io/process-lock.js';
import { flushCounters, readCounters } from '../../src/services/event-counters.js';
import { candles } from './stores/sample-values.js';

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), 'atc-counters-'));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

const on = (mode: 'verify' | true | false = true, name = 'C') =>
  applyFeatures(new Map<string, unknown>(), { cacheDir, services: { [name]: { useCompression: mode } } }, name);
const countsOf = (name: string) => {
  flushCounters();
  return readCounters(cacheDir)[name]?.counts;
};

test('each event is counted under its service, sizes are summed, the last of the bad ones are noted', () => {
  const store = on();
  store.set('plain', 'a');
  store.set('a', candles(300));
  store.get('a');
  store.get('a');
  store.get('plain');
  store.set('odd', [new (class Order {})(), ...candles(100)]);
  expect(countsOf('C')).toEqual({ write: 1, hit: 2, legacy: 1, fallback: 1 });
  const { bytesBefore, bytesAfter, last } = readCounters(cacheDir).C;
  expect(bytesBefore).toBeGreaterThan(bytesAfter * 2);
  expect(last.fallback).toEqual({ at: expect.stringMatching(/^\d{4}-/), key: 'odd', reason: expect.any(String) });
});

test('verify counts compared values and, afterwards, differing ones', () => {
  const store = on('verify', 'V');
  store.set('a', candles(300));
  expect(countsOf('V')).toEqual({ verified: 1 });
  const history = applyFeatures(
    { close: 1, load: () => new Float64Array(100).fill(history.close) },
    { cacheDir, services: { H: { useMemoryMapped: 'verify', ttlMs: 1e9 } } },
    'H',
  );
  history.load();
  history.load();
  history.close = 2;
  history.load();
  expect(countsOf('H')).toEqual({ write: 1, verified: 2, difference: 1 });
  expect(readCounters(cacheDir).H.last.difference?.reason).toContain('differs from what was cached');
});

test.each(MEMORY_EVENTS)('%s is one of them', (name: MemoryEventName) => {
  on();
  emitMemoryEvent(name, {
    service: 'C',
    key: 'k',
    reason: 'absent',
    bytes: 1,
    bytesBefore: 1,
    bytesAfter: 1,
    error: 1,
  });
  expect(countsOf('C')).toEqual({ [name]: 1 });
});

test('counts of earlier processes stay, those of other services and directories are not taken', () => {
  on();
  const earlier = { counts: { hit: 5 }, bytesBefore: 0, bytesAfter: 0, last: {} };
  writeFileSync(path.join(cacheDir, 'counters.json'), JSON.stringify({ format: 1, services: { C: earlier } }));
  emitMemoryEvent('hit', { service: 'C', bytes: 1 });
  emitMemoryEvent('hit', { service: 'somebody else', bytes: 1 });
  emitMemoryEvent('hit', { bytes: 1 });
  expect(countsOf('C')).toEqual({ hit: 6 });
  expect(Object.keys(readCounters(cacheDir))).toEqual(['C']);
});

test('a file that makes no sense counts for nothing and is written anew', () => {
  on();
  writeFileSync(path.join(cacheDir, 'counters.json'), '{ "format": 1, "serv');
  expect(readCounters(cacheDir)).toEqual({});
  emitMemoryEvent('hit', { service: 'C', bytes: 1 });
  expect(countsOf('C')).toEqual({ hit: 1 });
});

test('while another process writes, counts wait for the next flush', () => {
  on();
  const lock = tryLock(cacheDir, 'counters');
  emitMemoryEvent('hit', { service: 'C', bytes: 1 });
  expect(countsOf('C')).toBeUndefined();
  lock?.release();
  expect(countsOf('C')).toEqual({ hit: 1 });
});

test('off: no file; on: none before the first event', () => {
  const off = on(false, 'Off');
  off.set('a', candles(300));
  on(true, 'Quiet');
  flushCounters();
  expect(existsSync(path.join(cacheDir, 'counters.json'))).toBe(false);
});

test('wrapped twice is counted once', () => {
  const store = on();
  applyFeatures(store, { cacheDir, services: { C: { useCompression: true } } }, 'C');
  store.set('a', candles(300));
  expect(countsOf('C')).toEqual({ write: 1 });
  expect(JSON.parse(readFileSync(path.join(cacheDir, 'counters.json'), 'utf8')).format).toBe(1);
});
