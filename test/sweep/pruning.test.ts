/** Trials of a sweep that are given up symbol by symbol. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type SweepOptions, sweep } from '../../src/sweep/index.js';
import { useWorkspace } from '../io/workspace.js';
import { crossing, crossingSweep, sourceOf } from './histories.js';

const workspace = useWorkspace();
let count = 0;
const fresh = () => workspace.at(`pruning-${count++}`);
const SYMBOLS = 5;

const base: SweepOptions = {
  source: sourceOf(SYMBOLS, 120),
  strategy: crossingSweep,
  space: { fast: { type: 'int', from: 2, to: 9 }, slow: { type: 'int', from: 10, to: 60 } },
  objective: 'totalReturn',
  sampler: 'random',
  trials: 150,
  seed: 2,
  pruner: 'median',
  slices: 4,
};

const bytesIn = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name)).toString('base64')]),
  );

test('a trial runs on while its best is above the median of complete trials, counted independently', async () => {
  const result = await sweep(base);
  const whole = await sweep({ ...base, pruner: undefined });
  const alone: number[][] = [];
  for (let trial = 0; trial < 150; trial++) alone.push([]);
  for (let k = 1; k <= SYMBOLS; k++) {
    const part = await sweep({ ...base, pruner: undefined, source: sourceOf(SYMBOLS, 120).slice(0, k) });
    for (let trial = 0; trial < 150; trial++) alone[trial].push(part.objectives.totalReturn[trial]);
  }
  // The first eight, then in units of 64.
  const batches = [
    [0, 8],
    [8, 72],
    [72, 136],
    [136, 150],
  ];
  const complete: number[][] = [];
  const symbols: number[] = [];
  for (const [first, end] of batches) {
    const now: number[][] = [];
    for (let trial = first; trial < end; trial++) {
      symbols[trial] = SYMBOLS;
      for (let k = 0; k < SYMBOLS; k++) {
        if (complete.length < 5) break;
        const at = complete.map((one) => one[k]).sort((a, b) => a - b);
        const half = at.length >> 1;
        const median = at.length % 2 === 1 ? at[half] : (at[half - 1] + at[half]) / 2;
        if (Math.max(...alone[trial].slice(0, k + 1)) >= median) continue;
        symbols[trial] = k + 1;
        break;
      }
      if (symbols[trial] === SYMBOLS) now.push(alone[trial]);
    }
    complete.push(...now);
  }
  expect([...result.table.figures.symbols]).toEqual(symbols);
  expect(new Set(symbols).size).toBeGreaterThan(2);
  for (const [trial, ran] of symbols.entries()) {
    expect(result.objectives.totalReturn[trial]).toBe(
      ran === SYMBOLS ? whole.objectives.totalReturn[trial] : Number.NaN,
    );
  }
  expect(result.ranked(1)[0].figures.symbols).toBe(SYMBOLS);
});

test('a pruned study has the same bytes whether stopped, resumed or worked on by several', async () => {
  const [whole, stopped, shared] = [fresh(), fresh(), fresh()];
  await sweep({ ...base, directory: whole });
  for (let stops = 1; stops < 9; stops++) {
    const abort = new AbortController();
    let reports = 0;
    const onProgress = () => void (++reports > stops && abort.abort(new Error('stop')));
    await sweep({ ...base, directory: stopped, signal: abort.signal, onProgress }).catch(() => undefined);
  }
  await sweep({ ...base, directory: stopped });
  expect(bytesIn(stopped)).toEqual(bytesIn(whole));
  await Promise.all([1, 2].map(() => sweep({ ...base, directory: shared })));
  expect(bytesIn(shared)).toEqual(bytesIn(whole));
  await expect(sweep({ ...base, directory: whole, trials: 160 })).rejects.toMatchObject({ key: 'pruner' });
});

test('pruned trials are not run over the remaining symbols, and wrong pruners are refused', async () => {
  let started = 0;
  const strategy = (parameters: Readonly<Record<string, unknown>>) => {
    const one = crossing(parameters);
    const start = (...of: Parameters<typeof one.start>) => {
      started += 1;
      return one.start(...of);
    };
    return { ...one, start };
  };
  const { table } = await sweep({ ...base, strategy, slices: 0 });
  expect(started).toBe(table.figures.symbols.reduce((sum, one) => sum + one, 0));
  const wrong = { pruner: { type: 'median', startupTrials: -1 } } as const;
  await expect(sweep({ ...base, ...wrong })).rejects.toMatchObject({ code: 'ARGUMENT', key: 'pruner' });
  const shard = { directory: fresh(), shard: { index: 1, count: 2 } };
  await expect(sweep({ ...base, ...shard })).rejects.toMatchObject({ code: 'ARGUMENT', key: 'pruner' });
});
