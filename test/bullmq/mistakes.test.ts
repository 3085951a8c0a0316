/** What cannot be run on a fleet is refused before a job is sent, and what a worker refuses names the reason. */
import path from 'node:path';
import { createWorker, type DistributedStudy, runDistributed } from '../../plugins/bullmq/index.js';
import { writeDataset } from '../../src/index.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf } from '../sweep/histories.js';

const workspace = useWorkspace();
const strategy = {
  module: path.resolve('test/bullmq/strategies/momentum.mjs'),
  factory: 'momentum',
  parameters: [{}],
};
const connection = 'redis://:secret-word@127.0.0.1:1';
let study: DistributedStudy;
let source: string;

beforeAll(async () => {
  source = workspace.at('history');
  (await writeDataset(source, sourceOf(1, 60))).close();
  const space = { lookback: { type: 'int', from: 2, to: 5 } } as const;
  study = { strategy, space, objective: 'sharpe', directory: workspace.at('study') };
});

test.each([
  ['an objective with code', { objective: () => 1 }, 'objective holds a function'],
  ['a constraint with code', { constraints: [() => true] }, 'constraints.0 holds a function'],
  ['no directory', { directory: undefined }, 'directory must be a path'],
  ['an unknown option', { trails: 3 }, 'trails is no option of a study; did you mean "trials"?'],
  ['a strategy that is no reference', { strategy: { name: 'x' } }, '{ module, factory, parameters } is needed'],
  ['a factory that is not there', { strategy: { ...strategy, factory: 'other' } }, 'exports no function "other"'],
  ['a sampler that learns', { sampler: 'tpe', trials: 8 }, 'sampler is tpe'],
])('%s is refused', async (_, wrong, message) => {
  const run = runDistributed(source, { ...study, ...wrong } as typeof study, { connection });
  await expect(run).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining(message) });
});

test.each([
  ['a source in memory', sourceOf(1, 60), {}, {}, 'source must be a path'],
  ['standard input', '-', {}, {}, 'source must be a path'],
  ['no path', [], {}, {}, 'source must be a path'],
  ['a strategy without a reference', undefined, { reference: undefined, module: undefined }, {}, 'is needed'],
  ['a strategy of studies', undefined, {}, {}, 'returned no strategy for a backtest'],
  ['a parameter with code', undefined, { parameters: [() => 1] }, {}, 'strategy.0 holds a function'],
  ['a parameter that JSON loses', undefined, { parameters: [{ a: [Number.NaN] }] }, {}, 'strategy.0.a.0 holds NaN'],
  ['a parameter without its sign', undefined, { parameters: [-0] }, {}, 'strategy.0 holds -0'],
  ['a parameter with a class', undefined, { parameters: [new Date(0)] }, {}, 'strategy.0 holds an object (Date)'],
  ['an unknown option', undefined, {}, { workers: 2 }, 'workers is no option of a distributed backtest'],
  ['history with code', undefined, {}, { history: { onRows: () => 1 } }, 'history.onRows holds a function'],
] as const)('a backtest with %s is refused', async (_, from, changed, options, message) => {
  const wanted = { ...strategy, ...changed } as unknown as typeof strategy;
  const run = runDistributed((from ?? source) as string, wanted, { connection, ...options } as { connection: string });
  await expect(run).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining(message) });
});

test.each([
  [undefined, undefined],
  [undefined, {}],
  [{}, undefined],
  ['text', {}],
])('runDistributed(source, %p, %p) is refused', async (work, options) => {
  await expect(runDistributed(source, work as never, options as never)).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test('costs that cannot be are those of a local run', async () => {
  const average = { ...strategy, module: path.resolve('test/bullmq/strategies/average.mjs'), factory: 'average' };
  const run = runDistributed(source, average, { connection, fee: 2 });
  await expect(run).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('fee') });
});

test('a module that is not installed is named', async () => {
  const missing = { ...study, strategy: { ...strategy, module: 'no-such-strategies' } };
  await expect(runDistributed(source, missing, { connection })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test.each([0, 1.5, Number.NaN, '4'])('%p jobs are refused', async (jobs) => {
  await expect(runDistributed(source, study, { connection, jobs: jobs as number })).rejects.toMatchObject({
    code: 'ARGUMENT',
  });
});

test.each(['http://:secret-word@host', ':secret-word@host', ''])(
  'the address %p is refused, unread',
  async (address) => {
    for (const run of [runDistributed(source, study, { connection: address }), createWorker({ connection: address })]) {
      const error: Error = await run.then(
        () => new Error('not refused'),
        (reason) => reason,
      );
      expect(error).toMatchObject({ code: 'ARGUMENT', key: 'connection' });
      expect(error.message).not.toContain('secret-word');
    }
  },
);

test('a Redis that does not answer is named without its password', async () => {
  const error: Error = await runDistributed(source, study, { connection }).then(
    () => new Error('not refused'),
    (reason) => reason,
  );
  expect(error).toMatchObject({ code: 'IO', message: expect.stringContaining('127.0.0.1:1') });
  expect(`${error.message} ${error.stack}`).not.toContain('secret-word');
});
