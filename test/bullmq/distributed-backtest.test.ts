/** Backtests on a real Redis and worker processes (of the built package): the result of one machine, bit by bit. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { atcStrategy, backtest } from '../../plugins/atc/index.js';
import { runDistributed } from '../../plugins/bullmq/index.js';
import {
  type BacktestResult,
  encodeValue,
  openDataset,
  runBacktest,
  type Strategy,
  writeDataset,
} from '../../src/index.js';
import { ReportRows, reportHtml } from '../../src/report/index.js';
import { type RedisServer, startRedis } from '../cache-manager/redis-server.js';
import { useWorkspace } from '../io/workspace.js';
import { columnsOf, sourceOf } from '../sweep/histories.js';
import { Fleet, inQueue, Program, withFleet } from './fleet.js';
import { average } from './strategies/average.mjs';

const workspace = useWorkspace();
let redis: RedisServer | undefined;
let history = '';
let count = 0;
const costs = { fee: 0.001, slippage: 0.0005 };
const AVERAGE = path.resolve('test/bullmq/strategies/average.mjs');

beforeAll(async () => {
  redis = await startRedis();
  history = workspace.at('history');
  const long = sourceOf(9, 400);
  // Among them some that are too short for any strategy here.
  const short = [0, 1, 2].map((k) => ({ symbol: `short ${k}`, columns: columnsOf(15 + k, k) }));
  (await writeDataset(history, [...long.slice(0, 4), ...short, ...long.slice(4)])).close();
});
afterAll(() => redis?.stop());

/** A queue of its own for each test. */
function place(options: { readonly jobs?: number; readonly sharedDirectory?: string } = {}) {
  return { connection: redis!.url, queue: `backtest-${process.pid}-${count++}`, jobs: 4, ...costs, ...options };
}

/** Every bit of a result: JSON makes null of NaN, and 0 of -0. */
const bits = (result: unknown) => Buffer.from(encodeValue(result)).toString('base64');
const referenceOf = (parameters: object = {}) => ({ module: AVERAGE, factory: 'average', parameters: [parameters] });
const bytesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(path.join(entry.parentPath, entry.name)).toString('base64')]);

async function local(
  strategy: Strategy<unknown>,
  source = history,
  rowsDirectory?: string,
): Promise<BacktestResult<unknown>> {
  const dataset = await openDataset(source);
  try {
    return await runBacktest(dataset, strategy, { ...costs, workers: 1, rowsDirectory });
  } finally {
    dataset.close();
  }
}

test.each([1, 2, 4])('%i worker processes: the result, JSON and bits, of a local backtest of ATC', async (workers) => {
  if (redis === undefined) return;
  const at = place();
  const seen: number[] = [];
  const result = await withFleet(workers, at, () =>
    runDistributed(history, atcStrategy({ emaLength: 12 }), {
      ...at,
      onProgress: ({ rowsDone, rowsTotal }) => void seen.push(rowsDone / rowsTotal),
    }),
  );
  const expected = await backtest(history, { emaLength: 12, ...costs });
  expect(JSON.stringify(result)).toBe(JSON.stringify(expected));
  expect(bits(result)).toBe(bits(expected));
  expect(result.skipped.map(({ symbol }) => symbol)).toEqual(['short 0', 'short 1', 'short 2']);
  expect(seen.at(-1)).toBe(1);
  expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
  expect(await inQueue(at, (queue) => queue.getJobCounts('completed', 'failed'))).toEqual({ completed: 4, failed: 0 });
});

test('any number of jobs, and files instead of a dataset, change no bit', async () => {
  if (redis === undefined) return;
  const expected = await local(average());
  const at = place();
  await withFleet(1, at, async () => {
    for (const jobs of [1, 3, 9, 500]) {
      const { storage: _, ...result } = await runDistributed(history, referenceOf(), { ...at, jobs });
      expect(bits(result)).toBe(bits(expected));
    }
    const file = workspace.file('history.csv', csvOf(sourceOf(3, 200)));
    const fromFile = await backtest(file, { ...costs, useMemoryMapped: false });
    for (const history of [{}, { useMemoryMapped: true, cacheDir: workspace.at('cache') }]) {
      const { storage: __, ...found } = await runDistributed(file, atcStrategy(), { ...at, history });
      expect(bits({ ...found, storage: fromFile.storage })).toBe(bits(fromFile));
    }
  });
});

test('rows, a directory of rows and a page have the bytes of a local run', async () => {
  if (redis === undefined) return;
  const [here, there, long] = [workspace.at('rows-here'), workspace.at('rows-there'), workspace.at('long')];
  (await writeDataset(long, sourceOf(2, 20_000))).close();
  const expected = await local(average({ columns: 3 }), long, here);
  const shared = workspace.at('shared-rows');
  const at = place({ jobs: 2, sharedDirectory: shared });
  await withFleet(1, at, async () => {
    const strategy = referenceOf({ columns: 3 });
    const { storage: _, ...result } = await runDistributed(long, strategy, { ...at, rowsDirectory: there });
    expect(bits(result)).toBe(bits(expected));
    expect(bytesIn(there)).toEqual(bytesIn(here));
    // Their results, above 64 KB, were files, and are removed with their jobs at the end of the run.
    expect(readdirSync(shared)).toEqual([]);
    expect(await inQueue(at, (queue) => queue.getJobCounts('completed'))).toEqual({ completed: 0 });
    const pages: string[] = [];
    for (const isDistributed of [true, false]) {
      const rows = new ReportRows(costs);
      const done = isDistributed
        ? await runDistributed(history, atcStrategy(), { ...at, rows })
        : await backtest(history, { ...costs, rows });
      pages.push(reportHtml(done, { rows }));
    }
    expect(pages[0]).toBe(pages[1]);
  });
});

test('the same call finds the results of an earlier one, also of a submitter that was killed', async () => {
  if (redis === undefined) return;
  const at = place({ jobs: 9 });
  const strategy = referenceOf({ spinMs: 200 });
  await withFleet(1, at, async (fleet) => {
    const submitter = new Program('fleet-submitter.mjs', [history, strategy, at]);
    await fleet.workers[0].printed('done', 2);
    submitter.kill('SIGKILL');
    await submitter.ended;
    const first = await runDistributed(history, strategy, at);
    const again = await runDistributed(history, strategy, at);
    expect(bits(first)).toBe(bits(again));
    expect(fleet.all.flatMap(({ output }) => output.match(/^done /gm) ?? []).length).toBe(9);
    const other = await runDistributed(history, strategy, { ...at, fee: 0.5 });
    expect(bits(other)).not.toBe(bits(first));
  });
});

test('workers killed in mid-run, an exception and a deadly symbol', async () => {
  if (redis === undefined) return;
  const at = place({ jobs: 9 });
  await withFleet(2, at, async (fleet) => {
    const run = runDistributed(history, referenceOf({ spinMs: 300 }), at);
    for (const k of [0, 1]) {
      const victim = fleet.workers[k];
      await victim.printed('started');
      victim.kill('SIGKILL');
    }
    const { storage: _, ...result } = await run;
    expect(bits(result)).toBe(bits(await local(average({ spinMs: 1 }))));
    await expect(runDistributed(history, referenceOf({ throwing: 'S5' }), at)).rejects.toMatchObject({
      code: 'WORKER',
      message: expect.stringMatching(/^block 6 of 9 \(S5\) has failed on its worker: average on S5: no such market/),
    });
    await expect(runDistributed(history, referenceOf({ deadly: 'S7' }), at)).rejects.toMatchObject({
      code: 'WORKER',
      message: expect.stringContaining('block 8 of 9 (S7) has failed on its worker: job stalled'),
    });
  });
});

test('an aborted run takes its jobs back and stops what runs between two symbols', async () => {
  if (redis === undefined) return;
  const at = place({ jobs: 2 });
  await withFleet(1, at, async (fleet) => {
    const controller = new AbortController();
    const run = runDistributed(history, referenceOf({ spinMs: 1500 }), { ...at, signal: controller.signal });
    await fleet.workers[0].printed('started');
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    await fleet.workers[0].printed('CANCELLED');
    const open = await inQueue(at, (queue) => queue.getJobCounts('waiting', 'active', 'delayed'));
    expect(open).toEqual({ waiting: 0, active: 0, delayed: 0 });
  });
});

test('a worker with another history or another version of the strategy refuses, naming what differs', async () => {
  if (redis === undefined) return;
  const directories = [workspace.at('machine-1'), workspace.at('machine-2')];
  const module = readFileSync(AVERAGE, 'utf8');
  // Relative paths are those of each process.
  for (const [k, directory] of directories.entries()) {
    (await writeDataset(path.join(directory, 'other'), sourceOf(2, 100 + k))).close();
    (await writeDataset(path.join(directory, 'same'), sourceOf(2, 100))).close();
    writeFileSync(path.join(directory, 'strategy.mjs'), module.replace('version: 3', `version: ${3 + k}`));
  }
  const at = place({ jobs: 1 });
  const fleet = new Fleet(1, at, directories[1]);
  try {
    const strategy = { ...referenceOf(), module: './strategy.mjs' };
    for (const [source, reference, difference] of [
      ['other', referenceOf(), /snapshot should be "[0-9a-f]{32}", it is "[0-9a-f]{32}"/],
      ['same', strategy, /strategyVersion should be 3, it is 4/],
    ] as const) {
      const submitter = new Program('fleet-submitter.mjs', [source, reference, at], directories[0]);
      expect(await submitter.ended).toBe(1);
      expect(submitter.output).toMatch(difference);
      expect(submitter.output).toContain("code: 'ARGUMENT'");
    }
    const submitter = new Program('fleet-submitter.mjs', ['same', referenceOf(), at], directories[0]);
    expect([await submitter.ended, submitter.output.trim().split('\n').at(-1)]).toEqual([0, 'finished']);
  } finally {
    await fleet.close();
  }
});

function csvOf(symbols: ReturnType<typeof sourceOf>): string {
  const lines = symbols.flatMap(({ symbol, columns: { timestamp, close } }) =>
    Array.from(close as Float64Array, (price, row) => `${symbol},${timestamp[row]},${price}`),
  );
  return ['symbol,timestamp,close', ...lines, ''].join('\n');
}
