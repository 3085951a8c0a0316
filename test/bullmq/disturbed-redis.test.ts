/** A Redis that refuses, is full, deletes, or is a replica: reported at once, in words, without its password. */
import path from 'node:path';
import { jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { createWorker, runDistributed } from '../../plugins/bullmq/index.js';
import { writeDataset } from '../../src/index.js';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf } from '../sweep/histories.js';
import { sleep, withFleet } from './fleet.js';

const workspace = useWorkspace();
const servers: RedisServer[] = [];
let history = '';
const strategy = {
  module: path.resolve('test/bullmq/strategies/average.mjs'),
  factory: 'average',
  parameters: [{}],
};

beforeAll(async () => {
  history = workspace.at('history');
  (await writeDataset(history, sourceOf(3, 60))).close();
});
afterAll(async () => {
  for (const server of servers) await server.stop();
});

/** Undefined where there is no redis-server. */
async function serverWith(...options: string[]): Promise<string | undefined> {
  const server = await startRedis(undefined, options);
  if (server !== undefined) servers.push(server);
  return server?.url;
}

const failureOf = (running: Promise<unknown>): Promise<Error> =>
  running.then(
    () => new Error('not refused'),
    (error) => error,
  );

/** How submitter and worker fail with a connection. */
const bothFailures = (connection: string | object) =>
  Promise.all([runDistributed(history, strategy, { connection }), createWorker({ connection })].map(failureOf));

test('a wrong password, user or database is refused at once, by submitter and worker', async () => {
  const url = await serverWith('--requirepass', 'geheim', '--databases', '4');
  if (url === undefined) return;
  const host = url.slice('redis://'.length);
  for (const [connection, reason] of [
    [url, 'NOAUTH'],
    [`redis://:wrong-word@${host}`, 'WRONGPASS'],
    [`redis://nobody:wrong-word@${host}`, 'WRONGPASS'],
    [`redis://:geheim@${host}/99`, 'DB index is out of range'],
  ]) {
    for (const error of await bothFailures(connection)) {
      expect(error).toMatchObject({ code: 'IO', message: expect.stringContaining(`the Redis at ${host} refuses`) });
      expect(error.message).toContain(reason);
      expect(`${error.message} ${error.stack}`).not.toMatch(/geheim|wrong-word/);
    }
  }
});

test.each([
  ['redis://host/abc', 'number of a database'],
  ['redis://host/1/2', 'number of a database'],
  ['redis://us%er:secret-word@host', 'percent sign'],
  [{ host: 'host', db: '1' }, 'db is a value of type string'],
  [{ host: 'host', keyPrefix: 'mine:' }, 'prefix'],
])('the connection %j is refused before anything is asked', async (connection, message) => {
  for (const error of await bothFailures(connection)) {
    expect(error).toMatchObject({ code: 'ARGUMENT', key: 'connection', message: expect.stringContaining(message) });
    expect(error.message).not.toContain('secret-word');
  }
});

test('jobs are found under their prefix and in their database alone', async () => {
  const url = await serverWith();
  if (url === undefined) return;
  const at = { connection: `${url}/3`, prefix: '{mine}', jobs: 2 };
  await withFleet(1, at, () => runDistributed(history, strategy, at));
  const client = new Redis(url);
  try {
    expect(await client.dbsize()).toBe(0);
    await client.select(3);
    const keys = await client.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !key.startsWith('{mine}:'))).toEqual([]);
  } finally {
    client.disconnect();
  }
});

test('a Redis that deletes keys when it is full is warned of, with its policy', async () => {
  const url = await serverWith('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
  if (url === undefined) return;
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const own = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    await (await createWorker({ connection: url })).close();
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('maxmemory-policy allkeys-lru'), { type: 'AtcWarning', code: 'ATC_REDIS_EVICTION' }],
    ]);
  } finally {
    warn.mockRestore();
    own.mockRestore();
  }
});

test('a Redis without memory ends the run with what to give it', async () => {
  const url = await serverWith('--maxmemory', '4mb', '--maxmemory-policy', 'noeviction');
  if (url === undefined) return;
  const client = new Redis(url);
  try {
    for (let k = 0; k < 100; k++) await client.set(`filler-${k}`, 'x'.repeat(100_000));
  } catch (error) {
    expect((error as Error).message).toMatch(/^OOM/);
  } finally {
    client.disconnect();
  }
  const error = await failureOf(runDistributed(history, strategy, { connection: url }));
  expect(error).toMatchObject({ code: 'IO', message: expect.stringContaining('refuses: OOM') });
  expect(error.message).toContain('maxmemory');
});

test('a replica is refused', async () => {
  const url = await serverWith('--replicaof', '127.0.0.1', '1');
  if (url === undefined) return;
  const error = await failureOf(runDistributed(history, strategy, { connection: url }));
  expect(error).toMatchObject({ code: 'IO', message: expect.stringContaining('is a replica') });
});

test('a Redis that fills up in mid-run is waited for without a rush, and the run is completed when it has room', async () => {
  const url = await serverWith('--maxmemory', '100mb', '--maxmemory-policy', 'noeviction');
  if (url === undefined) return;
  const client = new Redis(url);
  const at = { connection: url, jobs: 3 };
  const slow = { ...strategy, parameters: [{ spinMs: 1000 }] };
  try {
    const local = await withFleet(1, { ...at, queue: 'undisturbed' }, () =>
      runDistributed(history, strategy, { ...at, queue: 'undisturbed' }),
    );
    await withFleet(1, at, async ({ workers: [worker] }) => {
      await worker.printed('ready');
      const run = runDistributed(history, slow, at);
      await worker.printed('started');
      await client.config('SET', 'maxmemory', '1');
      await worker.printed('OOM', 2);
      const before = worker.output.split('OOM').length;
      await sleep(3000);
      // Thousands where it is asked without a pause.
      expect(worker.output.split('OOM').length - before).toBeLessThan(50);
      await client.config('SET', 'maxmemory', '100mb');
      expect((await run).symbols).toEqual(local.symbols);
    });
  } finally {
    client.disconnect();
  }
});
