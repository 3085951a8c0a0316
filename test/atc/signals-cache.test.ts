/** A second run over unchanged closes computes nothing and gives the same bytes, whatever stores them. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { type CacheStore, type Columns } from 'atc-memory';
import { ATC_KERNEL_VERSION, backtest, cachedAtcSignals, cachedAtcStrategy, computeAtcSignals } from 'atc-memory/atc';
import { RowsDigest } from '../../src/dataset/rows-digest.js';
import { expectSame } from '../same-value.js';
import { randomWalk } from './price-series.js';
import { closes, columnsOf, eventsOf, kernel, STORES, workspace } from './signals-fixture.js';

describe.each(Object.entries(STORES))('%s', (_, create) => {
  const store = create();

  test.each([
    ['signals', {}],
    ['layers', { layers: true }],
  ])('%s: computed once, then the same bytes', async (_name, options) => {
    const expected = computeAtcSignals(closes, {}, options);
    kernel.calls = 0;
    const first = await eventsOf(() => cachedAtcSignals(store, closes, {}, options));
    expect(kernel.calls).toBe(1);
    expect(first.events).toEqual({ miss: 1, write: 1 });
    const second = await eventsOf(() => cachedAtcSignals(store, closes.slice(), undefined, options));
    expect(kernel.calls).toBe(1);
    expect(second.events).toEqual({ hit: 1 });
    for (const { result } of [first, second]) expectSame({ ...result }, { ...expected });
    // What was handed out is the caller's own.
    second.result.averageSignal.fill(7);
    expectSame((await cachedAtcSignals(store, closes, {}, options)).averageSignal, expected.averageSignal);
  });

  test('a backtest over them: nothing is computed, summary and rows are the same', async () => {
    const source = [1, 2].map((seed) => ({ symbol: `S${seed}`, columns: columnsOf(randomWalk(seed, 17_000)) }));
    const outcome = async (options: object) => {
      const digest = new RowsDigest();
      const rows = {
        write: (symbol: string, { length }: { length: number }, { signal }: Columns) => {
          digest.update(symbol, signal.subarray(0, length));
        },
      };
      const { storage: _storage, ...result } = await backtest(source, {
        rows,
        cacheDir: workspace.at('work'),
        ...options,
      });
      return { result, digest: digest.digest() };
    };
    const expected = await outcome({});
    const blocks = kernel.calls;
    for (const useCompression of [true, false]) {
      for (const useMemoryMapped of [false, true]) {
        const again = { signalsCache: store, useCompression, useMemoryMapped };
        kernel.calls = 0;
        expect(await outcome(again)).toEqual(expected);
        expect(kernel.calls).toBe(useCompression && !useMemoryMapped ? blocks : 0);
      }
    }
    // The same entries, asked for without a backtest.
    kernel.calls = 0;
    await cachedAtcSignals(store, randomWalk(2, 17_000));
    expect(kernel.calls).toBe(0);
  });
});

test('only a directory has a reference that worker threads can use', () => {
  expect(cachedAtcStrategy({}, new Map() as unknown as CacheStore).reference).toBeUndefined();
  const { reference } = cachedAtcStrategy({ emaLength: 30 }, 'signals', 3);
  expect(reference?.parameters).toEqual([{ emaLength: 30 }, path.resolve('signals'), 3]);
  expect(reference?.module).toMatch(/cached-strategy\.js$/);
});

/**
 * A kernel that gives other bits needs another version, or caches serve what it would not compute any more. A digest
 * that does not match: raise ATC_KERNEL_VERSION and put the new digest under it.
 */
const DIGESTS: Readonly<Record<number, string>> = {
  1: 'ee3254cd063dceb90bbf5561256a1d5d9b9f6e2e321590ff519bfc640abab7cb',
};

test('the version of the kernel stands for its bits', () => {
  const hash = createHash('sha256');
  for (const [seed, parameters] of [
    [1, {}],
    [2, { robustness: 'Wide', cutout: 30, strategyMode: true }],
  ] as const) {
    const { averageSignal, layer1, layer2 } = computeAtcSignals(randomWalk(seed, 3000), parameters, { layers: true });
    for (const values of [averageSignal, ...Object.values(layer1 ?? {}), ...Object.values(layer2 ?? {})]) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  expect(hash.digest('hex')).toBe(DIGESTS[ATC_KERNEL_VERSION]);
});
