/** Memory: one backtest, the history stored in every way; the peak of a process that does nothing else. */
import { readPlainFile } from '../../io/plain-files.js';
import { type BenchContext, inTurns } from './context.js';
import type { HostFiles } from './history.js';
import { rawColumns } from './raw-columns.js';
import { requireSameResults } from './same-results.js';
import type { Section } from './section.js';
import { type BenchTable, measureOf } from './table.js';

const CANDLES = 'candle objects (JSON)';
const HEAP = 'columns in the heap';
const EMPTY = 'an empty process';

export const section: Section = {
  name: 'memory',
  async run(context) {
    return [await peaks(context)];
  },
};

async function peaks(context: BenchContext): Promise<BenchTable> {
  const [mapped, packed, files] = [
    await context.history.mapped(),
    await context.history.packed(),
    await context.history.hostFiles(),
  ];
  const ways = [
    { name: EMPTY, job: 'nothing', input: {} },
    { name: CANDLES, job: 'candles', input: { files } },
    { name: HEAP, job: 'heap', input: { files } },
    { name: 'mapped', job: 'dataset', input: { directory: mapped, useMemoryMapped: true } },
    { name: 'packed', job: 'dataset', input: { directory: packed } },
    { name: 'packed, mapped', job: 'dataset', input: { directory: packed, useMemoryMapped: true } },
  ];
  const outcomes = await inTurns<string>(context, 'memory', ways);
  const own = [...outcomes].filter(([name]) => name !== EMPTY);
  requireSameResults(
    'memory',
    own.flatMap(([, runs]) => runs.map(({ value }) => value)),
  );
  const empty = measureOf((outcomes.get(EMPTY) ?? []).map(({ peakBytes }) => peakBytes)).median;
  const above = (name: string) => (outcomes.get(name) ?? []).map(({ peakBytes }) => Math.max(1, peakBytes - empty));
  const saved = (name: string, base: string) => measureOf(savedShares(above(name), above(base)));
  return {
    name: 'memory.backtest',
    title: 'Peak memory of a backtest, above an empty process',
    columns: [
      { name: 'history', unit: 'text' },
      { name: 'saved: objects', unit: 'share' },
      { name: 'saved: columns', unit: 'share' },
      { name: 'peak', unit: 'bytes' },
      { name: 'time', unit: 'ms' },
    ],
    rows: own.map(([name, runs]) => [
      name,
      name === CANDLES ? null : saved(name, CANDLES),
      name === CANDLES || name === HEAP ? null : saved(name, HEAP),
      measureOf(above(name)),
      measureOf(runs.map(({ ms }) => ms)),
    ]),
    notes: [
      await context.history.describe(),
      `ATC over every symbol on one thread, each way in a process of its own (${context.rounds} runs in turns); the ` +
        'results were the same bytes. Time: reading the history and running.',
      'The peak is the largest resident set (VmHWM), less that of a process that does nothing ' +
        `(${Math.round(empty / 2 ** 20)} MiB).`,
    ],
  };
}

/** The part that is saved, run by run. */
function savedShares(own: readonly number[], base: readonly number[]): number[] {
  return own.map((bytes, run) => 1 - bytes / base[run]);
}

export const jobs = {
  nothing: () => '',
  async dataset({ directory, useMemoryMapped }: { directory: string; useMemoryMapped?: boolean }) {
    const { backtestDigest } = await import('./consumer.js');
    return backtestDigest(directory, { workers: 1, useMemoryMapped });
  },
  async heap({ files }: { files: HostFiles[] }) {
    const { heapBacktestDigest } = await import('./consumer.js');
    const held = files.map((one) => ({ symbol: one.symbol, columns: rawColumns(one) }));
    return heapBacktestDigest(held.map(({ symbol, columns }) => ({ symbol, columns: () => columns })));
  },
  /**
   * All candles are held as objects, as such a system does; the strategy gets columns made of them, symbol by symbol.
   */
  async candles({ files }: { files: HostFiles[] }) {
    const { heapBacktestDigest } = await import('./consumer.js');
    const held = files.map(({ symbol, names, json }) => ({ symbol, names, candles: candlesOf(json) }));
    return heapBacktestDigest(
      held.map(({ symbol, names, candles }) => ({
        symbol,
        columns: () => Object.fromEntries(names.map((name) => [name, Float64Array.from(candles, (one) => one[name])])),
      })),
    );
  },
};

function candlesOf(json: string): Record<string, number>[] {
  return JSON.parse(readPlainFile(json).toString('latin1'));
}
