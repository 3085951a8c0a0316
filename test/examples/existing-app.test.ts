/** The migration story of examples/existing-app, step by step over the same files: the same output at each. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AtcConfig, isCompressed, isMemoryMapped, loadConfig, MEMORY_EVENTS, onMemoryEvent } from 'atc-memory';
import { installMemoryOptimizations } from 'atc-memory/inversify';
import { createContainer } from '../../examples/existing-app/container.js';
import type { PriceCache } from '../../examples/existing-app/price-cache.js';
import type { PriceHistory } from '../../examples/existing-app/price-history.js';
import type { TrendReport } from '../../examples/existing-app/trend-report.js';
import { TYPES } from '../../examples/existing-app/types.js';

const SYMBOL = 'sp500-2000';
const IDS = { PriceCache: TYPES.PriceCache, PriceHistory: TYPES.PriceHistory };

let work: string;
beforeAll(() => {
  work = mkdtempSync(path.join(tmpdir(), 'atc-existing-app-'));
  mkdirSync(path.join(work, 'prices'));
  const source = path.join(import.meta.dirname, `../../examples/data/${SYMBOL}.csv`);
  copyFileSync(source, path.join(work, 'prices', `${SYMBOL}.csv`));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const sizeOf = (folder: string) => {
  try {
    const files = readdirSync(path.join(work, folder), { recursive: true, withFileTypes: true });
    return files.filter((f) => f.isFile()).reduce((sum, f) => sum + statSync(path.join(f.parentPath, f.name)).size, 0);
  } catch {
    return 0;
  }
};

/** One start of the application: what it prints, which objects it was given, what happened. */
async function start(config: AtcConfig | undefined) {
  const events: Record<string, number> = {};
  const stop = MEMORY_EVENTS.map((name) => onMemoryEvent(name, () => (events[name] = (events[name] ?? 0) + 1)));
  const container = createContainer({ prices: path.join(work, 'prices'), cache: path.join(work, 'cache') });
  if (config !== undefined) {
    const overrides = { cacheDir: path.join(work, 'history'), ...config };
    const resolved = await loadConfig({ cwd: work, environment: {}, overrides });
    const installed = installMemoryOptimizations(container, resolved, IDS);
    await installed.verify();
  }
  const cache = container.get<PriceCache>(TYPES.PriceCache);
  const history = container.get<PriceHistory>(TYPES.PriceHistory);
  const output = JSON.stringify(await container.get<TrendReport>(TYPES.TrendReport).summary(SYMBOL));
  for (const end of stop) end();
  return { output, cache, history, events, sizes: { cache: sizeOf('cache'), history: sizeOf('history') } };
}

const steps: [string, AtcConfig | undefined, { compressed: boolean; mapped: boolean }][] = [
  ['untouched', undefined, { compressed: false, mapped: false }],
  ['installed, off', {}, { compressed: false, mapped: false }],
  ['verify', { useCompression: 'verify', useMemoryMapped: 'verify' }, { compressed: true, mapped: true }],
  ['on for one', { services: { PriceCache: { useCompression: true } } }, { compressed: true, mapped: false }],
  ['on for all', { useCompression: true, useMemoryMapped: true }, { compressed: true, mapped: true }],
  ['on, again', { useCompression: true, useMemoryMapped: true }, { compressed: true, mapped: true }],
  ['read', { useCompression: 'read', useMemoryMapped: 'read' }, { compressed: true, mapped: true }],
];

test('untouched, off, verify, on for one, on for all, read: the output stays, old files are read', async () => {
  const files = () => readdirSync(path.join(work, 'cache')).map((name) => path.join(work, 'cache', name));
  const lines: string[] = [];
  let expected: string | undefined;
  let plain = 0;
  for (const [name, config, { compressed, mapped }] of steps) {
    // Twice over what the step before left, then once from nothing, so that the step writes as well.
    const over = await start(config);
    for (const file of expected === undefined ? [] : files()) rmSync(file);
    const fresh = await start(config);
    expected ??= over.output;
    expect([over.output, fresh.output]).toEqual([expected, expected]);
    expect([isCompressed(over.cache), isMemoryMapped(over.history)]).toEqual([compressed, mapped]);
    for (const { events } of [over, fresh]) {
      expect({ ...events, corrupt: events.corrupt ?? 0, difference: events.difference ?? 0 }).toMatchObject({
        corrupt: 0,
        difference: 0,
      });
    }
    plain ||= fresh.sizes.cache;
    const isSmall = name.startsWith('on');
    expect(fresh.sizes.cache < plain / 2).toBe(isSmall);
    if (!isSmall) expect(fresh.sizes.cache).toBe(plain);
    lines.push(`${name.padEnd(15)} cache ${fresh.sizes.cache} bytes, history ${fresh.sizes.history} bytes`);
  }
  console.info(`${lines.join('\n')}\nresident set ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
  // Back off: what 'read' has written is the application's own format again.
  const back = await start({});
  expect(back.output).toBe(expected);
  expect(back.cache.hits).toBe(2);
  expect(
    files()
      .map((file) => JSON.parse(readFileSync(file, 'utf8')).key)
      .sort(),
  ).toEqual([`averages:${SYMBOL}`, `candles:${SYMBOL}`]);
});

test('off: the objects are what they would be without us, nothing is made', async () => {
  const { cache, history } = await start({});
  expect([...Reflect.ownKeys(cache), ...Reflect.ownKeys(history)]).toEqual([]);
  expect(sizeOf('nowhere')).toBe(0);
});

test('on: the second start reads no CSV', async () => {
  await start({ useMemoryMapped: true });
  const { history } = await start({ useMemoryMapped: true });
  expect(history.filesRead).toBe(0);
});
