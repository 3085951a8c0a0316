import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BLOCK_ROWS } from '../../src/codec/codec.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { findGaps } from '../../src/dataset/gaps.js';
import { memoryTable } from '../../src/dataset/memory.js';
import { openDataset } from '../../src/dataset/open.js';
import { resample } from '../../src/dataset/resample.js';
import type { DatasetLayout } from '../../src/table.js';
import { thrownBy } from '../io/workspace.js';
import { bitsOf, candleColumns } from './history-files.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-queries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);
const timesTable = (times: readonly number[]) =>
  memoryTable('A', { timestamp: Float64Array.from(times), close: new Float64Array(times.length) });

describe('findGaps', () => {
  test('counts the candles that are due, by the usual distance', () => {
    const report = findGaps(timesTable([0, 10, 20, 50, 60, 75, 85]));
    expect(report).toEqual({
      stepMs: 10,
      missing: 3,
      empty: 0,
      gaps: [
        { fromMs: 30, toMs: 50, candles: 2, kind: 'missing' },
        { fromMs: 70, toMs: 75, candles: 1, kind: 'missing' },
      ],
    });
    expect(findGaps(timesTable([0, 10, 20])).gaps).toEqual([]);
  });

  test('missing and known empty spans are distinguished, whatever their borders', () => {
    const table = timesTable([0, 10, 100, 110, 200]);
    const kinds = (empty: [number, number][]) =>
      findGaps(table, { stepMs: 10, empty }).gaps.map(({ fromMs, candles, kind }) => `${fromMs} ${candles} ${kind}`);
    expect(kinds([])).toEqual(['20 8 missing', '120 8 missing']);
    expect(kinds([[20, 100]])).toEqual(['20 8 empty', '120 8 missing']);
    expect(kinds([[0, 1000]])).toEqual(['20 8 empty', '120 8 empty']);
    expect(
      kinds([
        [40, 60],
        [55, 130],
      ]),
    ).toEqual(['20 2 missing', '40 6 empty', '120 1 empty', '130 7 missing']);
    expect(kinds([[45, 49]])).toEqual(['20 3 missing', '50 5 missing', '120 8 missing']);
  });

  test('agrees with counting the grid, over blocks and random holes', () => {
    let state = 7;
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const grid = Array.from({ length: BLOCK_ROWS * 2 }, (_, k) => k * 60_000);
    const there = grid.filter((ms, k) => k === 0 || ms === grid[grid.length - 1] || random() > 0.1);
    const empty: [number, number][] = Array.from({ length: 50 }, () => {
      const from = Math.floor(random() * grid.length) * 60_000 - Math.floor(random() * 3) * 7;
      return [from, from + Math.floor(random() * 100) * 60_000];
    });
    const report = findGaps(timesTable(there), { empty });
    const present = new Set(there);
    const absent = grid.filter((ms) => !present.has(ms));
    const known = absent.filter((ms) => empty.some(([from, to]) => from <= ms && ms < to));
    expect(report).toMatchObject({ stepMs: 60_000, empty: known.length, missing: absent.length - known.length });
    for (const gap of report.gaps) expect(present.has(gap.fromMs)).toBe(false);
  });

  test('known-empty spans are part of a dataset, and joined', async () => {
    const dataset = await writeDataset(at('out'), {
      symbol: 'A',
      columns: { timestamp: Float64Array.of(0, 10, 20, 90), close: new Float64Array(4) },
    });
    const id = dataset.snapshotId;
    expect(dataset.gaps('A').missing).toBe(6);
    await dataset.markEmpty('A', [[30, 50]]);
    await dataset.markEmpty('A', [[45, 60]]);
    expect(dataset.catalogue.symbols[0].empty).toEqual([[30, 60]]);
    await dataset.append('A', [{ timestamp: 100, close: 1 }]);
    await dataset.compact();
    expect(dataset.gaps('A')).toMatchObject({ stepMs: 10, empty: 3, missing: 3 });
    expect(dataset.snapshotId).not.toBe(id);
    await expect(dataset.markEmpty('B', [[0, 1]])).rejects.toMatchObject({ code: 'ARGUMENT' });
    await expect(dataset.markEmpty('A', [[2, 1]])).rejects.toMatchObject({ code: 'ARGUMENT' });
    dataset.close();
  });

  test('refuses what has no grid', () => {
    expect(thrownBy(() => findGaps(timesTable([5])))).toMatchObject({ code: 'ARGUMENT' });
    expect(thrownBy(() => findGaps(timesTable([5, 6]), { stepMs: 0 }))).toMatchObject({ code: 'ARGUMENT' });
  });
});

describe('resample', () => {
  const one = [
    ...resample(
      memoryTable('A', {
        timestamp: Float64Array.of(60_000, 120_000, 180_000, 360_000, 420_000),
        open: Float64Array.of(1, 2, Number.NaN, 4, 5),
        high: Float64Array.of(3, Number.NaN, 2, 9, 8),
        low: Float64Array.of(1, 0.5, 2, -4, 5),
        close: Float64Array.of(2, 3, Number.NaN, 5, 6),
        volume: Float64Array.of(10, Number.NaN, 1, 2, 3),
        note: Float64Array.of(7, 8, 9, 10, Number.NaN),
      }),
      180_000,
      { aggregates: { note: 'last' } },
    ),
  ];

  test('open first, high max, low min, close last, volume sum, NaN no value', () => {
    const columns = Object.keys(one[0].columns).map((name) => [name, one.flatMap((piece) => [...piece.columns[name]])]);
    expect(Object.fromEntries(columns)).toEqual({
      timestamp: [0, 180_000, 360_000],
      open: [1, Number.NaN, 4],
      high: [3, 2, 9],
      low: [0.5, 2, -4],
      close: [3, Number.NaN, 6],
      volume: [10, 1, 5],
      note: [8, 9, 10],
    });
  });

  test('a column may be called like what every object has', () => {
    const table = memoryTable('A', {
      timestamp: Float64Array.of(0, 60_000),
      close: Float64Array.of(1, 2),
      constructor: Float64Array.of(3, 4),
    });
    const [piece] = [...resample(table, 120_000, { aggregates: { constructor: 'last' as const } })];
    const found = Object.entries(piece.columns).find(([name]) => name === 'constructor');
    expect(found?.[1]).toEqual(Float64Array.of(4));
  });

  test('gives the same candles as one pass over arrays, into a dataset, wherever blocks end', async () => {
    const columns = candleColumns(BLOCK_ROWS * 2 + 500);
    const day = 86_400_000;
    const source = await writeDataset(
      at('minutes'),
      { symbol: 'A', columns },
      { layout: 'mapped', maxSegmentBytes: 50_000 },
    );
    const days = await writeDataset(at('days'), resample(source.table('A'), day, { offsetMs: 3_600_000 }), {
      layout: 'packed',
    });
    const expected = new Map<number, { close: number; volume: number }>();
    columns.timestamp.forEach((ms, row) => {
      const bucket = Math.floor((Number(ms) - 3_600_000) / day) * day + 3_600_000;
      const volume = (expected.get(bucket)?.volume ?? 0) + Number(columns.volume[row]);
      expected.set(bucket, { close: Number(columns.close[row]), volume });
    });
    expect([...days.table('A').column('timestamp')]).toEqual([...expected.keys()]);
    expect([...days.table('A').column('close')]).toEqual([...expected.values()].map(({ close }) => close));
    expect([...days.table('A').column('volume')]).toEqual([...expected.values()].map(({ volume }) => volume));
    source.close();
    days.close();
  });

  test('refuses unknown columns, aggregates and intervals', () => {
    const table = memoryTable('A', candleColumns(3));
    const run = (interval: number, aggregates = {}) => thrownBy(() => [...resample(table, interval, { aggregates })]);
    expect(run(0)).toMatchObject({ code: 'ARGUMENT' });
    expect(run(1, { clse: 'sum' }).message).toMatch(/did you mean "close"/);
    expect(run(1, { close: 'mean' }).message).toMatch(/must be one of/);
  });
});

describe.each<DatasetLayout>(['mapped', 'packed'])('%s', (layout) => {
  test('rows, first and last time, snapshot and rows by time on a grid come from the catalogue alone', async () => {
    const columns = candleColumns(5000);
    (await writeDataset(at('out'), { symbol: 'A', columns }, { layout })).close();
    for (const name of readdirSync(at('out'))) if (name.startsWith('0')) rmSync(at(`out/${name}`), { recursive: true });
    const dataset = await openDataset(at('out'));
    const times = columns.timestamp as Float64Array;
    expect(dataset.catalogue.symbols[0]).toMatchObject({ rows: 5000, firstMs: times[0], lastMs: times[4999] });
    expect(dataset.catalogue.symbols[0].segments[0].stepMs).toBe(60_000);
    expect(dataset.snapshotId).toMatch(/^[0-9a-f]{32}$/);
    const table = dataset.table('A');
    for (const [from, to, rows] of [
      [times[10], times[20], 10],
      [times[10] + 1, times[20] + 1, 10],
      [times[10] - 1, times[20] - 1, 10],
      [0, times[0], 0],
      [0, Number.POSITIVE_INFINITY, 5000],
      [times[4999], times[4999] + 1, 1],
    ]) {
      expect(table.range(from, to).length).toBe(rows);
    }
    expect(() => table.column('close')).toThrow(/no such file/);
    dataset.close();
  });

  test('off the grid, one irregular row is enough for bisection, which finds the same rows', async () => {
    const columns = candleColumns(3000);
    (columns.timestamp as Float64Array)[1500] += 1;
    const dataset = await writeDataset(at('out'), { symbol: 'A', columns }, { layout });
    expect(dataset.catalogue.symbols[0].segments[0].stepMs).toBeUndefined();
    const times = columns.timestamp as Float64Array;
    for (let row = 0; row < 3000; row += 37) {
      const range = dataset.table('A').range(times[row], times[Math.min(row + 5, 2999)]);
      expect(bitsOf(range.column('close'))).toBe(bitsOf(columns.close.subarray(row, Math.min(row + 5, 2999))));
    }
    dataset.close();
  });
});
