/** Studies of a strategy of one's own: figures, order, directories. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { memoryTable, runBacktest } from '../../src/index.js';
import { readSweep, type SweepOptions, sweep, walkForward } from '../../src/sweep/index.js';
import { useWorkspace } from '../io/workspace.js';
import { crossing, crossingSweep, sourceOf } from './histories.js';

const workspace = useWorkspace();
let count = 0;
const fresh = () => workspace.at(`study-${count++}`);

const SYMBOLS = 3;
const ROWS = 700;
const base: SweepOptions = {
  source: sourceOf(SYMBOLS, ROWS),
  strategy: crossingSweep,
  space: {
    fast: { type: 'int', from: 2, to: 6, step: 2 },
    slow: { type: 'int', from: 8, to: 20, step: 4 },
    invert: { type: 'categorical', values: [false, true] },
  },
  objective: 'sharpe',
  fee: 0.0005,
};

function datasetOf() {
  const tables = sourceOf(SYMBOLS, ROWS).map(({ symbol, columns }) => memoryTable(symbol, columns));
  return {
    symbols: tables.map(({ symbol }) => symbol),
    table: (symbol: string) => tables.find((one) => one.symbol === symbol)!,
    append: async () => undefined,
    close: () => undefined,
  };
}

/** Files of a directory and their bytes. */
function bytesIn(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(directory, file), readFileSync(file).toString('base64')];
      })
      .sort(),
  );
}

const NAMES = ['totalReturn', 'cagr', 'maxDrawdown', 'sharpe', 'trades', 'exposure', 'turnover'] as const;

test('every trial has the figures of its own backtest, as means over the symbols', async () => {
  const result = await sweep(base);
  expect(result.length).toBe(3 * 4 * 2);
  for (let trial = 0; trial < result.length; trial++) {
    const { parameters, figures } = result.trial(trial);
    const alone = await runBacktest(datasetOf(), crossing(parameters), { fee: 0.0005 });
    for (const name of NAMES) {
      const sum = alone.symbols.reduce((total, { trading }) => total + trading[name], 0);
      expect(figures[name]).toBe(sum / SYMBOLS);
    }
    const signals = alone.symbols.reduce((total, { summary }) => total + (summary as { signal: number }).signal, 0);
    expect(figures.signal).toBe(signals / SYMBOLS);
  }
  const sharpes = result.ranked().map(({ figures }) => figures.sharpe as number);
  expect(sharpes).toEqual([...sharpes].sort((a, b) => b - a));
  expect(result.report?.best).toEqual(result.ranked(1)[0]);
  expect(new Set(Array.from({ length: result.length }, (_, k) => result.trial(k).id)).size).toBe(result.length);
});

test('a study in a directory is the study in memory, and is read back without its history', async () => {
  const directory = fresh();
  const inMemory = await sweep(base);
  const stored = await sweep({ ...base, directory });
  const read = await readSweep(directory);
  for (const one of [stored, read]) {
    expect(one.report).toEqual(inMemory.report);
    expect(one.ranked()).toEqual(inMemory.ranked());
    expect(one.table).toEqual(inMemory.table);
    expect(one.goals).toEqual([{ name: 'sharpe', direction: 'maximize' }]);
  }
  expect(Object.keys(bytesIn(directory))).toEqual(['report.json', 'study.json', 'trials.frame']);
});

test('a finished study is not run again', async () => {
  const directory = fresh();
  await sweep({ ...base, directory });
  const before = bytesIn(directory);
  const strategy = {
    ...crossingSweep,
    create: () => {
      throw new Error('run again');
    },
  };
  const again = await sweep({ ...base, strategy, directory });
  expect(again.isFinished).toBe(true);
  expect(bytesIn(directory)).toEqual(before);
});

test.each(['random', 'sobol', 'tpe', 'grid'] as const)(
  '%s: a study that was stopped, and one that grew, has the bytes of one that was not',
  async (sampler) => {
    const trials = sampler === 'grid' ? undefined : 40;
    const [whole, stopped, grown] = [fresh(), fresh(), fresh()];
    const options = { ...base, sampler, trials, seed: 5 };
    await sweep({ ...options, directory: whole });
    for (let stops = 0; ; stops++) {
      const abort = new AbortController();
      let reports = 0;
      const onProgress = () => {
        if (++reports > 2 && stops < 4) abort.abort(new Error('stop'));
      };
      try {
        await sweep({ ...options, directory: stopped, signal: abort.signal, onProgress });
        expect(stops).toBeGreaterThan(0);
        break;
      } catch (error) {
        expect((error as Error).message).toBe('stop');
      }
    }
    expect(bytesIn(stopped)).toEqual(bytesIn(whole));
    if (sampler === 'grid') return;
    await sweep({ ...options, trials: 23, directory: grown });
    await sweep({ ...options, trials: 40, directory: grown });
    expect(bytesIn(grown)).toEqual(bytesIn(whole));
  },
);

test('several runs work on one study at once, and shards meet in its directory', async () => {
  const [whole, shared, sharded] = [fresh(), fresh(), fresh()];
  const options = { ...base, sampler: 'random' as const, trials: 200, seed: 9 };
  const alone = await sweep({ ...options, directory: whole });
  const results = await Promise.all([1, 2, 3].map(() => sweep({ ...options, directory: shared })));
  for (const result of results) expect(result.report).toEqual(alone.report);
  expect(bytesIn(shared)).toEqual(bytesIn(whole));
  const first = await sweep({ ...options, directory: sharded, shard: { index: 1, count: 2 } });
  expect([first.isFinished, first.length]).toEqual([false, 0]);
  expect((await readSweep(sharded)).isFinished).toBe(false);
  const second = await sweep({ ...options, directory: sharded, shard: { index: 2, count: 2 } });
  expect(second.isFinished).toBe(true);
  expect(bytesIn(sharded)).toEqual(bytesIn(whole));
});

test('more slices than can be compared in every half are refused before a trial runs', async () => {
  const refused = sweep({ ...base, directory: fresh(), slices: 64 });
  await expect(refused).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('slices') });
});

test('a directory of another study is refused, naming what differs', async () => {
  const directory = fresh();
  await sweep({ ...base, directory });
  await expect(sweep({ ...base, directory, fee: 0 })).rejects.toMatchObject({
    code: 'ARGUMENT',
    key: 'costs',
    message: expect.stringContaining('holds another study: costs is'),
  });
  await expect(sweep({ ...base, directory, source: sourceOf(SYMBOLS, ROWS, 2) })).rejects.toMatchObject({
    key: 'snapshot',
  });
  await expect(readSweep(fresh())).rejects.toMatchObject({ code: 'IO' });
});

test('the holdout is seen by no trial, and the best is judged by it with all rows before as warm-up', async () => {
  const [{ symbol, columns }] = sourceOf(1, 1000);
  const options = { ...base, source: { symbol, columns } };
  const cut = 700;
  const part = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(0, cut)]));
  const blind = await sweep({ ...options, source: { symbol, columns: part } });
  const result = await sweep({ ...options, holdout: 0.3 });
  expect(result.table).toEqual(blind.table);
  const { parameters } = result.report!.best;
  const run = crossing(parameters).start(memoryTable(symbol, columns));
  const { signal } = run.push({ start: 0, length: 1000, columns });
  const { TradingAccount } = await import('../../src/backtest/trading.js');
  const account = new TradingAccount({ fee: 0.0005 });
  account.push(
    columns.timestamp.slice(cut) as Float64Array,
    columns.close.slice(cut) as Float64Array,
    signal.slice(cut) as Float64Array,
  );
  const { buyAndHold, ...own } = account.statistics();
  expect(result.report!.holdout).toMatchObject({ share: 0.3, figures: own, buyAndHold });
});

test('several objectives have a front, and a function may judge', async () => {
  const result = await sweep({ ...base, objective: ['totalReturn', { name: 'maxDrawdown', direction: 'minimize' }] });
  const { front } = result.report!;
  const [gains, falls] = [result.objectives.totalReturn, result.objectives.maxDrawdown];
  const beaten = (trial: number) =>
    gains.some(
      (gain, k) => gain >= gains[trial] && falls[k] <= falls[trial] && (gain > gains[trial] || falls[k] < falls[trial]),
    );
  expect(front).toEqual([...gains.keys()].filter((trial) => !beaten(trial)));
  const judged = await sweep({ ...base, objective: ({ figures }) => figures.totalReturn - figures.maxDrawdown });
  const scores = gains.map((gain, k) => gain - falls[k]);
  expect(judged.report!.best.number).toBe(scores.indexOf(Math.max(...scores)));
});

test('an objective that is no figure is refused, before anything runs where the strategy names its figures', async () => {
  const refused = { code: 'ARGUMENT', key: 'objective', message: expect.stringContaining('did you mean "signal"') };
  const directory = fresh();
  const named = {
    ...crossingSweep,
    figures: ['signal'],
    create: () => {
      throw new Error('it ran');
    },
  };
  const unrun = sweep({ ...base, strategy: named, objective: ['sharpe', 'signl'], directory });
  await expect(unrun).rejects.toMatchObject(refused);
  await expect(readSweep(directory)).rejects.toMatchObject({ code: 'IO' });
  await expect(sweep({ ...base, objective: 'signl' })).rejects.toMatchObject(refused);
  const unwalked = walkForward({ ...base, objective: 'signl' });
  await expect(unwalked).rejects.toMatchObject(refused);
  const { report } = await sweep({ ...base, strategy: { ...crossingSweep, figures: ['signal'] }, objective: 'signal' });
  expect(report!.best).toEqual((await sweep({ ...base, objective: 'signal' })).report!.best);
});

test.each(['random', 'sobol', 'tpe'] as const)(
  '%s: constraints that nothing meets are refused, and no study is begun',
  async (sampler) => {
    const directory = fresh();
    const never = sweep({ ...base, sampler, trials: 3, constraints: ['fast > slow'], directory });
    await expect(never).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('constraints') });
    await expect(readSweep(directory)).rejects.toMatchObject({ code: 'IO' });
  },
);
