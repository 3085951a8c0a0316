/**
 * Studies on a real Redis and worker processes (of the built package): the bytes of one machine, whoever dies. Locks
 * run out after 2 s here. By hand at full size, with more kills:
 *
 *   FLEET_TRIALS=2000 FLEET_SYMBOLS=50 FLEET_KILLS=20 FLEET_SEED=7 npx jest test/bullmq/distributed.test.ts
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { type DistributedStudy, runDistributed } from '../../plugins/bullmq/index.js';
import { writeDataset } from '../../src/index.js';
import { sweep } from '../../src/sweep/index.js';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf, uniform } from '../sweep/histories.js';
import { inQueue, Program, sleep, withFleet } from './fleet.js';
import { momentum } from './strategies/momentum.mjs';

const TRIALS = Number(process.env.FLEET_TRIALS ?? 200);
const SYMBOLS = Number(process.env.FLEET_SYMBOLS ?? 5);
const KILLS = Number(process.env.FLEET_KILLS ?? 2);
const SEED = Number(process.env.FLEET_SEED ?? 1);
/** Jobs of a study. */
const JOBS = 20;

const workspace = useWorkspace();
let redis: RedisServer | undefined;
let history = '';
let expected: Record<string, string>;
let count = 0;

const searched = {
  space: { lookback: { type: 'int', from: 2, to: 201 }, least: { type: 'float', from: 0, to: 1 } },
  objective: 'sharpe',
  trials: TRIALS,
  sampler: 'random',
  seed: SEED,
} as const;

beforeAll(async () => {
  redis = await startRedis();
  history = workspace.at('history');
  (await writeDataset(history, sourceOf(SYMBOLS, 250))).close();
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
  return { connection: server.url, queue, jobs: JOBS, sharedDirectory: workspace.at(`shared-${queue}`) };
}

/** Options of a strategy whose trials take so long altogether, on one processor, beside what they compute. */
const spinning = (seconds: number) => ({ spinMs: (1000 * seconds) / (TRIALS * SYMBOLS) });

/** Every job of a study was accepted once: one event each, which Redis keeps. */
async function expectOnce(at: { readonly connection: string; readonly queue: string }, jobs = JOBS): Promise<void> {
  const [ids, failed] = await inQueue(at, async (queue) => {
    const client = new Redis(at.connection);
    const events = await client.xrange(queue.toKey('events'), '-', '+').finally(() => client.disconnect());
    // Names and values, one after the other.
    const fields = events.map(([, list]) => Object.fromEntries(list.map((name, k) => [name, list[k + 1]])));
    return [
      fields.filter(({ event }) => event === 'completed').map(({ jobId }) => jobId),
      (await queue.getJobCounts('failed')).failed,
    ];
  });
  expect([ids.length, new Set(ids).size, failed]).toEqual([jobs, jobs, 0]);
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
  await expectOnce(at);
});

test('workers killed at random moments: nothing lost, nothing twice', async () => {
  if (redis === undefined) return;
  // Short jobs: one whose worker is killed three times fails, as a deadly one does.
  const jobs = 20 * KILLS;
  const at = { ...place(), jobs };
  const study = studyOf(spinning(KILLS));
  const random = uniform(SEED);
  let kills = 0;
  await withFleet(2, at, async (fleet) => {
    const run = runDistributed(history, study, at);
    const killing = async () => {
      for (; kills < KILLS; kills++) {
        const victim = fleet.workers[kills % 2];
        await victim.printed('started', Math.ceil(random() * 10));
        await sleep(random() * 100);
        victim.kill('SIGKILL');
        await victim.ended;
      }
    };
    await Promise.all([run, Promise.race([run, killing()])]);
  });
  expect(kills).toBe(KILLS);
  expect(bytesIn(study.directory)).toEqual(expected);
  await expectOnce(at, jobs);
});

test('the job of a worker that was stopped past its lock is accepted once', async () => {
  if (redis === undefined) return;
  const at = place();
  const study = studyOf(spinning(3));
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
  await expectOnce(at);
});

test('a trial fails the study when it has ended three workers, or thrown three times', async () => {
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
  const study = studyOf(spinning(6));
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
  const study = studyOf(spinning(3));
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

test('a submitter that is killed and started again uses the results that are there', async () => {
  if (redis === undefined) return;
  const at = place();
  const study = studyOf(spinning(3));
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
  const study = studyOf(spinning(8));
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

test('results above 64 KB go through files; a lost one is computed again, a changed one refused', async () => {
  if (redis === undefined) return;
  const { sharedDirectory: shared, ...rest } = place();
  const at = { ...rest, jobs: 1 };
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
