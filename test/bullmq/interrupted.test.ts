/**
 * The commands of a submitter that is interrupted, and a Redis that is away for a while, with processes of the built
 * package. By hand, as long as an operator takes: FLEET_AWAY_MS=30000 npx jest test/bullmq/interrupted.test.ts
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { runAtc } from '../cli/run-atc.js';
import { useWorkspace } from '../io/workspace.js';
import { Fleet, sleep } from './fleet.js';

const AWAY_MS = Number(process.env.FLEET_AWAY_MS ?? 3000);
const STORED = 'what is finished is stored in Redis; the same command goes on from there';

const workspace = useWorkspace();
let redis: RedisServer | undefined;

beforeAll(async () => {
  const data = workspace.at('aof');
  mkdirSync(data);
  redis = await startRedis(data);
  const lines = ['A', 'B', 'C', 'D'].flatMap((symbol, n) =>
    Array.from({ length: 6000 }, (_, k) => `${symbol},${1.6e12 + k * 3_600_000},${100 + 9 * Math.sin(k / (70 + n))}`),
  );
  writeFileSync(workspace.at('history.csv'), `symbol,timestamp,close\n${lines.join('\n')}\n`);
});
afterAll(() => redis?.stop());

const search = (trials: number) => [
  ...['sweep', workspace.at('history.csv'), '--param', 'emaLength=10..40', '--param', 'lambda=0.01..0.3'],
  ...['--sampler', 'random', '--trials', `${trials}`, '--json'],
];
const backtest = () => ['backtest', workspace.at('history.csv'), '--param', 'emaLength=12', '--json'];

const bytesIn = (directory: string) =>
  readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name)).toString('base64')]);

/** A queue of its own for each test. */
const fleetOf = (queue: string) => ({ connection: redis!.url, queue: `${queue}-${process.pid}` });
const flagsOf = ({ connection, queue }: { connection: string; queue: string }, jobs: number) => [
  ...['--redis', connection, '--queue', queue, '--jobs', `${jobs}`],
];

/** Runs the command, and `disturb` once the worker has begun one of its jobs. */
async function disturbed(args: readonly string[], fleet: Fleet, disturb: (kill: () => void) => void | Promise<void>) {
  const begun = fleet.workers[0].output.split('started').length;
  return runAtc(args, {
    cwd: workspace.at('.'),
    meanwhile: async (child) => {
      await fleet.workers[0].printed('started', begun);
      await disturb(() => void child.kill('SIGINT'));
    },
  });
}

test.each([
  ['sweep', () => [...search(600), '--out', workspace.at('swept')]],
  ['backtest', backtest],
])('atc %s --redis that Ctrl-C interrupts ends with 130, and the same command completes it', async (name, command) => {
  if (redis === undefined) return;
  const at = fleetOf(name);
  const fleet = new Fleet(1, at);
  try {
    await fleet.workers[0].printed('ready');
    const interrupted = await disturbed([...command(), ...flagsOf(at, 4)], fleet, (interrupt) => interrupt());
    expect(interrupted).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining(STORED) });
    const again = await runAtc([...command(), ...flagsOf(at, 4)], { cwd: workspace.at('.') });
    expect([again.code, again.stderr]).toEqual([0, '']);
    if (name === 'sweep') {
      await runAtc([...search(600), '--out', workspace.at('alone')], { cwd: workspace.at('.') });
      expect(bytesIn(workspace.at('swept'))).toEqual(bytesIn(workspace.at('alone')));
    } else {
      const alone = await runAtc(command(), { cwd: workspace.at('.') });
      const [own, local] = [again, alone].map(({ stdout }) => JSON.parse(stdout).result.symbols);
      expect(own).toEqual(local);
    }
  } finally {
    await fleet.close();
  }
});

test('a submitter and a worker end while Redis is away, and what is left is completed when it is back', async () => {
  if (redis === undefined) return;
  const at = fleetOf('away');
  const args = [...search(601), '--out', workspace.at('away'), ...flagsOf(at, 8)];
  const fleet = new Fleet(1, at);
  try {
    await fleet.workers[0].printed('ready');
    let back: Promise<void> | undefined;
    const interrupted = await disturbed(args, fleet, async (interrupt) => {
      back = redis!.restart(20_000);
      await sleep(500);
      interrupt();
    });
    expect(interrupted).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining(STORED) });
    // It finishes its job, whose result nobody takes.
    expect(await fleet.close()).toBe(true);
    await back;
    const next = new Fleet(1, at);
    try {
      expect(await runAtc(args, { cwd: workspace.at('.') })).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await next.close();
    }
  } finally {
    await fleet.close();
  }
  await runAtc([...search(601), '--out', workspace.at('away-alone')], { cwd: workspace.at('.') });
  expect(bytesIn(workspace.at('away'))).toEqual(bytesIn(workspace.at('away-alone')));
});

test('a Redis that is away in mid-run is waited for, and the study is completed', async () => {
  if (redis === undefined) return;
  const at = fleetOf('waited');
  const fleet = new Fleet(1, at);
  try {
    await fleet.workers[0].printed('ready');
    const args = [...search(602), '--out', workspace.at('waited'), ...flagsOf(at, 8)];
    const run = await disturbed(args, fleet, () => redis!.restart(AWAY_MS));
    expect([run.code, run.stderr]).toEqual([0, '']);
  } finally {
    await fleet.close();
  }
  await runAtc([...search(602), '--out', workspace.at('waited-alone')], { cwd: workspace.at('.') });
  expect(bytesIn(workspace.at('waited'))).toEqual(bytesIn(workspace.at('waited-alone')));
});
