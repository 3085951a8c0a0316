/** Time: a backtest with and without each feature, from CSV files every time and from datasets that are there. */
import { type BenchContext, type Contender, inTurns } from './context.js';
import { requireSameResults } from './same-results.js';
import type { Section } from './section.js';
import { type BenchTable, measureOf, ratioOf } from './table.js';

export const section: Section = {
  name: 'backtest',
  async run(context) {
    const csv = (await context.history.hostFiles()).map((files) => files.csv);
    const cacheDir = `${context.work}/copies`;
    const fromCsv = (name: string, flags: object) => {
      return { name, job: 'run', input: { source: csv, options: { workers: 1, cacheDir, ...flags } } };
    };
    const first = await compare(context, 'backtest.features', 'A backtest over CSV files, features off and on', [
      fromCsv('off', {}),
      fromCsv('mapped, copy made', { useMemoryMapped: true }),
      fromCsv('compressed, copy made', { useCompression: true }),
      fromCsv('mapped, copy stored', { useMemoryMapped: true, keepCopies: true }),
      fromCsv('compressed, copy stored', { useCompression: true, keepCopies: true }),
      fromCsv('both, copy stored', { useMemoryMapped: true, useCompression: true, keepCopies: true }),
    ]);
    const [mapped, packed] = [await context.history.mapped(), await context.history.packed()];
    const inPlace = (name: string, source: string, flags: object) => {
      return { name, job: 'run', input: { source, options: { workers: 1, ...flags } } };
    };
    const second = await compare(context, 'backtest.datasets', 'The same from a dataset that was imported before', [
      fromCsv('CSV, off', {}),
      inPlace('mapped dataset', mapped, { useMemoryMapped: true }),
      inPlace('packed dataset', packed, {}),
      inPlace('packed dataset, 2 threads', packed, { workers: 2 }),
    ]);
    return [first, second];
  },
};

/** The first way is the base. */
async function compare(
  context: BenchContext,
  name: string,
  title: string,
  ways: readonly Contender[],
): Promise<BenchTable> {
  const outcomes = await inTurns<string>(context, 'backtest', ways);
  requireSameResults(
    name,
    [...outcomes.values()].flatMap((runs) => runs.map(({ value }) => value)),
  );
  const base = outcomes.get(ways[0].name) ?? [];
  return {
    name,
    title,
    columns: [
      { name: 'way', unit: 'text' },
      { name: `faster than ${ways[0].name}`, unit: 'ratio' },
      { name: 'time', unit: 'ms' },
      { name: 'processor time', unit: 'ms' },
    ],
    rows: [...outcomes].map(([way, runs]) => [
      way,
      ratioOf(
        base.map(({ ms }) => ms),
        runs.map(({ ms }) => ms),
      ),
      measureOf(runs.map(({ ms }) => ms)),
      measureOf(runs.map(({ cpuMs }) => cpuMs)),
    ]),
    notes: [
      await context.history.describe(),
      `Reading and running, ${context.rounds} runs in turns, each in a process of its own; the results were the ` +
        'same bytes. Where a copy is stored, the first run makes it and the others find it.',
    ],
  };
}

export const jobs = {
  async run({ source, options }: { source: string | string[]; options: object }) {
    const { backtestDigest } = await import('./consumer.js');
    return backtestDigest(source, options);
  },
};
