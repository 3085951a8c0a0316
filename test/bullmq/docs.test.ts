/**
 * What docs/fleet.md hands out to copy: files of clusters that parse and call commands that there are, a page to watch.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { runDistributed } from '../../plugins/bullmq/index.js';
import { writeDataset } from '../../src/index.js';
import { startRedis } from '../cache-manager/redis-server.js';
import { runAtc } from '../cli/run-atc.js';
import { useWorkspace } from '../io/workspace.js';
import { sourceOf } from '../sweep/histories.js';
import { withFleet } from './fleet.js';

const workspace = useWorkspace();
const page = readFileSync('docs/fleet.md', 'utf8');
/** Blocks by what they begin with: a language would have them run with the other pages. */
const KINDS = { yaml: /^(apiVersion|services):/, json: /^\{/, sh: /^(#|atc )/, js: /^import .*bull-board/ } as const;
const blocks = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, language, text]) =>
  language === '' ? [text] : [],
);
const of = (kind: keyof typeof KINDS) => blocks.filter((text) => KINDS[kind].test(text));

interface Container {
  readonly name?: string;
  readonly command?: string | readonly string[];
  readonly args?: readonly string[];
  readonly volumeMounts?: readonly { readonly name: string }[];
}
interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: {
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata?: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

const manifests = of('yaml')
  .map((text) => parse(text) as object)
  .filter((one): one is Manifest => 'kind' in one);

test('Kubernetes: a Deployment and an indexed Job whose mounts are volumes and whose labels fit', () => {
  expect(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).sort()).toEqual([
    'apps/v1 Deployment',
    'batch/v1 Job',
  ]);
  for (const { kind, spec } of manifests) {
    const { containers, volumes } = spec.template.spec;
    const mounted = containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
    expect(mounted.sort()).toEqual(volumes.map(({ name }) => name).sort());
    if (kind === 'Deployment') expect(spec.template.metadata?.labels).toMatchObject(spec.selector!.matchLabels);
    if (kind === 'Job') expect(spec).toMatchObject({ completionMode: 'Indexed', completions: 16 });
  }
});

test('Compose: workers, and a Redis that keeps what it was given', () => {
  const [compose] = of('yaml')
    .map((text) => parse(text) as Record<string, Record<string, Container>>)
    .filter((one) => 'services' in one);
  expect(Object.keys(compose.services)).toEqual(['redis', 'worker']);
  expect(compose.services.redis.command).toContain('--appendonly yes');
  expect(compose.services.redis.command).toContain('--maxmemory-policy noeviction');
});

test('containers start workers without npx, whose shell does not pass SIGTERM on', () => {
  const starts = of('yaml').flatMap(
    (text) => text.match(/^.*\bworker\b.*--redis.*$|^.*\[.*worker, --redis.*$/gm) ?? [],
  );
  expect(starts).toHaveLength(2);
  for (const start of starts) expect(start).toMatch(/command: \[?node_modules\/\.bin\/atc/);
});

test('AWS Batch: a job as `aws batch submit-job --cli-input-json` takes it', () => {
  const [job] = of('json').map((text) => JSON.parse(text));
  expect(job.arrayProperties).toEqual({ size: 16 });
  expect(job.containerOverrides.command.slice(0, 2)).toEqual(['sh', '-c']);
});

test('scripts of a shell parse', () => {
  expect(of('sh').length).toBeGreaterThan(1);
  for (const text of of('sh'))
    expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ stderr: '', status: 0 });
});

test('every option of every call of the command is one of it', async () => {
  const text = [...of('yaml'), ...of('json'), ...of('sh')].join('\n').replaceAll(/\\?\n\s*(?=--)/g, ' ');
  const lists = text.replaceAll(/[[\]",]/g, ' ');
  const calls = [...lists.matchAll(/\batc +(worker|sweep|backtest)\b([^\n']*)/g)].map(([, command, rest]) => ({
    command,
    options: rest.match(/(?<=\s)--[a-z-]+/g) ?? [],
  }));
  expect(new Set(calls.map(({ command }) => command))).toEqual(new Set(['worker', 'sweep', 'backtest']));
  for (const command of ['worker', 'sweep', 'backtest']) {
    const { stdout } = await runAtc([command, '--help'], { cwd: workspace.directory });
    const known = stdout.match(/(?<=^ *(?:-\w, )?)--[a-z-]+/gm) ?? [];
    const used = calls.filter((call) => call.command === command).flatMap(({ options }) => options);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((option) => !known.includes(option as never))).toEqual([]);
  }
});

test('bull-board, mounted as the page has it, shows the queue and its jobs', async () => {
  const recipe = of('js').find((text) => text.includes('createBullBoard')) ?? '';
  const listening = ".listen(3000, '127.0.0.1')";
  expect(recipe).toContain(listening);
  // A port that is free.
  const code = recipe.replace(listening, ".listen(0, '127.0.0.1', function () { console.log(this.address().port); })");
  const redis = await startRedis();
  if (redis === undefined) return;
  const board = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...process.env, ATC_REDIS_URL: redis.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => board.on('exit', resolve));
  try {
    const port = await new Promise<string>((resolve, reject) => {
      board.stdout.setEncoding('utf8').once('data', resolve);
      board.on('exit', () => reject(new Error('the page has ended')));
    });
    const history = workspace.at('history');
    (await writeDataset(history, sourceOf(2, 60))).close();
    const strategy = {
      module: path.resolve('test/bullmq/strategies/average.mjs'),
      factory: 'average',
      parameters: [{}],
    };
    const at = { connection: redis.url, jobs: 2 };
    await withFleet(1, at, () => runDistributed(history, strategy, at));
    const html = await fetch(`http://127.0.0.1:${port.trim()}/`);
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const { queues } = (await (await fetch(`http://127.0.0.1:${port.trim()}/api/queues`)).json()) as {
      queues: { name: string; readOnlyMode: boolean; counts: Record<string, number> }[];
    };
    expect(queues).toMatchObject([{ name: 'atc-memory', readOnlyMode: true, counts: { completed: 2, failed: 0 } }]);
  } finally {
    board.kill('SIGTERM');
    await ended;
    await redis.stop();
  }
});
