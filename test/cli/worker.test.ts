/** `atc worker` and `atc sweep --redis` as processes, on a real Redis. */
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
  return readdirSync(directory).map((file) => [file, readFileSync(path.join(directory, file)).toString('base64')]);
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

test.each([
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
