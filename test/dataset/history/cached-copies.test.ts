/** The copies a run makes of its source files, cached from one run to the next. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { enforceMaxBytes, listUsage } from '../../../src/cache-directory/cache-usage.js';
import { type HistoryOptions, openHistory } from '../../../src/dataset/history/history.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(folder, ...names);

function writeSource(rows: number, name = 'A.csv'): string {
  const lines = Array.from({ length: rows }, (_, k) => `${Date.UTC(2024, 0, 1) + k * 60_000},${k / 7}`);
  writeFileSync(at(name), `timestamp,close\n${lines.join('\n')}\n`);
  return at(name);
}

describe.each([
  ['mapped', { useMemoryMapped: true }],
  ['packed', { useCompression: true }],
] as const)('%s', (layout, flags) => {
  const options: HistoryOptions = { ...flags, keepCopies: true };
  const open = (source: string, more: HistoryOptions = {}) =>
    openHistory(source, { ...options, cacheDir: at('cache'), ...more });

  test('made once, taken as long as the file is unchanged, then rebuilt', async () => {
    const source = writeSource(100);
    const seen: unknown[] = [];
    for (const rows of [100, 100, 120, 120]) {
      if (rows === 120 && seen.length === 2) writeSource(120);
      const history = await open(source);
      expect(history.storage.layout).toBe(layout);
      seen.push([history.storage.reused, history.dataset.table('A').length]);
      history.close();
    }
    expect(seen).toEqual([
      [false, 100],
      [true, 100],
      [false, 120],
      [true, 120],
    ]);
    expect(readdirSync(at('cache', 'copies'))).toHaveLength(1);
    expect(listUsage(at('cache')).map(({ kind, inUse }) => [kind, inUse])).toEqual([['generations', false]]);
  });

  test('an open copy is not removed under its reader; a bound keeps the rest small', async () => {
    const a = await open(writeSource(3000));
    const [{ allocatedBytes }] = listUsage(at('cache'));
    expect(enforceMaxBytes(at('cache'), 0)).toEqual([]);
    // Room for one: the one that is open stays, and so does the new one until it is closed.
    const maxCacheBytes = allocatedBytes * 1.5;
    const b = await open(writeSource(3000, 'B.csv'), { maxCacheBytes });
    expect(a.dataset.table('A').column('close')[2999]).toBe(2999 / 7);
    a.close();
    b.close();
    const c = await open(writeSource(3000, 'C.csv'), { maxCacheBytes });
    c.close();
    expect(listUsage(at('cache')).map(({ name }) => name.slice(0, 12))).toEqual(['copies/C.csv']);
  });

  test('a damaged copy is rebuilt', async () => {
    const source = writeSource(50);
    (await open(source)).close();
    const catalogue = readdirSync(at('cache'), { recursive: true })
      .map(String)
      .find((name) => name.endsWith('catalogue.json'));
    const file = at('cache', catalogue!);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"rows":50', '"rows":51'));
    const again = await open(source);
    expect([again.storage.reused, again.dataset.table('A').length]).toEqual([false, 50]);
    again.close();
  });

  test('without being asked to keep it, or for columns, nothing stays', async () => {
    (await open(writeSource(10), { keepCopies: false })).close();
    const columns = { timestamp: Float64Array.of(1), close: Float64Array.of(1) };
    (await openHistory({ symbol: 'A', columns }, { ...options, cacheDir: at('cache') })).close();
    expect(readdirSync(at('cache'))).toEqual([]);
  });
});
