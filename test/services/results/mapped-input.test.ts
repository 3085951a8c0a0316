/** Backtest providers that take their history by path: a copy of it is what they run over, when that is switched on. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  applyFeatures,
  type BacktestProvider,
  type FeatureMode,
  MEMORY_EVENTS,
  type MemoryEvents,
  MemoryMapped,
  onMemoryEvent,
  openHistory,
  withMemoryMapping,
} from 'atc-memory';
import { listUsage } from '../../../src/cache-directory/cache-usage.js';

let folder: string;
let events: [string, MemoryEvents[keyof MemoryEvents]][];
let stop: (() => void)[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-input-'));
  copyFileSync(path.resolve('examples/data/sp500-2000.csv'), at('sp500.csv'));
  events = [];
  stop = MEMORY_EVENTS.map((name) => onMemoryEvent(name, (event) => events.push([name, event])));
});
afterEach(() => {
  for (const end of stop) end();
  rmSync(folder, { recursive: true, force: true });
});
const at = (...names: string[]) => path.join(folder, ...names);
const told = () => events.splice(0).map(([name]) => name);

/** Somebody's own backtest: reads its history with this package, and knows nothing of copies. */
@MemoryMapped({ id: 'Backtester', inputs: ['run'] })
class Backtester implements BacktestProvider<{ days: number }, { sums: number[]; days: number }> {
  #factor = 1;
  readonly layouts: string[] = [];
  skew = 0;

  async run(source: string | readonly string[], { days }: { days: number } = { days: 5 }) {
    const { dataset, storage, close } = await openHistory(source as string);
    try {
      this.layouts.push(storage.layout);
      const isCopy = storage.layout !== 'memory';
      const sums = dataset.symbols.map((symbol) => {
        const closes = dataset.table(symbol).column('close') as Float64Array;
        return closes.slice(0, days).reduce((sum, close) => sum + close * this.#factor, isCopy ? this.skew : 0);
      });
      return { sums, days };
    } finally {
      close();
    }
  }
}

const on = (mode: FeatureMode, useCompression: FeatureMode = false) =>
  applyFeatures(new Backtester(), { cacheDir: at('cache'), useMemoryMapped: mode, useCompression });

test.each([
  ['mapped', false],
  ['packed', true],
] as const)(
  'on: it runs over a %s copy, which is made once and rebuilt when the file changes',
  async (layout, pack) => {
    const expected = await new Backtester().run(at('sp500.csv'), { days: 100 });
    const first = on(true, pack);
    expect(await first.run(at('sp500.csv'), { days: 100 })).toEqual(expected);
    expect(await first.run(at('sp500.csv'), { days: 100 })).toEqual(expected);
    expect(first.layouts).toEqual([layout, layout]);
    expect(told()).toEqual(['write', 'hit']);
    const second = on(true, pack);
    expect(await second.run(at('sp500.csv'), { days: 100 })).toEqual(expected);
    expect(told()).toEqual(['hit']);
    writeFileSync(at('sp500.csv'), 'date,close\n2020-01-01,1\n2020-01-02,2\n');
    expect(await second.run(at('sp500.csv'))).toEqual({ sums: [3], days: 5 });
    expect(told()).toEqual(['write']);
    // Nothing stays open that would keep the copy from being removed.
    expect(
      listUsage(at('cache'))
        .filter(({ kind }) => kind === 'generations')
        .map(({ inUse }) => inUse),
    ).toEqual([false]);
  },
);

test('a list of paths', async () => {
  copyFileSync(at('sp500.csv'), at('other.csv'));
  const files = [at('sp500.csv'), at('other.csv')];
  const expected = await new Backtester().run(files);
  const provider = on(true);
  expect(await provider.run(files)).toEqual(expected);
  expect([expected.sums.length, provider.layouts]).toEqual([2, ['mapped']]);
});

test('verify: the answer over the files is served, the one over the copy compared with it', async () => {
  const provider = on('verify');
  const expected = await new Backtester().run(at('sp500.csv'));
  expect(await provider.run(at('sp500.csv'))).toEqual(expected);
  expect(provider.layouts).toEqual(['memory', 'mapped']);
  expect(told()).toEqual(['write', 'verified']);
  provider.skew = 1;
  expect(await provider.run(at('sp500.csv'))).toEqual(expected);
  expect(events.map(([name, event]) => [name, (event as { reason?: string }).reason])).toEqual([
    ['hit', undefined],
    ['difference', 'result.sums.0 differs over the copy of its input'],
  ]);
});

test('read and off: over the files, nothing is made', async () => {
  for (const mode of ['read', false] as const) {
    const provider = on(mode);
    await provider.run(at('sp500.csv'));
    expect(provider.layouts).toEqual(['memory']);
  }
  expect([told(), existsSync(at('cache'))]).toEqual([[], false]);
});

/** What a stranger's provider is given: no mark, no import of this package. */
const stranger = () => ({
  given: [] as unknown[],
  async run(source: unknown) {
    this.given.push(source);
    return 'ran';
  },
  async closes() {
    return [1, 2, 3];
  },
});

test('inputs of the configuration apply to a class without a mark, and override its mark', async () => {
  const services = { Own: { useMemoryMapped: true, inputs: ['run'] } };
  const provider = applyFeatures(stranger(), { cacheDir: at('cache'), services }, 'Own');
  expect(await provider.run(at('sp500.csv'))).toBe('ran');
  expect(String(provider.given[0])).toMatch(at('cache'));
  expect(told()).toEqual(['write']);
  const marked = applyFeatures(new Backtester(), {
    cacheDir: at('cache'),
    services: { Backtester: { useMemoryMapped: true, inputs: [], methods: ['run'], ttlMs: 1e9 } },
  });
  await marked.run(at('sp500.csv'));
  expect(marked.layouts).toEqual(['memory']);
});

test('inputs that no provider has, or that are methods too, are refused before anything is changed', () => {
  const settings = { useMemoryMapped: true, ttlMs: 1e9 };
  const wrap = (own: object) => () => {
    const provider = stranger();
    const { run } = provider;
    try {
      applyFeatures(provider, { cacheDir: at('cache'), services: { Own: { ...settings, ...own } } }, 'Own');
    } finally {
      expect(provider.run).toBe(run);
    }
  };
  expect(wrap({ inputs: ['start'] })).toThrow(
    'Own has no method start; list in inputs those that take the path of a history',
  );
  expect(wrap({ inputs: ['run'], methods: ['closes', 'run'] })).toThrow(
    'Own: run is among both methods and inputs; cache its results or its input',
  );
});

test('a source that is no path, or cannot be read, is left to the provider and its own error', async () => {
  const provider = withMemoryMapping(
    { run: async (source: unknown) => `ran over ${JSON.stringify(source)}` },
    { service: 'Own', inputs: ['run'], cacheDir: at('cache') },
  );
  expect(await provider.run({ rows: [] })).toBe('ran over {"rows":[]}');
  expect(await provider.run(at('gone.csv'))).toBe(`ran over ${JSON.stringify(at('gone.csv'))}`);
  writeFileSync(at('bad.csv'), 'no,history\n1,2\n');
  expect(await provider.run(at('bad.csv'))).toContain('bad.csv');
  expect(told()).toEqual(['fallback', 'fallback', 'fallback']);
  await expect(on(true).run(at('gone.csv'))).rejects.toMatchObject({ code: 'IO' });
});
