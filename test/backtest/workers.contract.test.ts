import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type HistorySource, openDataset, openHistory, runBacktest, type Strategy, writeDataset } from 'atc-memory';
import { type AtcBacktestOptions, type AtcParameters, atcStrategy, backtest, cachedAtcStrategy } from 'atc-memory/atc';

/** The sources have no compiled worker: the two published formats run these tests with threads, the sources without. */
const compiled = atcStrategy().reference!.module.includes('/dist/');
if (!compiled)
  console.warn('worker threads are tested in the projects dist-esm and dist-cjs; here the same runs use one thread');
const threads = (count: number) => (compiled ? count : 1);

/**
 * Here and not shared: in the projects of the published formats a test file cannot import its neighbours' TypeScript.
 */
function candleColumns(rows: number, seed = 1) {
  let state = seed;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const timestamp = Float64Array.from({ length: rows }, (_, row) => 1_600_000_000_000 + row * 60_000);
  let ticks = 10_000 + seed;
  const close = timestamp.map(() => (ticks = Math.max(100, ticks + Math.round((random() - 0.5) * 20))) / 100);
  return { timestamp, close };
}

let folder = '';
const SYMBOLS = ['A', 'B/B', 'C', 'D', 'E'];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-workers-'));
  const source = SYMBOLS.map((symbol, k) => ({ symbol, columns: candleColumns(3000 + k * 777, k + 1) }));
  for (const layout of ['mapped', 'packed'] as const) {
    (await writeDataset(path.join(folder, layout), source, { layout })).close();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function strategies(): Promise<Record<string, (...parameters: unknown[]) => Strategy<{ rows: number }>>> {
  return await import('./worker-strategies.mjs' as string);
}

/** `backtest` without a share of the calling thread, which would have done the few symbols before a thread starts. */
async function backtestOnThreads(source: HistorySource, options: AtcBacktestOptions, parameters: AtcParameters = {}) {
  const { signalsCache: cache } = options;
  const strategy = cache === undefined ? atcStrategy(parameters) : cachedAtcStrategy(parameters, cache, 0);
  const history = await openHistory(source, options);
  try {
    const result = await runBacktest(history.dataset, { ...strategy, sharesCallingThread: false }, options);
    return { ...result, storage: history.storage };
  } finally {
    history.close();
  }
}

const filesBelow = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [path.relative(directory, file), readFileSync(file).toString('base64')]);

test('workers share cached signals in a directory: written by the first run, only read by the second', async () => {
  const signalsCache = path.join(folder, 'signals');
  const run = async (options: AtcBacktestOptions, parameters?: AtcParameters) => {
    const { storage: _, ...result } = await backtestOnThreads(path.join(folder, 'packed'), options, parameters);
    return result;
  };
  const expected = await run({});
  const state = () =>
    readdirSync(signalsCache, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file, statSync(file).ino, readFileSync(file).toString('base64')]);
  expect(await run({ signalsCache, workers: threads(2) })).toEqual(expected);
  const written = state();
  expect(written).toHaveLength(SYMBOLS.length);
  for (const workers of [threads(4), 1]) {
    expect(await run({ signalsCache, workers })).toEqual(expected);
    expect(state()).toEqual(written);
  }
  // Other parameters are other entries; the directory may hold any number.
  await run({ signalsCache, workers: threads(2) }, { lambda: 0.03 });
  expect(state()).toHaveLength(2 * SYMBOLS.length);
});

test('workers read the version that was asked for', async () => {
  const directory = path.join(folder, 'versions');
  const source = SYMBOLS.map((symbol, k) => ({ symbol, columns: candleColumns(2500, k + 1) }));
  const dataset = await writeDataset(directory, source);
  await dataset.snapshot('fixed');
  const before = await backtest(directory, { emaLength: 10 });
  await dataset.upsert('B/B', candleColumns(2500, 77));
  dataset.close();
  for (const asOf of ['fixed', 1]) {
    const { symbols, storage } = await backtestOnThreads(directory, { asOf, workers: threads(2) }, { emaLength: 10 });
    expect(symbols).toEqual(before.symbols);
    expect(storage.version).toMatchObject({ generation: 1, snapshotId: before.storage.version?.snapshotId });
  }
  expect((await backtest(directory, { emaLength: 10 })).symbols).not.toEqual(before.symbols);
});

/** The rows directory of every way of keeping history and every number of workers that it allows. */
const WAYS = [
  ...['mapped', 'packed', 'packed, mapped'].flatMap((way) => [1, 2, 4].map((workers) => [way, workers] as const)),
  ['memory', 1] as const,
];

test.each(WAYS)('%s, %i workers: the result and the row bytes of all others', async (way, workers) => {
  const rowsDirectory = path.join(folder, `rows-${way}-${workers}`);
  const source = SYMBOLS.map((symbol, k) => ({ symbol, columns: candleColumns(3000 + k * 777, k + 1) }));
  const history = way === 'memory' ? source : path.join(folder, way.split(',')[0]);
  const { storage, ...result } = await backtestOnThreads(history, {
    workers: threads(workers),
    useMemoryMapped: way === 'packed, mapped',
    rowsDirectory,
    fee: 0.001,
  });
  expect(storage.layout).toBe(way);
  expect(result.symbols.map(({ symbol }) => symbol)).toEqual(SYMBOLS);
  const outcome = JSON.stringify([result, filesBelow(rowsDirectory)]);
  expected ??= outcome;
  expect(outcome === expected).toBe(true);
});
let expected: string | undefined;

test('the rows are a dataset: time, price and signal of every bar', async () => {
  const rows = await openDataset(path.join(folder, 'rows-packed-2'));
  const source = await openDataset(path.join(folder, 'packed'));
  expect(rows.table('C').columns).toEqual(['timestamp', 'price', 'signal']);
  expect(rows.table('C').column('price')).toEqual(source.table('C').column('close'));
  rows.close();
  source.close();
});

test('a strategy of one’s own runs on workers, and what it throws names its symbol', async () => {
  const { follow, refuse } = await strategies();
  const dataset = await openDataset(path.join(folder, 'packed'));
  const one = await runBacktest(dataset, follow(), { workers: 1 });
  expect(await runBacktest(dataset, follow(), { workers: threads(3) })).toEqual(one);
  await expect(runBacktest(dataset, refuse('D'), { workers: threads(3) })).rejects.toMatchObject({
    code: 'WORKER',
    message: 'refuse on D: no such price',
  });
  dataset.close();
});

test('threads that fail at the same time end the run, never the process', () => {
  if (!compiled) return;
  const script = path.resolve('test/backtest/run-refused.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, path.join(folder, 'packed'), '15'], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: Array(15).fill('WORKER').join(' '), stderr: '' });
});

test('a strategy that shares the calling thread runs there at once, with the results and errors of threads', async () => {
  if (!compiled) return;
  const { shared } = await strategies();
  const dataset = await openDataset(path.join(folder, 'packed'));
  const log = path.join(folder, 'shared');
  writeFileSync(log, '');
  const one = await runBacktest(dataset, shared(log), { workers: 1 });
  writeFileSync(log, '');
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  expect(await runBacktest(dataset, shared(log), { workers: 3 })).toEqual(one);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(SYMBOLS.length);
  // The longest symbol first.
  expect(lines[0]).toBe('0 E');
  const rowsDirectory = path.join(folder, 'rows-shared');
  await expect(runBacktest(dataset, shared(log, 'B/B'), { workers: 2, rowsDirectory })).rejects.toMatchObject({
    code: 'WORKER',
    message: 'shared on B/B: no such price',
  });
  const abort = new AbortController();
  const { signal } = abort;
  const onProgress = () => abort.abort();
  await expect(
    runBacktest(dataset, shared(log), { workers: 2, rowsDirectory, signal, onProgress }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(folder).filter((name) => name.includes('rows-shared'))).toEqual([]);
  dataset.close();
});

test('a summary that cannot leave its thread is reported as one, not taken for a crash', async () => {
  if (!compiled) return;
  const { boast } = await strategies();
  const dataset = await openDataset(path.join(folder, 'packed'));
  await expect(runBacktest(dataset, boast(), { workers: 2 })).rejects.toMatchObject({
    code: 'WORKER',
    message: expect.stringMatching(/^boast on \S+: the summary must be plain data to leave its thread: .*\bcloned?\b/),
  });
  dataset.close();
});

test('a crashed worker is retried once; the second time the symbol is named and no rows stay', async () => {
  if (!compiled) return;
  const { crash } = await strategies();
  const dataset = await openDataset(path.join(folder, 'packed'));
  const log = path.join(folder, 'crashes');
  writeFileSync(log, '');
  const result = await runBacktest(dataset, crash(log, 'B/B', 1), { workers: 2 });
  expect(result.symbols.map(({ symbol }) => symbol)).toEqual(SYMBOLS);
  expect(readFileSync(log, 'utf8')).toBe('x');
  writeFileSync(log, '');
  const rowsDirectory = path.join(folder, 'rows-crashed');
  await expect(runBacktest(dataset, crash(log, 'B/B', 9), { workers: 2, rowsDirectory })).rejects.toMatchObject({
    code: 'WORKER',
    message: expect.stringMatching(/^B\/B: the worker thread ended twice/),
  });
  expect(readFileSync(log, 'utf8')).toBe('xx');
  const left = () => readdirSync(folder).filter((name) => name.includes('rows-crashed'));
  // A thread that Deno has ended may write for a moment longer; what cannot be removed yet is removed by a timer.
  for (let tries = 0; tries < 100 && left().length > 0; tries++) await new Promise((done) => setTimeout(done, 50));
  expect(left()).toEqual([]);
  dataset.close();
});

test('rows of a symbol whose thread died within it are those of an undisturbed run', async () => {
  if (!compiled) return;
  const { crashLater } = await strategies();
  const directory = path.join(folder, 'long');
  const source = ['A', 'B', 'C', 'D'].map((symbol, k) => ({ symbol, columns: candleColumns(40_000, k + 1) }));
  const dataset = await writeDataset(directory, source);
  const log = path.join(folder, 'late-crash');
  const runs: unknown[] = [];
  // The thread dies in the first run; the others find the log filled.
  for (const [name, workers] of [
    ['crashed', 2],
    ['again', 2],
    ['alone', 1],
  ] as const) {
    if (name === 'crashed') writeFileSync(log, '');
    const rowsDirectory = path.join(folder, `rows-late-${name}`);
    const result = await runBacktest(dataset, crashLater(log, 'B'), { workers, rowsDirectory });
    expect(readFileSync(log, 'utf8')).toBe('x');
    runs.push([result, filesBelow(rowsDirectory)]);
  }
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
  dataset.close();
});

test('a thread opens the dataset once and identifies it once, and many short symbols take few messages', async () => {
  if (!compiled) return;
  const symbols = 300;
  const directory = path.join(folder, 'many');
  const source = Array.from({ length: symbols }, (_, k) => ({ symbol: `S${k}`, columns: candleColumns(60, k + 1) }));
  (await writeDataset(directory, source, { durability: 'process' })).close();
  const log = path.join(folder, 'work');
  writeFileSync(log, '');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', path.resolve('test/backtest/count-work.cjs'), path.resolve('test/backtest/run-many.mjs'), directory],
    { encoding: 'utf8', env: { ...process.env, ATC_COUNT_LOG: log } },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [two, one] = JSON.parse(stdout);
  expect(two.symbols).toHaveLength(symbols);
  expect(two).toEqual(one);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const threads = new Set(lines.map((line) => line.split(' ')[0]).filter((thread) => thread !== '0'));
  expect(threads.size).toBe(2);
  for (const thread of threads) {
    const counted = (what: string) => lines.filter((line) => line === `${thread} ${what}`).length;
    expect(counted('catalogue')).toBe(1);
    expect(counted('hash')).toBe(1);
  }
  // Both runs of the calling thread together: a lease reads the catalogue twice.
  expect(lines.filter((line) => line === '0 catalogue').length).toBeLessThanOrEqual(10);
  expect(lines.filter((line) => line === '0 message').length).toBeLessThanOrEqual(symbols / 4);
});

test('an abort ends even a worker that hangs, and leaves no file', async () => {
  if (!compiled) return;
  const { hang } = await strategies();
  const dataset = await openDataset(path.join(folder, 'packed'));
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 500);
  const rowsDirectory = path.join(folder, 'rows-aborted');
  const run = runBacktest(dataset, hang(), { workers: 2, rowsDirectory, signal: abort.signal });
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(folder).filter((name) => name.includes('rows-aborted'))).toEqual([]);
  dataset.close();
  // Threads that were ended hold no generation of the dataset.
  expect(readdirSync(path.join(folder, 'packed')).filter((name) => name.startsWith('lease'))).toEqual([]);
});

test('asking for workers that cannot be used is refused with the reason', async () => {
  const dataset = await openDataset(path.join(folder, 'packed'));
  const sink = { write: () => undefined };
  await expect(backtest(path.join(folder, 'packed'), { workers: 2, rows: sink })).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringMatching(/a row sink runs on the calling thread/),
  });
  const columns = SYMBOLS.map((symbol) => ({ symbol, columns: candleColumns(100) }));
  await expect(backtest(columns, { workers: 2 })).rejects.toThrow(/the history is in memory/);
  const { reference: _, ...anonymous } = atcStrategy();
  await expect(runBacktest(dataset, anonymous, { workers: 2 })).rejects.toThrow(/has no reference/);
  await expect(backtest(columns, { workers: 0 })).rejects.toThrow(/workers must be a whole number from 1/);
  dataset.close();
});

test('threads start at once where a symbol is long, and not at all for short ones; the result is that of one worker', async () => {
  const directory = path.join(folder, 'threads at once');
  const source = ['A', 'B', 'C'].map((symbol, k) => ({ symbol, columns: candleColumns(1_100_000, k + 1) }));
  (await writeDataset(directory, source, { layout: 'mapped', durability: 'process' })).close();
  // In a process of its own: the test runner hands out no events of threads.
  const program = `
    import { isDeepStrictEqual } from 'node:util';
    import { backtest } from 'atc-memory/atc';
    let started = 0;
    process.on('worker', () => (started += 1));
    for (const directory of process.argv.slice(1)) {
      const one = await backtest(directory, { workers: 1 });
      const before = started;
      const two = await backtest(directory, { workers: 2 });
      console.log(started - before, isDeepStrictEqual(two, one));
    }`;
  const args = ['--input-type=module', '-e', program, path.join(folder, 'mapped'), directory];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout + stderr).toBe('0 true\n1 true\n');
});
