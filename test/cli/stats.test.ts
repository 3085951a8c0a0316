/** `atc stats` over a cache directory with cached history, entries, damage and counted events. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { applyFeatures } from 'atc-memory';
import { createAtcCache } from 'atc-memory/cache-manager';
import { flushCounters } from '../../src/services/event-counters.js';
import { candles } from '../services/stores/sample-values.js';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const cacheDir = () => path.join(folder.path, '.cache/atc');
const stats = (...args: string[]) => runAtc(['stats', ...args], { cwd: folder.path });

test('no directory yet is reported, and is no failure', async () => {
  const { code, stdout } = await stats();
  expect(code).toBe(0);
  expect(stdout).toContain('there is no such directory yet');
});

test('prints cached values, counted events and quarantined files', async () => {
  const cache = createAtcCache({ cacheDir: cacheDir(), memoryBytes: 0 });
  await cache.set('good', candles(500));
  await cache.set('bad', candles(400));
  const files = readdirSync(cacheDir(), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.atc-entry'));
  expect(files).toHaveLength(2);
  const damaged = path.join(cacheDir(), files[0]);
  const bytes = readFileSync(damaged);
  bytes[bytes.length - 10] ^= 1;
  writeFileSync(damaged, bytes);

  const config = { cacheDir: cacheDir(), services: { Prices: { useMemoryMapped: true as const, ttlMs: 1e9 } } };
  const prices = applyFeatures(
    { load: (symbol: string) => ({ symbol, close: new Float64Array(2000) }) },
    config,
    'Prices',
  );
  for (const symbol of ['A', 'B', 'A']) prices.load(symbol);
  const store = applyFeatures(
    new Map<string, unknown>(),
    { cacheDir: cacheDir(), services: { Candles: { useCompression: true } } },
    'Candles',
  );
  store.set('a', candles(300));
  const entry = Buffer.from(Map.prototype.get.call(store, 'a') as Buffer);
  entry[30] ^= 1;
  Map.prototype.set.call(store, 'a', entry);
  store.get('a');
  flushCounters();

  const { code, stdout, stderr } = await stats('--json');
  expect([code, stderr]).toEqual([0, '']);
  const found = JSON.parse(stdout);
  expect(found.directory).toBe(cacheDir());
  expect(found.stored).toEqual([
    expect.objectContaining({ kind: 'cache', entries: 2, damaged: 1, expired: 0, laterVersion: 0 }),
    expect.objectContaining({
      kind: 'history',
      name: 'Prices.load',
      entries: 2,
      damaged: 0,
      bytesBefore: 2 * 2000 * 8,
    }),
  ]);
  expect(found.stored[0].bytesBefore).toBeGreaterThan(2 * found.stored[0].bytesAfter);
  expect(found.services.Prices.counts).toEqual({ miss: 2, write: 2, hit: 1 });
  expect(found.services.Candles.counts).toEqual({ write: 1, corrupt: 1 });
  expect(found.setAside).toEqual({ files: 1, bytes: entry.length });

  const text = (await stats(cacheDir())).stdout;
  expect(text).toMatch(/^history +Prices\.load +2 +0 +0 +31\.3 KiB/m);
  expect(text).toMatch(/^Prices +1 +2 +0 +2 +0 +0 +0 +0$/m);
  expect(text).toMatch(/^Prices +31\.3 KiB +31\.5 KiB$/m);
  expect(text).toMatch(/^last corrupt of Candles, 20.*\(a\): .*checksum/m);
  expect(text).toMatch(/1 damaged, put aside in \.damaged/);
});

test('statistics count as no use: results and entries stay as old as they were', async () => {
  const cacheDirectory = path.join(folder.path, 'old');
  const program = `
    const { withMemoryMapping } = await import(${JSON.stringify(path.resolve('dist/esm/index.js'))});
    const { CompressedFileStore } = await import(${JSON.stringify(path.resolve('dist/esm/cache-manager.js'))});
    const cacheDir = ${JSON.stringify(cacheDirectory)};
    const numbers = (length, step) => Array.from({ length }, (_, i) => i / step);
    withMemoryMapping({ load: () => numbers(2000, 8) }, { service: 'X', ttlMs: Infinity, cacheDir }).load('a');
    await new CompressedFileStore({ directory: cacheDir }).set('key', { value: numbers(500, 4) });
  `;
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder.path });
  const monthAgo = Date.now() / 1000 - 30 * 86_400;
  for (const name of readdirSync(cacheDirectory, { recursive: true }).map(String).reverse()) {
    utimesSync(path.join(cacheDirectory, name), monthAgo, monthAgo);
  }
  const old = async () => {
    const flags = ['clean', cacheDirectory, '--older-than', '7d', '--dry-run', '--json'];
    const { removed } = JSON.parse((await runAtc(flags, { cwd: folder.path })).stdout);
    return removed.map(({ name, kind }: { name: string; kind: string }) => [name, kind]);
  };
  const before = await old();
  expect(before.map(([, kind]: string[]) => kind).sort()).toEqual(['entry', 'generations']);
  for (const command of ['stats', 'info']) {
    expect((await runAtc([command, cacheDirectory], { cwd: folder.path })).code).toBe(0);
    expect(await old()).toEqual(before);
  }
});
