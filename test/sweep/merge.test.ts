/** Shards in directories of their own, brought together: the bytes of one run. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { shardOf } from '../../src/cli/shard-option.js';
import { type SweepOptions, sweep } from '../../src/sweep/index.js';
import { useWorkspace } from '../io/workspace.js';
import { crossing, crossingSweep, sourceOf } from './histories.js';

const workspace = useWorkspace();
let count = 0;
const fresh = () => workspace.at(`merge-${count++}`);

const base: SweepOptions = {
  source: sourceOf(3, 500),
  strategy: crossingSweep,
  space: { fast: { type: 'int', from: 2, to: 6 }, slow: { type: 'int', from: 8, to: 40, log: true } },
  objective: 'sharpe',
  sampler: 'random',
  trials: 150,
  seed: 3,
  holdout: 0.2,
};

const bytesIn = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name)).toString('base64')]),
  );

async function shards(n: number, options: SweepOptions): Promise<string[]> {
  const parts: string[] = [];
  for (let index = 1; index <= n; index++) {
    const directory = fresh();
    await sweep({ ...options, directory, shard: { index, count: n } });
    parts.push(directory);
  }
  return parts;
}

test.each([1, 2, 5, 40])('%i shards of a study, merged in any order, have the bytes of one run', async (n) => {
  const [whole, merged] = [fresh(), fresh()];
  await sweep({ ...base, directory: whole });
  const parts = await shards(n, base);
  const result = await sweep({ ...base, directory: merged, merge: parts.reverse() });
  expect(result.isFinished).toBe(true);
  expect(bytesIn(merged)).toEqual(bytesIn(whole));
});

test('a study of few trials over one symbol has work for every shard', async () => {
  const strategy = { ...crossingSweep, share: undefined, version: 'few' };
  const options = { ...base, source: sourceOf(1, 300), strategy, trials: 40 };
  const ran: number[] = [];
  for (let index = 1; index <= 5; index++) {
    const create = (parameters: Readonly<Record<string, unknown>>) => {
      ran[index] = (ran[index] ?? 0) + 1;
      return crossing(parameters);
    };
    await sweep({ ...options, strategy: { ...strategy, create }, directory: fresh(), shard: { index, count: 5 } });
  }
  for (let index = 1; index <= 5; index++) expect(ran[index]).toBeGreaterThan(0);
});

test('a merge without some shard names it, runs nothing, and is completed by it', async () => {
  const [whole, merged] = [fresh(), fresh()];
  await sweep({ ...base, directory: whole });
  const parts = await shards(3, base);
  const [first, second, third] = parts;
  await expect(sweep({ ...base, directory: merged, merge: [first, third] })).rejects.toMatchObject({
    code: 'IO',
    message: expect.stringMatching(/run shard 2 of 3/),
  });
  await sweep({ ...base, directory: merged, merge: [second] });
  expect(bytesIn(merged)).toEqual(bytesIn(whole));
  const again = fresh();
  await sweep({ ...base, directory: again, merge: [merged] });
  expect(bytesIn(again)).toEqual(bytesIn(whole));
});

test('parts of another study, of another cut, damaged or without a study are refused', async () => {
  const [part] = await shards(2, base);
  const into = () => ({ ...base, directory: fresh(), merge: [part] });
  await expect(sweep({ ...into(), fee: 0.001 })).rejects.toMatchObject({ code: 'ARGUMENT', key: 'costs' });
  await expect(sweep({ ...into(), merge: [fresh()] })).rejects.toMatchObject({ code: 'IO' });
  await expect(sweep({ ...into(), merge: [] })).rejects.toMatchObject({ code: 'ARGUMENT', key: 'merge' });
  await expect(sweep({ ...into(), directory: undefined })).rejects.toMatchObject({ code: 'ARGUMENT', key: 'merge' });
  await expect(sweep({ ...into(), shard: { index: 1, count: 2 } })).rejects.toMatchObject({ key: 'merge' });
  const [other] = await shards(30, base);
  await expect(sweep({ ...into(), merge: [part, other] })).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('with the same n'),
  });
  const units = path.join(part, 'units');
  const [name] = readdirSync(units).filter((one) => one.endsWith('.unit'));
  writeFileSync(path.join(units, name), readFileSync(path.join(units, name)).subarray(0, 40));
  await expect(sweep(into())).rejects.toMatchObject({ code: 'CORRUPT', path: path.join(units, name) });
  rmSync(part, { recursive: true });
});

test('shards of a sampler that learns are refused', async () => {
  const options = { ...base, sampler: 'tpe' as const, directory: fresh(), shard: { index: 1, count: 2 } };
  await expect(sweep(options)).rejects.toMatchObject({ code: 'ARGUMENT', key: 'shard' });
});

test.each([
  ['2/4', {}, { index: 2, count: 4 }],
  ['auto/4', { JOB_COMPLETION_INDEX: '0' }, { index: 1, count: 4 }],
  ['auto/4', { AWS_BATCH_JOB_ARRAY_INDEX: '3' }, { index: 4, count: 4 }],
  ['auto', { AWS_BATCH_JOB_ARRAY_INDEX: '3', AWS_BATCH_JOB_ARRAY_SIZE: '9' }, { index: 4, count: 9 }],
  [
    'auto',
    { SLURM_ARRAY_TASK_ID: '9', SLURM_ARRAY_TASK_MIN: '5', SLURM_ARRAY_TASK_STEP: '2', SLURM_ARRAY_TASK_COUNT: '8' },
    { index: 3, count: 8 },
  ],
  ['auto/3', { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_MIN: '1' }, { index: 3, count: 3 }],
])('--shard %s with %j is part %j', (text, environment, shard) => {
  expect(shardOf(text, environment)).toEqual(shard);
});

test.each([
  ['auto', {}, /none of .*JOB_COMPLETION_INDEX.* is set/],
  ['auto', { JOB_COMPLETION_INDEX: '0' }, /how many tasks/],
  ['auto/2', { JOB_COMPLETION_INDEX: '2' }, /no part from 1 to 2/],
  ['auto/2', { JOB_COMPLETION_INDEX: 'x' }, /whole number/],
  ['auto/2', { JOB_COMPLETION_INDEX: '1', SLURM_ARRAY_TASK_ID: '1' }, /all set/],
  ['auto/2', { SLURM_ARRAY_TASK_ID: '1' }, /SLURM_ARRAY_TASK_MIN is not set/],
  ['3/2', {}, /such as 2\/4/],
  ['/2', {}, /such as 2\/4/],
])('--shard %s with %j is refused', (text, environment, message) => {
  expect(() => shardOf(text, environment)).toThrow(message);
});
