/** Histories that workers have no path to: brought by the hashes of their files, over links that are cut. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runDistributed } from '../../plugins/bullmq/index.js';
import { encodeValue, openDataset, runBacktest, writeDataset } from '../../src/index.js';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf } from '../sweep/histories.js';
import { Fleet, Program, sleep, withFleet } from './fleet.js';
import { createNetwork } from './network.js';
import { average } from './strategies/average.mjs';

const workspace = useWorkspace();
let redis: RedisServer | undefined;
let expected = '';
let count = 0;
const strategy = (parameters: object = {}) => ({
  module: path.resolve('test/bullmq/strategies/average.mjs'),
  factory: 'average',
  parameters: [parameters],
});
/** A directory that is one machine's. */
const machine = (name: string) => {
  mkdirSync(workspace.at(name), { recursive: true });
  return workspace.at(name);
};
const place = () => ({ connection: redis!.url, queue: `data-${process.pid}-${count++}`, jobs: 6 });

beforeAll(async () => {
  redis = await startRedis();
  const directory = path.join(machine('submitter'), 'history');
  (await writeDataset(directory, sourceOf(6, 300))).close();
  const dataset = await openDataset(directory);
  expected = bits((await runBacktest(dataset, average(), { workers: 1 })).symbols);
  dataset.close();
});
afterAll(() => redis?.stop());

const bits = (value: unknown) => Buffer.from(encodeValue(value)).toString('base64');

/** Serves a directory while `run` runs. */
async function served<Result>(
  directory: string,
  run: (url: string, server: Program) => Promise<Result>,
  { host = '127.0.0.1', namespace = undefined as string | undefined } = {},
): Promise<Result> {
  const server = new Program('fleet-data.mjs', [directory, host], undefined, namespace);
  await server.printed('serves');
  try {
    return await run(/serves (\S+)/.exec(server.output)![1], server);
  } finally {
    server.kill('SIGTERM');
    await server.ended;
  }
}

test('two workers without the history, each with a cache of its own, bring it by its hashes, once each', async () => {
  if (redis === undefined) return;
  const source = workspace.at('submitter', 'history');
  await served(source, async (url, server) => {
    const at = place();
    const machines = ['machine-1', 'machine-2'].map(machine);
    const fleets = machines.map((cwd) => new Fleet(1, { ...at, cacheDir: 'cache' }, cwd));
    try {
      const options = { ...at, dataFrom: [url] };
      const first = await runDistributed(source, strategy({ spinMs: 300 }), options);
      expect(bits(first.symbols)).toBe(expected);
      const asked = server.output.match(/^asked /gm)?.length;
      // Its hashes are enough the second time: nothing is sent.
      const again = await runDistributed(source, strategy(), options);
      expect(bits(again.symbols)).toBe(expected);
      expect(server.output.match(/^asked /gm)?.length).toBe(asked);
      for (const cwd of machines) expect(existsSync(path.join(cwd, 'cache', 'data'))).toBe(true);
    } finally {
      await Promise.all(fleets.map((fleet) => fleet.close()));
    }
  });
});

test('a file of one symbol and a study are brought too; a mount comes first', async () => {
  if (redis === undefined) return;
  const source = workspace.at('submitter', 'history');
  const queue = place();
  const at = { ...queue, dataFrom: [machine('no-such-mount'), source] };
  await withFleet(1, { ...queue, cacheDir: workspace.at('cache-3') }, async () => {
    expect(bits((await runDistributed(source, strategy(), at)).symbols)).toBe(expected);
    const momentum = {
      ...strategy(),
      module: path.resolve('test/bullmq/strategies/momentum.mjs'),
      factory: 'momentum',
    };
    const space = { lookback: { type: 'int', from: 2, to: 9 } } as const;
    const study = { strategy: momentum, space, objective: 'sharpe', directory: workspace.at('study') } as const;
    expect((await runDistributed(source, study, at)).length).toBe(8);
    const file = workspace.file(
      'one.csv',
      'timestamp,close\n' +
        `${[...Array(60)].map((_, k) => `2024-01-01T00:${String(k).padStart(2, '0')}:00Z,${100 + k}`).join('\n')}\n`,
    );
    const { symbols } = await runDistributed(file, strategy(), { ...at, dataFrom: [workspace.directory] });
    expect(symbols.map(({ rows }) => rows)).toEqual([60]);
  });
});

test('a file whose content is not that of its hash is refused, and the run fails with its name', async () => {
  if (redis === undefined) return;
  const source = workspace.at('submitter', 'history');
  const copy = workspace.at('damaged');
  cpSync(source, copy, { recursive: true });
  const files = readdirSync(copy, { recursive: true })
    .map(String)
    .filter((name) => statSync(path.join(copy, name)).isFile());
  const victim = files.filter((name) => name.includes('close'))[3] ?? files.at(-1)!;
  const bytes = readFileSync(path.join(copy, victim));
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path.join(copy, victim), bytes);
  await served(copy, async (url) => {
    const at = { ...place(), jobs: 1, dataFrom: [url] };
    await withFleet(1, { ...at, cacheDir: workspace.at('cache-4') }, async ({ all }) => {
      await expect(runDistributed(source, strategy(), at)).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringContaining(victim),
      });
      // Refused at once: another attempt would bring the same bytes.
      expect(all[0].output.match(/^failed /gm)?.length).toBe(1);
    });
  });
});

test('two networks whose link is cut while a run is on: it is completed after the link has healed', async () => {
  const network = createNetwork();
  if (network === undefined || redis === undefined) return;
  const { address, here, there } = network;
  const port = '6390';
  const server = [
    'redis-server',
    '--bind',
    address,
    '--port',
    port,
    '--requirepass',
    'inside',
    '--save',
    '',
    '--dir',
    '/tmp',
  ];
  const database = spawn('ip', ['netns', 'exec', here, ...server], { stdio: 'ignore' });
  const ended = new Promise((resolve) => database.on('exit', resolve));
  const submitterIn = machine('submitter');
  let fleet: Fleet | undefined;
  try {
    await served(
      path.join(submitterIn, 'history'),
      async (url) => {
        const at = { connection: `redis://:inside@${address}:${port}`, queue: 'cut', jobs: 6, dataFrom: [url] };
        fleet = new Fleet(2, { ...at, cacheDir: 'cache' }, machine('machine-5'), there);
        const submitter = new Program(
          'fleet-submitter.mjs',
          ['history', strategy({ spinMs: 400 }), at],
          submitterIn,
          here,
        );
        // The first thing a job does is to bring its data.
        await fleet.workers[0].printed('started');
        for (const awayMs of [3000, 5000]) {
          network.cut();
          await sleep(awayMs);
          network.heal();
          await sleep(2000);
        }
        expect([await submitter.ended, submitter.output.trim().split('\n').at(-1)]).toEqual([0, 'finished']);
        expect(/^symbols (\S+)$/m.exec(submitter.output)?.[1]).toBe(expected);
      },
      { host: address, namespace: here },
    );
  } finally {
    await fleet?.close();
    database.kill('SIGTERM');
    await ended;
    network.remove();
  }
});
