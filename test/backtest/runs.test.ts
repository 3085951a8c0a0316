/** The runner on the calling thread: back-pressure, progress, and what an abort leaves. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RowSink, type Strategy, writeDataset } from 'atc-memory';
import { backtest } from 'atc-memory/atc';
import { runBacktest } from '../../src/backtest/runner.js';
import { memoryTable } from '../../src/dataset/memory.js';
import type { Columns } from '../../src/dtype.js';

const ROWS = 40_000;
const BLOCKS = Math.ceil(ROWS / 16_384);

function columnsOf(rows: number) {
  const timestamp = Float64Array.from({ length: rows }, (_, row) => 1_600_000_000_000 + row * 60_000);
  return { timestamp, close: timestamp.map((_, row) => 100 + Math.round(Math.sin(row / 50) * 500) / 100) };
}
const COLUMNS = columnsOf(ROWS);

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'atc-runs-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const left = () => readdirSync(folder, { recursive: true }).map(String);

test('a slow sink holds the strategy back: one block at a time, in order', async () => {
  let blocks = 0;
  let writing = 0;
  let mostAhead = 0;
  const counting: Strategy<number> = {
    name: 'counting',
    columns: ['close'],
    start: () => ({
      push: ({ columns }) => {
        blocks += 1;
        return { signal: columns.close };
      },
      finish: () => blocks,
    }),
  };
  const starts: number[] = [];
  const rows: RowSink = {
    async write(_symbol, { start }) {
      writing += 1;
      mostAhead = Math.max(mostAhead, blocks - starts.length, writing);
      await nextTurn();
      await nextTurn();
      starts.push(start);
      writing -= 1;
    },
  };
  const table = memoryTable('A', COLUMNS);
  const dataset = { symbols: ['A'], table: () => table, append: async () => {}, close() {} };
  await runBacktest(dataset, counting, { rows });
  expect(starts).toEqual(Array.from({ length: BLOCKS }, (_, k) => k * 16_384));
  expect(mostAhead).toBe(1);
});

describe('what a strategy returns is checked, with and without rows on disk', () => {
  const table = memoryTable('A', COLUMNS);
  const dataset = { symbols: ['A'], table: () => table, append: async () => {}, close() {} };
  const ones = (length: number) => new Float64Array(length).fill(1);
  const WRONG: Record<string, [push: (length: number) => unknown, message: string]> = {
    nothing: [() => undefined, 'push must return the columns of its block, got undefined'],
    'a promise': [
      async (length) => ({ signal: ones(length) }),
      'push must return the columns of its block, got a promise',
    ],
    'too few': [
      (length) => ({ signal: ones(length - 1) }),
      'the column "signal" has 16383 values for the 16384 rows of its block',
    ],
    'too many': [
      (length) => ({ equity: ones(length + 1) }),
      'the column "equity" has 16385 values for the 16384 rows of its block',
    ],
    words: [(length) => ({ signal: Array(length).fill('long') }), 'the column "signal" is not a typed array'],
    'one number': [() => ({ signal: 1 }), 'the column "signal" is not a typed array'],
  };
  test.each(Object.entries(WRONG))('%s', async (_, [push, message]) => {
    const strategy = {
      name: 'wrong',
      columns: [],
      start: () => ({ push: ({ length }: { length: number }) => push(length), finish: () => 0 }),
    };
    for (const rowsDirectory of [undefined, path.join(folder, 'rows')]) {
      const run = runBacktest(dataset, strategy as unknown as Strategy<number>, { rowsDirectory });
      await expect(run).rejects.toMatchObject({ code: 'WORKER', message: `wrong on A: ${message}` });
    }
    expect(left()).toEqual([]);
  });

  test.each<[string, push: (start: number) => Columns, message: string]>([
    [
      'a name that rows have',
      () => ({ price: ones(16_384) }),
      'A: the column "price" of the strategy is one that rows have',
    ],
    ['another column later', (start) => ({ [start === 0 ? 'a' : 'b']: ones(16_384) }), 'from row 16384 on'],
    [
      'another kind of number later',
      (start) => (start === 0 ? { a: ones(16_384) } : { a: new Float32Array(16_384) }),
      'price float64, a float32: they must stay the same',
    ],
  ])('rows on disk: %s', async (_, push, message) => {
    const strategy = {
      name: 'wrong',
      columns: [],
      start: () => ({
        push: ({ start, length }: { start: number; length: number }) => cut(push(start), length),
        finish: () => 0,
      }),
    };
    const run = runBacktest(dataset, strategy as Strategy<number>, { rowsDirectory: path.join(folder, 'rows') });
    await expect(run).rejects.toMatchObject({ code: 'WORKER', message: expect.stringContaining(message) });
    expect(left()).toEqual([]);
  });
});

function cut(columns: Columns, length: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.subarray(0, length)]));
}

test('timestamps are read where rows are written, else only the few that the result needs', async () => {
  const table = memoryTable('A', { ...COLUMNS, close: COLUMNS.close.with(0, Number.NaN) });
  const whole: string[][] = [];
  let looked = 0;
  const watched = Object.create(table, {
    blocks: {
      value: (names: readonly string[], range?: { from?: number; to?: number }) => {
        if (range === undefined) whole.push([...names]);
        else looked += (range.to ?? 0) - (range.from ?? 0);
        return table.blocks(names, range);
      },
    },
  });
  const dataset = { symbols: ['A'], table: () => watched, append: async () => {}, close() {} };
  const follow: Strategy<undefined> = {
    name: 'follow',
    columns: ['close'],
    start: () => ({ push: ({ columns }) => ({ signal: columns.close }), finish: () => undefined }),
  };
  const { symbols } = await runBacktest(dataset, follow);
  expect(whole).toEqual([['close']]);
  // The first and the last row, and the first with a price; the last has one.
  expect(looked).toBe(3);
  expect(symbols[0]).toMatchObject({ firstMs: COLUMNS.timestamp[0], lastMs: COLUMNS.timestamp[ROWS - 1] });
  await runBacktest(dataset, follow, { rows: { write: () => {} } });
  expect(whole[1]).toEqual(['timestamp', 'close']);
});

test('progress counts rows over all symbols', async () => {
  const seen: [string, number][] = [];
  const source = [
    { symbol: 'A', columns: columnsOf(20_000) },
    { symbol: 'B', columns: columnsOf(500) },
  ];
  await backtest(source, {
    onProgress: ({ symbol, rowsDone, rowsTotal }) => seen.push([symbol, rowsDone / rowsTotal]),
  });
  expect(seen).toEqual([
    ['A', 16_384 / 20_500],
    ['A', 20_000 / 20_500],
    ['B', 1],
  ]);
});

describe('an abort leaves no file, whenever it comes', () => {
  const source = [0, 1].map((k) => ({ symbol: `S${k}`, columns: COLUMNS }));
  const KINDS = [
    ['in memory', {}],
    ['while the copy is made or read, mapped', { useMemoryMapped: true }],
    ['while the copy is made or read, packed', { useCompression: true }],
    ['while the copy is compared', { useCompression: 'verify' }],
  ] as const;

  test.each(KINDS)('%s', async (_, options) => {
    const total = await countTurns(options, undefined);
    expect(total).toBeGreaterThan(5);
    for (const share of [0.1, 0.5, 0.9]) {
      await expect(countTurns(options, Math.floor(share * total))).rejects.toThrow('enough');
      expect(left().filter((name) => name !== 'copies')).toEqual([]);
    }
  });

  /** Runs with an abort at the n-th sign of progress. Returns how many there are. */
  async function countTurns(options: object, abortAt: number | undefined): Promise<number> {
    const abort = new AbortController();
    let turns = 0;
    const turn = () => {
      if (turns === abortAt) abort.abort(new Error('enough'));
      turns += 1;
    };
    const rowsDirectory = path.join(folder, 'rows');
    const settings = { ...options, cacheDir: path.join(folder, 'copies'), rowsDirectory, signal: abort.signal };
    await backtest(source, { ...settings, onRows: turn, onProgress: turn });
    rmSync(rowsDirectory, { recursive: true });
    return turns;
  }

  test('before anything was done', async () => {
    const directory = path.join(folder, 'history');
    (await writeDataset(directory, source)).close();
    const before = left();
    await expect(
      backtest(directory, { rowsDirectory: path.join(folder, 'rows'), signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
    expect(left()).toEqual(before);
  });
});

test('an abort that comes with the event loop ends a run over many short symbols', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('enough')), 1);
  let started = 0;
  const spinning: Strategy<number> = {
    name: 'spinning',
    columns: ['close'],
    start: () => {
      started += 1;
      const end = performance.now() + 10;
      while (performance.now() < end);
      return { push: ({ columns }) => ({ signal: columns.close }), finish: () => 0 };
    },
  };
  const symbols = Array.from({ length: 100 }, (_, k) => `S${k}`);
  const dataset = {
    symbols,
    table: (symbol: string) => memoryTable(symbol, columnsOf(10)),
    append: () => Promise.reject(new Error('read only')),
    close: () => undefined,
  };
  await expect(runBacktest(dataset, spinning, { signal: abort.signal })).rejects.toThrow('enough');
  expect(started).toBeLessThan(100);
});
