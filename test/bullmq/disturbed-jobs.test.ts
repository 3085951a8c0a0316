/** Jobs that hang, end their thread or their process, and workers that are told to let go of them. */
import path from 'node:path';
import { createWorker, runDistributed } from '../../plugins/bullmq/index.js';
import { writeDataset } from '../../src/index.js';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf } from '../sweep/histories.js';
import { inQueue, withFleet } from './fleet.js';

const workspace = useWorkspace();
let redis: RedisServer | undefined;
let history = '';
let count = 0;

beforeAll(async () => {
  redis = await startRedis();
  history = workspace.at('history');
  (await writeDataset(history, sourceOf(3, 60))).close();
});
afterAll(() => redis?.stop());

const place = (options: object = {}) => ({
  connection: redis!.url,
  queue: `jobs-${process.pid}-${count++}`,
  jobs: 3,
  ...options,
});
const strategyOf = (parameters: object) => ({
  module: path.resolve('test/bullmq/strategies/average.mjs'),
  factory: 'average',
  parameters: [parameters],
});

test('a job that never ends is ended at its time limit, and its worker goes on', async () => {
  if (redis === undefined) return;
  const at = place();
  await withFleet(1, { ...at, jobTimeoutMs: 3000 }, async ({ workers: [worker], all }) => {
    const run = runDistributed(history, strategyOf({ hanging: 'S1' }), at);
    await expect(run).rejects.toMatchObject({ code: 'WORKER', message: expect.stringContaining('longer than 3 s') });
    expect((await runDistributed(history, strategyOf({}), at)).symbols).toHaveLength(3);
    expect(all).toEqual([worker]);
  });
});

test('a run that is aborted frees a worker from a job that never ends', async () => {
  if (redis === undefined) return;
  const at = place();
  await withFleet(1, at, async ({ workers: [worker], all }) => {
    const controller = new AbortController();
    const run = runDistributed(history, strategyOf({ hanging: 'S0' }), { ...at, signal: controller.signal });
    await worker.printed('started');
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    await worker.printed('CANCELLED');
    expect((await runDistributed(history, strategyOf({}), at)).symbols).toHaveLength(3);
    expect(all).toEqual([worker]);
  });
});

test('a job that ends its thread fails with the exit code, and its worker goes on', async () => {
  if (redis === undefined) return;
  const at = place();
  await withFleet(1, at, async ({ workers: [worker], all }) => {
    const run = runDistributed(history, strategyOf({ leaving: 'S2' }), at);
    await expect(run).rejects.toMatchObject({
      code: 'WORKER',
      message: expect.stringMatching(/thread ended .*code: 3/),
    });
    expect((await runDistributed(history, strategyOf({}), at)).symbols).toHaveLength(3);
    expect(all).toEqual([worker]);
  });
});

test('without stalls a job fails with the first worker that it ends', async () => {
  if (redis === undefined) return;
  const at = place();
  await withFleet(2, { ...at, maxStalls: 0 }, async (fleet) => {
    const run = runDistributed(history, strategyOf({ deadly: 'S1' }), at);
    await expect(run).rejects.toMatchObject({ code: 'WORKER', message: expect.stringContaining('--max-stalls') });
    // The two that were there, and the one that took the place of the first.
    expect(fleet.all).toHaveLength(3);
  });
});

test('a second SIGTERM gives a job up, and another worker begins it without waiting for the lock', async () => {
  if (redis === undefined) return;
  const at = place({ jobs: 1 });
  const patient = { ...at, lockMs: 600_000 };
  await withFleet(1, patient, async ({ workers: [first], all }) => {
    const run = runDistributed(history, strategyOf({ spinMs: 4000 }), at);
    await first.printed('started');
    first.kill('SIGTERM');
    first.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    first.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect((await run).symbols).toHaveLength(3);
    expect(all.length).toBeGreaterThan(1);
    expect(await inQueue(at, (queue) => queue.getJobCounts('completed', 'failed'))).toEqual({
      completed: 1,
      failed: 0,
    });
  });
});

test.each([
  ['lockMs', 999],
  ['lockMs', 2 ** 31],
  ['stalledIntervalMs', 0],
  ['maxStalls', -1],
  ['maxStalls', 1.5],
  ['maxStalls', '2'],
  ['jobTimeoutMs', 0],
  ['jobTimeoutMs', Number.POSITIVE_INFINITY],
  ['concurrency', 0],
  ['queue', ''],
  ['queue', 'a:b'],
  ['prefix', ''],
  ['strategies', 'mine'],
  ['dataFrom', [5]],
])('%s of %p is refused before anything is asked', async (key, value) => {
  const starting = createWorker({ connection: 'redis://127.0.0.1:1', [key]: value });
  await expect(starting).rejects.toMatchObject({ code: 'ARGUMENT', key, message: expect.stringContaining(key) });
});
