/** `atc info` and `atc clean` over the cache directory. */
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createAtcCache } from 'atc-memory/cache-manager';
import { ownerToken } from '../../src/io/process-owner.js';
import { withMemoryMapping } from '../../src/services/results/with-memory-mapping.js';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const SP500 = path.resolve('examples/data/sp500-2000.csv');
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });
const at = (...names: string[]) => path.join(folder.path, '.cache/atc', ...names);

/** Everything that lives in a cache directory, and a left-over and a file of somebody else. */
beforeAll(async () => {
  for (let run = 0; run < 2; run++) {
    const kept = await atc('backtest', SP500, '--mmap', '--keep-copies', '--json');
    expect(kept.stderr).toBe('');
    expect(JSON.parse(kept.stdout).result.storage.reused).toBe(run === 1);
  }
  const provider = withMemoryMapping(
    { load: (symbol: string) => ({ symbol, close: Float64Array.from({ length: 2000 }, (_, k) => k) }) },
    { service: 'Prices', ttlMs: 1e9, cacheDir: at() },
  );
  provider.load('A');
  provider.load('B');
  const cache = createAtcCache({ cacheDir: at(), memoryBytes: 0 });
  await cache.set('k', { numbers: Array.from({ length: 500 }, (_, k) => k) });
  mkdirSync(at(`scratch.2147483646-1-${ownerToken().split('-')[2]}.00000000`));
  writeFileSync(at('notes.txt'), 'mine');
});

test('info finds the cache directory of the configuration, with copies in it or before it exists', async () => {
  const empty = path.join(folder.path, 'empty');
  mkdirSync(path.join(empty, '.cache/atc'), { recursive: true });
  const named = await runAtc(['info', '.cache/atc'], { cwd: empty });
  expect([named.code, named.stdout]).toEqual([0, expect.stringContaining('cache directory, 0 B on the disk')]);
  const absent = path.join(folder.path, 'absent');
  mkdirSync(absent);
  expect((await runAtc(['info', '.cache/atc'], { cwd: absent })).code).toBe(0);
  expect((await runAtc(['info', 'elsewhere'], { cwd: absent })).code).toBe(1);
});

test('info lists who uses how much', async () => {
  const { stdout, code } = await atc('info');
  expect(code).toBe(0);
  expect(stdout).toMatch(/cache directory, .* on the disk, no bound/);
  for (const line of [
    /^copies\/sp500-2000\.csv-[0-9a-f]{16} +1 +\d/m,
    /^history\/Prices\.load +2 +\d/m,
    /^cache entries +1 +\d/m,
    /^left by dead processes +1 +/m,
    /^not ours: notes\.txt +1 +/m,
  ]) {
    expect(stdout).toMatch(line);
  }
  const facts = JSON.parse((await atc('info', at(), '--json')).stdout);
  expect(facts).toMatchObject({ kind: 'cache', maxCacheBytes: false });
  expect(facts.entries).toHaveLength(6);
});

test('clean removes left-overs, then by age, then by bound; a dry run nothing', async () => {
  const before = readdirSync(at(), { recursive: true }).length;
  const dry = await atc('clean', '--older-than', '0s', '--dry-run');
  expect(dry.stdout).toMatch(/: 5 entries would be removed, .*, and 1 left by dead processes/);
  expect(readdirSync(at(), { recursive: true })).toHaveLength(before);

  const swept = await atc('clean');
  expect(swept.stdout).toMatch(/: 0 entries removed, 0 B, and 1 left by dead processes\n$/);
  expect(readdirSync(at()).filter((name) => name.startsWith('scratch'))).toEqual([]);

  const [copy] = readdirSync(at('copies'));
  const weekAgo = Date.now() / 1000 - 8 * 86_400;
  utimesSync(at('copies', copy, 'current'), weekAgo, weekAgo);
  const old = JSON.parse((await atc('clean', '--older-than', '7d', '--json')).stdout);
  expect(old.removed).toMatchObject([{ name: `copies/${copy}`, kind: 'generations' }]);
  expect(existsSync(at('copies', copy))).toBe(false);

  const bounded = await runAtc(['clean'], { cwd: folder.path, env: { ATC_MAX_CACHE_BYTES: '1' } });
  expect(bounded.stdout).toMatch(/: 3 entries removed/);
  const rest = await atc('info');
  expect(rest.stdout).not.toMatch(/history|copies|cache entries/);
  expect(existsSync(at('notes.txt'))).toBe(true);
});

test.each([['7'], ['7y'], ['-1d'], ['']])('--older-than %j is a usage error', async (text) => {
  const { code, stderr } = await atc('clean', `--older-than=${text}`);
  expect(code).toBe(2);
  expect(stderr).toMatch(/such as 7d/);
});

test('info of a copy reports whether its source has changed', async () => {
  writeFileSync(path.join(folder.path, 'B.csv'), 'timestamp,close\n1704067200000,2\n');
  const { convertToMemoryMapped } = await import('../../src/dataset/copy.js');
  (await convertToMemoryMapped(path.join(folder.path, 'B.csv'), path.join(folder.path, 'b'))).close();
  expect((await atc('info', 'b')).stdout).toMatch(/snapshot [0-9a-f]{32}\nmade from .*B\.csv, unchanged since/);
  writeFileSync(path.join(folder.path, 'B.csv'), 'timestamp,close\n1704067200000,3\n');
  expect((await atc('info', 'b')).stdout).toMatch(/made from .*B\.csv, CHANGED since/);
});
