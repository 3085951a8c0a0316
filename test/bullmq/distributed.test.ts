/**
 * Studies on a real Redis and worker processes (of the built package): the bytes of one machine, whoever dies. Locks
 * run out after 2 s here. `ATC_FLEET_KILLS=20 ATC_FLEET_SEED=7` kills workers more often.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DistributedStudy, runDistributed } from '../../plugins/bullmq/index.js';
import { writeDataset } from '../../src/index.js';
import { sweep } from '../../src/sweep/index.js';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf, uniform } from '../sweep/histories.js';
import { inQueue, Program, sleep, withFleet } from './fleet.js';
import { momentum } from './strategies/momentum.mjs';

const KILLS = Number(process.env.ATC_FLEET_KILLS ?? 2);
const SEED = Number(process.env.ATC_FLEET_SEED ?? 1);

const workspace = useWorkspace();
let redis: RedisServer | undefined;
let history = '';
let expected: Record<string, string>;
let count = 0;

const searched = {
  space: { lookback: { type: 'int', from: 2, to: 201 } },
  objective: 'sharpe',
  trials: 200,
  sampler: 'grid',
} as const;

beforeAll(async () => {
  redis = await startRedis();
  history = workspace.at('history');
  (await writeDataset(history, sourceOf(5, 250))).close();
  const directory = workspace.at('local');
  await sweep({ ...searched, source: history, strategy: momentum(), directory });
  expected = bytesIn(directory);
});
afterAll(() => redis?.stop());

function bytesIn(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name)).toString('base64')]),
  );
}

function studyOf(parameters: object = {}): DistributedStudy {
  const strategy = {
    module: path.resolve('test/bullmq/strategies/momentum.mjs'),
    factory: 'momentum',
    parameters: [parameters],
  };
  return { ...searched, strategy, directory: workspace.at(`study-${count++}`) };
}

/** A queue of its own for each test. */
function place(server = redis!) {
  const queue = `test-${process.pid}-${count++}`;
  return { connection: server.url, queue, jobs: 20 };
}

test.each([1, 2, 4])('%i worker processes: the bytes of the local run', async (workers) => {
  if (redis === undefined) return;
  const at = place();
  const study = studyOf();
  const shares: number[] = [];
  await withFleet(workers, at, () =>
    runDistributed(history, study, { ...at, onProgress: ({ share }) => void shares.push(share) }),
  );
  expect(bytesIn(study.directory)).toEqual(expected);
  expect(shares.at(-1)).toBe(1);
  expect(await inQueue(at, (queue) => queue.getJobCounts('completed', 'failed'))).toEqual({ completed: 20, failed: 0 });
});

test('workers killed at random moments: nothing lost, nothing twice', async () => {
  if (redis === undefined) return;
  const at = place();
  const study = studyOf({ spinMs: 3 });
  const random = uniform(SEED);
  await withFleet(2, at, async (fleet) => {
    const run = runDistributed(history, study, at);
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = fleet.workers[kill % 2];
      await victim.printed('started');
      await sleep(random() * 800);
      victim.kill('SIGKILL');
    }
    await run;
  });
  expect(bytesIn(study.directory)).toEqual(expected);
  expect(await inQueue(at, (queue) => queue.getJobCounts('completed', 'failed'))).toEqual({ completed: 20, failed: 0 });
});

test('the job of a worker that was stopped past its lock is accepted once', async () => {
  if (redis === undefined) return;
  const at = place();
  const study = studyOf({ spinMs: 3 });
  await withFleet(2, at, async (fleet) => {
    const [frozen] = fleet.workers;
    const run = runDistributed(history, study, at);
    await frozen.printed('started');
    frozen.kill('SIGSTOP');
    await sleep(4000);
    frozen.kill('SIGCONT');
    await run;
  });
  expect(bytesIn(study.directory)).toEqual(expected);
  expect(await inQueue(at, (queue) => queue.getJobCounts('completed', 'failed'))).toEqual({ completed: 20, failed: 0 });
});

test('a trial that ends its worker fails the study after three workers; one that throws after three attempts', async () => {
  if (redis === undefined) return;
  const at = place();
  await withFleet(1, at, async (fleet) => {
    await expect(runDistributed(history, studyOf({ deadly: 7 }), { ...at, jobs: 1 })).rejects.toMatchObject({
      code: 'WORKER',
      message: expect.stringContaining('shard 1 of 1 has failed on its worker: job stalled more than allowable limit'),
    });
    const ended = fleet.all.filter(({ isAlive, output }) => !isAlive && output.includes('started'));
    expect(ended.length).toBe(3);
    const study = studyOf({ throwing: 7 });
    await expect(runDistributed(history, study, { ...at, jobs: 1 })).rejects.toThrow(/shard 1 of 1 .*no such lookback/);
    expect(readdirSync(path.dirname(study.directory))).not.toContain(path.basename(study.directory));
  });
});

test('SIGTERM: a worker finishes its job and takes no other', async () => {
  if (redis === undefined) return;
  const at = place();
  const study = studyOf({ spinMs: 6 });
  await withFleet(1, at, async (fleet) => {
    const [first] = fleet.workers;
    const run = runDistributed(history, study, at);
    await first.printed('started');
    first.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const ids = (kind: string) => [...first.output.matchAll(new RegExp(`^${kind} (\\w+)`, 'gm'))].map(([, id]) => id);
    expect(ids('done')).toEqual(ids('started'));
    expect(ids('done').length).toBeLessThan(20);
    await run;
  });
  expect(bytesIn(study.directory)).toEqual(expected);
});

test('Redis killed and started again in mid-run: the study is completed', async () => {
  const data = workspace.at('aof');
  mkdirSync(data);
  const server = await startRedis(data);
  if (server === undefined) return;
  const at = place(server);
  const study = studyOf({ spinMs: 3 });
  try {
    await withFleet(2, at, async (fleet) => {
      const run = runDistributed(history, study, at);
      await fleet.workers[0].printed('done');
      await server.restart(1000);
      await run;
    });
  } finally {
    await server.stop();
  }
  expect(bytesIn(study.directory)).toEqual(expected);
});

test('a submitter that is killed and started again: what was computed is used', async () => {
  if (redis === undefined) return;
  const at = place();
  const study = studyOf({ spinMs: 3 });
  await withFleet(2, at, async (fleet) => {
    const submitter = new Program('fleet-submitter.mjs', [history, study, at]);
    await fleet.workers[0].printed('done', 2);
    submitter.kill('SIGKILL');
    await submitter.ended;
    await runDistributed(history, study, at);
    const done = fleet.all.flatMap(({ output }) => [...output.matchAll(/^done (\w+)/gm)].map(([, id]) => id));
    expect([...done].sort()).toEqual([...new Set(done)].sort());
    expect(done.length).toBe(20);
  });
  expect(bytesIn(study.directory)).toEqual(expected);
});

test('an aborted run takes its jobs back, and the same call completes it', async () => {
  if (redis === undefined) return;
  // Two long jobs: one is at work for some seconds, one waits.
  const at = { ...place(), jobs: 2, sharedDirectory: workspace.at('shared-2') };
  const study = studyOf({ spinMs: 8 });
  await withFleet(1, at, async (fleet) => {
    const controller = new AbortController();
    const run = runDistributed(history, study, { ...at, signal: controller.signal });
    await fleet.workers[0].printed('started');
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    await fleet.workers[0].printed('CANCELLED');
    const open = await inQueue(at, (queue) => queue.getJobCounts('waiting', 'active', 'delayed'));
    expect(open).toEqual({ waiting: 0, active: 0, delayed: 0 });
    await runDistributed(history, study, at);
  });
  expect(bytesIn(study.directory)).toEqual(expected);
});

test('results above 64 KB go through the shared directory; a lost one is computed again, a changed one refused', async () => {
  if (redis === undefined) return;
  const shared = workspace.at('shared');
  const at = { ...place(), jobs: 1 };
  // All trials in one job: some 150 KB.
  const study = studyOf();
  await withFleet(1, { ...at, sharedDirectory: shared }, async () => {
    await expect(runDistributed(history, study, at)).rejects.toThrow('name it (sharedDirectory, --shared-dir)');
    const names = readdirSync(shared).filter((name) => name.endsWith('.part'));
    expect(names.length).toBe(1);
    const file = path.join(shared, names[0]);
    const bytes = readFileSync(file);
    expect(bytes.length).toBeGreaterThan(65_536);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(file, bytes);
    const refused: { code?: string; path?: string } = await runDistributed(history, study, {
      ...at,
      sharedDirectory: shared,
    }).then(
      () => ({}),
      (error) => error,
    );
    expect([refused.code, refused.path]).toEqual(['CORRUPT', file]);
    rmSync(file);
    await runDistributed(history, study, { ...at, sharedDirectory: shared });
  });
  expect(bytesIn(study.directory)).toEqual(expected);
});
