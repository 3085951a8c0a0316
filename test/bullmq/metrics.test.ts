/** Figures of a worker: what Prometheus reads of them. */
import path from 'node:path';
import { createWorker, runDistributed } from '../../plugins/bullmq/index.js';
import { WorkerMetrics } from '../../plugins/bullmq/metrics.js';
import { writeDataset } from '../../src/index.js';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf } from '../sweep/histories.js';
import { Program, withFleet } from './fleet.js';

const workspace = useWorkspace();
let redis: RedisServer | undefined;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples by their names, read as the description of the text format 0.0.4 has it; anything else fails. */
function parsed(text: string): {
  readonly samples: ReadonlyMap<string, Sample[]>;
  readonly types: Map<string, string>;
} {
  const samples = new Map<string, Sample[]>();
  const types = new Map<string, string>();
  const helped = new Set<string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name, rest] = comment;
      if (kind === 'HELP') {
        expect(helped.has(name)).toBe(false);
        helped.add(name);
      } else {
        expect(['counter', 'gauge', 'histogram']).toContain(rest);
        expect(types.has(name)).toBe(false);
        types.set(name, rest);
      }
      continue;
    }
    expect(line).toMatch(SAMPLE);
    const [, name, inside, value] = SAMPLE.exec(line)!;
    const labels: Record<string, string> = {};
    const rest = (inside ?? '').replaceAll(
      /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/g,
      (_: string, label: string, quoted: string) => {
        labels[label] = quoted.replaceAll(/\\(.)/g, (_: string, one: string) => (one === 'n' ? '\n' : one));
        return '';
      },
    );
    expect(rest).toBe('');
    expect(Number.isNaN(Number(value.replace('+Inf', 'Infinity')))).toBe(false);
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    expect([family, types.has(family) && helped.has(family)]).toEqual([family, true]);
    samples.set(name, [...(samples.get(name) ?? []), { labels, value: Number(value) }]);
  }
  return { samples, types };
}

test('counters, a histogram whose buckets add up, and labels with any character', () => {
  const queue = 'a "queue"\\\nof mine';
  const metrics = new WorkerMetrics(queue, 3);
  for (const [k, seconds] of [0.05, 0.1, 3, 4000].entries()) {
    metrics.start(`${k}`, 1000);
    metrics.stop(`${k}`, 1000 + 1000 * seconds);
    metrics.end(k === 2 ? 'failed' : 'done');
  }
  metrics.start('runs', 1000);
  metrics.stop('never started', 5);
  metrics.end('failed');
  metrics.lose();
  metrics.redisError();
  const { samples, types } = parsed(metrics.text({ waiting: 7, active: 1 }));
  const figure = (name: string, labels: object = {}) =>
    samples
      .get(name)
      ?.filter((one) => expect.objectContaining(labels).asymmetricMatch(one.labels))
      .map(({ value }) => value);
  expect([...samples.values()].flat().every(({ labels }) => labels.queue === queue)).toBe(true);
  expect(figure('atc_worker_jobs_total', { outcome: 'done' })).toEqual([3]);
  expect(figure('atc_worker_jobs_total', { outcome: 'failed' })).toEqual([2]);
  expect(figure('atc_worker_jobs_total', { outcome: 'lost' })).toEqual([1]);
  expect(figure('atc_worker_jobs_active')).toEqual([1]);
  expect(figure('atc_worker_concurrency')).toEqual([3]);
  expect(figure('atc_worker_redis_errors_total')).toEqual([1]);
  expect(figure('atc_queue_jobs', { state: 'waiting' })).toEqual([7]);
  expect(figure('atc_worker_job_seconds_bucket')).toEqual([2, 2, 2, 3, 3, 3, 3, 3, 3, 4]);
  expect(figure('atc_worker_job_seconds_bucket', { le: '+Inf' })).toEqual([4]);
  expect(figure('atc_worker_job_seconds_count')).toEqual([4]);
  expect(figure('atc_worker_job_seconds_sum')?.[0]).toBeCloseTo(4003.15, 9);
  expect(types.get('atc_worker_job_seconds')).toBe('histogram');
  expect(figure('process_resident_memory_bytes')?.[0]).toBeGreaterThan(1e6);
});

test('a worker serves what it has done, on the loopback address alone', async () => {
  if (redis === undefined) return;
  const history = workspace.at('history');
  (await writeDataset(history, sourceOf(3, 60))).close();
  const at = { connection: redis.url, queue: `metrics-${process.pid}`, jobs: 3 };
  const strategy = { module: path.resolve('test/bullmq/strategies/average.mjs'), factory: 'average', parameters: [{}] };
  await withFleet(1, { ...at, metrics: { port: 0 } }, async ({ workers: [worker] }) => {
    await runDistributed(history, strategy, at);
    await worker.printed('done', 3);
    const url = /figures at (\S+)/.exec(worker.output)?.[1] ?? '';
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const { samples } = parsed(await response.text());
    const done = samples.get('atc_worker_jobs_total')?.find(({ labels }) => labels.outcome === 'done');
    expect(done?.value).toBe(3);
    const completed = samples.get('atc_queue_jobs')?.find(({ labels }) => labels.state === 'completed');
    expect(completed?.value).toBe(3);
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
    const second = new Program('fleet-worker.mjs', [{ ...at, metrics: { port: Number(new URL(url).port) } }]);
    expect(await second.ended).toBe(1);
    expect(second.output).toContain('metrics cannot be served at 127.0.0.1');
  });
});

test.each([-1, 70_000, 1.5, '9464'])('the port %p is refused', async (port) => {
  const worker = createWorker({ connection: 'redis://127.0.0.1:1', metrics: { port: port as number } });
  await expect(worker).rejects.toMatchObject({ code: 'ARGUMENT', key: 'metrics' });
});
