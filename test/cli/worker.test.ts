/** `atc worker`, `atc sweep --redis` and `atc backtest --redis` as processes, on a real Redis. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { type RunOptions, runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const SEARCH = ['history.csv', '--param', 'emaLength=10..40:5', '--param', 'kamaLength=10..30:5'];
let redis: RedisServer | undefined;

beforeAll(async () => {
  redis = await startRedis();
  const rows = Array.from(
    { length: 300 },
    (_, k) => `${Date.UTC(2024, 0, 1 + k)},${100 + 9 * Math.sin(k / 7) + k / 50}`,
  );
  writeFileSync(path.join(folder.path, 'history.csv'), `timestamp,close\n${rows.join('\n')}\n`);
});
afterAll(() => redis?.stop());

const atc = (args: readonly string[], options: Partial<RunOptions> = {}) =>
  runAtc(args, { cwd: folder.path, ...options });
const bytesIn = (name: string) => {
  const directory = path.join(folder.path, name);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name: file }) => [file, readFileSync(path.join(parentPath, file)).toString('base64')]);
};

test('a study of atc sweep --redis has the bytes of one machine; SIGTERM ends the worker with 0', async () => {
  if (redis === undefined) return;
  const env = { ATC_REDIS_URL: redis.url };
  let end = () => {};
  const worker = atc(['worker', '--redis', 'env'], { env, meanwhile: (child) => (end = () => child.kill('SIGTERM')) });
  const run = await atc(['sweep', ...SEARCH, '--redis', redis.url, '--jobs', '3', '--out', 'fleet'], { env });
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('35 trials over 1 symbol') });
  await atc(['sweep', ...SEARCH, '--out', 'local']);
  expect(bytesIn('fleet')).toEqual(bytesIn('local'));
  end();
  const { code, stdout } = await worker;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ready\n/);
  expect(stdout.match(/ done [0-9a-f]{64}/g)?.length).toBe(3);
});

test('atc backtest --redis prints and writes what it does on one machine', async () => {
  if (redis === undefined) return;
  const names = ['EURUSD', '=danger', 'XAU'];
  const lines = names.flatMap((symbol, n) =>
    Array.from(
      { length: 120 + n },
      (_, k) => `${symbol},${Date.UTC(2024, 0, 1 + k)},${50 + 9 * Math.cos(k / (n + 3))}`,
    ),
  );
  writeFileSync(path.join(folder.path, 'markets.csv'), `symbol,timestamp,close\n${lines.join('\n')}\n`);
  let end = () => {};
  const queue = ['--queue', 'backtests'];
  const worker = atc(['worker', '--redis', redis.url, ...queue, '--shared-dir', 'shared'], {
    meanwhile: (child) => (end = () => child.kill('SIGTERM')),
  });
  const run = ['backtest', 'markets.csv', '--param', 'emaLength=12', '--fee', '0.001'];
  const fleet = ['--redis', redis.url, ...queue, '--jobs', '2', '--shared-dir', 'shared'];
  const read = (name: string) => readFileSync(path.join(folder.path, name), 'utf8');
  for (const ending of ['json', 'csv', 'html']) {
    const outcomes = [];
    for (const [name, more] of [
      ['local', []],
      ['fleet', fleet],
    ] as const) {
      const report = `${name}.${ending}`;
      const rows = ['--rows', `${name}-${ending}`];
      outcomes.push(
        await atc([...run, ...more, ...rows, '--report', report, ...(ending === 'json' ? ['--json'] : [])]),
      );
      expect(outcomes.at(-1)).toMatchObject({ code: 0 });
    }
    expect(read(`fleet.${ending}`)).toBe(read(`local.${ending}`));
    expect(bytesIn(`fleet-${ending}`)).toEqual(bytesIn(`local-${ending}`));
    if (ending !== 'json') continue;
    const [local, distributed] = outcomes.map(({ stdout }) => JSON.parse(stdout).result);
    expect(distributed).toEqual(local);
    expect(distributed.symbols.map(({ symbol }: { symbol: string }) => symbol)).toEqual(names);
  }
  end();
  expect((await worker).code).toBe(0);
});

test.each([
  [['backtest', 'history.csv', '--redis', 'redis://127.0.0.1:1', '--workers', '2'], 2, '--redis and --workers'],
  [['backtest', 'history.csv', '--redis', 'redis://127.0.0.1:1', '--compare'], 2, '--redis and --compare'],
  [['backtest', 'history.csv', '--redis', 'redis://u:secret-word@127.0.0.1:1'], 1, 'no Redis answers at 127.0.0.1:1'],
  [['sweep', ...SEARCH, '--redis', 'redis://127.0.0.1:1'], 2, '--redis needs --out'],
  [['sweep', ...SEARCH, '--redis', 'redis://127.0.0.1:1', '--out', 'x', '--workers', '2'], 2, '--redis and --workers'],
  [['worker'], 2, '--redis URL'],
  [['worker', '--redis', 'http://u:secret-word@host'], 2, 'the URL of a Redis is needed'],
  [['worker', '--redis', 'redis://u:secret-word@127.0.0.1:1'], 1, 'no Redis answers at 127.0.0.1:1'],
  [['worker', '--redis', 'redis://127.0.0.1:1', '--concurrency', '0'], 2, 'concurrency'],
] as const)('%j ends with %i', async (args, code, message) => {
  const run = await atc(args);
  expect(run).toMatchObject({ code, stderr: expect.stringContaining(message) });
  expect(run.stdout + run.stderr).not.toContain('secret-word');
});
