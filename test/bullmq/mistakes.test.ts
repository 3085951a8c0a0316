/** What cannot be run on a fleet is refused before a job is sent, and what a worker refuses names the reason. */
import path from 'node:path';
import { createWorker, runDistributed } from '../../plugins/bullmq/index.js';
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
let study: Parameters<typeof runDistributed>[0];

beforeAll(async () => {
  const source = workspace.at('history');
  (await writeDataset(source, sourceOf(1, 60))).close();
  const space = { lookback: { type: 'int', from: 2, to: 5 } } as const;
  study = { source, strategy, space, objective: 'sharpe', directory: workspace.at('study') };
});

test.each([
  ['a source in memory', { source: sourceOf(1, 60) }, 'source must be a path'],
  ['an objective with code', { objective: () => 1 }, 'objective holds a function'],
  ['a constraint with code', { constraints: [() => true] }, 'constraints holds a function'],
  ['no directory', { directory: undefined }, 'directory must be a path'],
  ['an unknown option', { trails: 3 }, 'trails is no option of a study; did you mean "trials"?'],
  ['a strategy that is no reference', { strategy: { name: 'x' } }, '{ module, factory, parameters } is needed'],
  ['a factory that is not there', { strategy: { ...strategy, factory: 'other' } }, 'exports no function "other"'],
  ['a sampler that learns', { sampler: 'tpe', trials: 8 }, 'sampler is tpe'],
])('%s is refused', async (_, wrong, message) => {
  const run = runDistributed({ ...study, ...wrong } as typeof study, { connection });
  await expect(run).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining(message) });
});

test('a module that is not installed is named', async () => {
  const missing = { ...study, strategy: { ...strategy, module: 'no-such-strategies' } };
  await expect(runDistributed(missing, { connection })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test.each([0, 1.5, Number.NaN, '4'])('%p jobs are refused', async (jobs) => {
  await expect(runDistributed(study, { connection, jobs: jobs as number })).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test.each(['http://:secret-word@host', ':secret-word@host', ''])(
  'the address %p is refused, unread',
  async (address) => {
    for (const run of [runDistributed(study, { connection: address }), createWorker({ connection: address })]) {
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
  const error: Error = await runDistributed(study, { connection }).then(
    () => new Error('not refused'),
    (reason) => reason,
  );
  expect(error).toMatchObject({ code: 'IO', message: expect.stringContaining('127.0.0.1:1') });
  expect(`${error.message} ${error.stack}`).not.toContain('secret-word');
});
