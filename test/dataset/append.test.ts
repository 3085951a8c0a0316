import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BLOCK_ROWS } from '../../src/codec/codec.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { crcAfter, crcBefore, joinCrc } from '../../src/dataset/checksum.js';
import { updateDataset, writeDataset } from '../../src/dataset/dataset.js';
import type { DirectoryDataset } from '../../src/dataset/directory-dataset.js';
import { MemoryDataset, memoryTable } from '../../src/dataset/memory.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import type { Columns } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import type { DatasetLayout } from '../../src/table.js';
import { bitsOf, candleColumns, hostileDoubles } from './history-files.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-append-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LAYOUTS: DatasetLayout[] = ['mapped', 'packed'];
const FAST = { durability: 'process' } as const;
const at = (name: string) => path.join(folder, name);

function part(columns: Columns, from: number, to?: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(from, to)]));
}

/** As an array, which does not belong to a map that a test has closed. */
function expectTable(dataset: DirectoryDataset, symbol: string, columns: Columns) {
  const table = dataset.table(symbol);
  expect(table.length).toBe(columns.timestamp.length);
  for (const [name, values] of Object.entries(columns)) {
    expect(bitsOf(table.column(name)) === bitsOf(values)).toBe(true);
    let row = 0;
    for (const block of table.blocks([name])) {
      expect(block.start).toBe(row);
      expect(block.length).toBeLessThanOrEqual(BLOCK_ROWS);
      expect(bitsOf(block.columns[name]) === bitsOf(values.subarray(row, row + block.length))).toBe(true);
      row += block.length;
    }
    expect(row).toBe(values.length);
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isAtcError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was thrown';
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

test('checksums of parts follow from those of wholes, and back', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251);
  for (const cut of [0, 1, 8, 4096, 4999, 5000]) {
    const [a, b] = [bytes.subarray(0, cut), bytes.subarray(cut)];
    const [whole, first, second] = [crc32c(bytes), crc32c(a), crc32c(b)];
    expect(joinCrc(first, second, b.length)).toBe(whole);
    expect(crcAfter(whole, first, b.length)).toBe(second);
    expect(crcBefore(whole, second, b.length)).toBe(first);
  }
  // A gibibyte and more of zeros, by doubling: lengths beyond 32 bits of bits.
  let crc = crc32c(new Uint8Array(8));
  for (let length = 8; length < 2 ** 33; length *= 2) {
    const twice = joinCrc(crc, crc, length);
    expect(crcBefore(twice, crc, length)).toBe(crc);
    crc = twice;
  }
});

describe.each(LAYOUTS)('%s datasets', (layout) => {
  const other = layout === 'mapped' ? 'packed' : 'mapped';

  test('several segments are read as one table', async () => {
    const rows = 3 * BLOCK_ROWS + 1000;
    const columns: Columns = { ...candleColumns(rows), hostile: hostileDoubles(rows) };
    const maxSegmentBytes = layout === 'mapped' ? 300_000 : 100_000;
    const dataset = await writeDataset(at('cut'), { symbol: 'A', columns }, { layout, maxSegmentBytes });
    const { segments } = dataset.catalogue.symbols[0];
    expect(segments.length).toBeGreaterThan(1);
    for (const file of filesBelow(at('cut'))) expect(statSync(file).size).toBeLessThanOrEqual(maxSegmentBytes);
    expectTable(dataset, 'A', columns);
    const times = columns.timestamp as Float64Array;
    const cut = segments[0].rows;
    for (const [from, to] of [
      [cut - 5, cut + 5],
      [cut, rows],
      [cut - 1, cut],
      [7, rows - 7],
    ]) {
      const range = dataset.table('A').range(times[from] - 1, times[to - 1] + 1);
      expect(range.length).toBe(to - from);
      for (const name of Object.keys(columns)) {
        expect(bitsOf(range.column(name)) === bitsOf(columns[name].subarray(from, to))).toBe(true);
      }
    }
    expect((await verifyDataset(at('cut'))).rows).toBe(rows);
    const whole = await writeDataset(at('whole'), { symbol: 'A', columns }, { layout: other });
    expect(dataset.snapshotId).toBe(whole.snapshotId);
    dataset.close();
    whole.close();
  });

  test('one candle at a time leaves history alone and few segments', async () => {
    const columns = candleColumns(3000);
    const dataset = await writeDataset(at('out'), { symbol: 'A', columns: part(columns, 0, 2500) }, { layout });
    const before = filesBelow(at('out')).filter((file) => !/catalogue|lease/.test(file));
    const stamps = before.map((file) => statSync(file).mtimeMs);
    let most = 0;
    for (let row = 2500; row < 2700; row += 1) {
      const candle = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Number(values[row])]));
      await dataset.append('A', [candle as { timestamp: number; close: number }], FAST);
      most = Math.max(most, dataset.catalogue.symbols[0].segments.length);
    }
    expect(most).toBeLessThanOrEqual(10);
    expectTable(dataset, 'A', part(columns, 0, 2700));
    expect(before.map((file) => statSync(file).mtimeMs)).toEqual(stamps);
    expect((await verifyDataset(at('out'))).rows).toBe(2700);
    await dataset.append('A', part(columns, 2700), FAST);
    await dataset.compact(FAST);
    expect(dataset.catalogue.symbols[0].segments).toHaveLength(1);
    expectTable(dataset, 'A', columns);
    dataset.close();
    const reopened = await openDataset(at('out'));
    expectTable(reopened, 'A', columns);
    reopened.close();
  });

  test('random changes agree with a plain model, and the snapshot id knows the content only', async () => {
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const model = new Map<number, readonly [number, number]>();
    const columnsOf = (entries: Iterable<readonly [number, readonly [number, number]]>): Columns => {
      const rows = [...entries].sort(([a], [b]) => a - b);
      return {
        timestamp: Float64Array.from(rows, ([ms]) => ms),
        close: Float64Array.from(rows, ([, [close]]) => close),
        volume: Float64Array.from(rows, ([, [, volume]]) => volume),
      };
    };
    const change = (count: number, from: number, span: number) => {
      const rows = new Map<number, readonly [number, number]>();
      for (let k = 0; k < count; k += 1) rows.set(from + random(span) * 1000, [random(1e6) / 100, random(1e6)]);
      return rows;
    };
    for (const [ms, row] of change(8000, 0, 16_000)) model.set(ms, row);
    const dataset = await writeDataset(
      at('out'),
      { symbol: 'A', columns: columnsOf(model) },
      { layout, maxSegmentBytes: 40_000 },
    );
    for (let round = 0; round < 15; round += 1) {
      // Anywhere: one row, a stretch, a scattering, later ones, the same again, a lot of new ones.
      const [count, from, span] = [
        [1, random(16_000) * 1000, 1],
        [300, random(16_000) * 1000, 400],
        [40, 0, 16_000],
        [random(50) + 1, 16_000_000 + round * 1_000_000, 900],
        [BLOCK_ROWS, 8_000_000, 40_000],
      ][round % 5];
      const rows = change(count, from, span);
      if (round % 3 === 0) for (const [ms, row] of [...model].slice(0, 200)) rows.set(ms, row);
      await dataset.upsert('A', columnsOf(rows), FAST);
      for (const [ms, row] of rows) model.set(ms, row);
      expectTable(dataset, 'A', columnsOf(model));
      if (round % 10 === 9) expect((await verifyDataset(at('out'))).rows).toBe(model.size);
    }
    const fresh = await writeDataset(at('fresh'), { symbol: 'A', columns: columnsOf(model) }, { layout: other });
    expect(dataset.snapshotId).toBe(fresh.snapshotId);
    await dataset.compact(FAST);
    expect(dataset.snapshotId).toBe(fresh.snapshotId);
    expectTable(dataset, 'A', columnsOf(model));
    expect((await verifyDataset(at('out'))).rows).toBe(model.size);
    const { generation } = dataset.catalogue;
    await dataset.upsert('A', columnsOf([...model].slice(0, 1000)), FAST);
    expect(dataset.catalogue.generation).toBe(generation);
    const [ms, [close, volume]] = [...model][17];
    await dataset.upsert('A', columnsOf([[ms, [close + 0.01, volume]]]), FAST);
    expect(dataset.snapshotId).not.toBe(fresh.snapshotId);
    dataset.close();
    fresh.close();
  });

  test('what changed symbols, columns and times must be; a refused change changes nothing', async () => {
    const columns = candleColumns(100);
    const dataset = await writeDataset(at('out'), { symbol: 'A', columns: part(columns, 0, 90) }, { layout });
    const files = () => filesBelow(at('out')).sort();
    const before = files();
    expect(await codeOf(dataset.append('A', part(columns, 89)))).toMatch(
      /^ARGUMENT: A: the candle of 2020-09-13T13:55:40.000Z is not after the last one there/,
    );
    const { volume: _, ...fewer } = part(columns, 90);
    expect(await codeOf(dataset.append('A', fewer))).toMatch(/^ARGUMENT: A has the columns \(.*\), the new rows have/);
    const backwards = [
      { symbol: 'B', columns },
      { symbol: 'B', columns },
    ];
    expect(await codeOf(updateDataset(at('out'), backwards))).toMatch(/^CORRUPT: /);
    const signal = AbortSignal.abort();
    await expect(dataset.append('A', part(columns, 90), { signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(files()).toEqual(before);
    const { timestamp, ...rest } = part(columns, 90);
    await dataset.append('A', { ...rest, timestamp });
    await dataset.append('B', columns);
    expect(dataset.symbols).toEqual(['A', 'B']);
    expectTable(dataset, 'A', columns);
    expectTable(dataset, 'B', columns);
    dataset.close();
  });

  test('a reader keeps its rows while others change them, and unread segments are deleted', async () => {
    const columns = candleColumns(5000);
    const changed = part(columns, 0);
    (changed.close as Float64Array)[4990] = 1;
    const writer = await writeDataset(at('out'), { symbol: 'A', columns: part(columns, 0, 4000) }, { layout });
    await writer.append('A', part(columns, 4000, 4990), FAST);
    const reader = await openDataset(at('out'));
    const table = reader.table('A');
    await writer.append('A', part(columns, 4990), FAST);
    await writer.upsert('A', part(changed, 4990, 4991), FAST);
    await writer.compact(FAST);
    expect(table.length).toBe(4990);
    expect(bitsOf(table.column('close'))).toBe(bitsOf(columns.close.subarray(0, 4990)));
    expect(reader.table('A').length).toBe(4990);
    expect(reader.refresh()).toBe(true);
    expect(reader.refresh()).toBe(false);
    expectTable(reader, 'A', changed);
    expect(table.length).toBe(4990);
    reader.close();
    writer.close();
    expect(() => table.column('volume')).toThrow(/is closed/);
    const alone = await openDataset(at('out'));
    alone.close();
    const last = await openDataset(at('out'));
    await last.append('B', columns, FAST);
    last.close();
    const catalogue = (await openDataset(at('out'))).catalogue;
    const named = new Set(catalogue.symbols.flatMap(({ segments }) => segments.map((one) => one.path.split('/')[0])));
    const there = readdirSync(at('out'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(there.map((entry) => entry.name).filter((name) => !named.has(name))).toEqual([]);
  });

  test('many small changes are compacted by the next one', async () => {
    const columns = candleColumns(70_000);
    const dataset = await writeDataset(at('out'), { symbol: 'A', columns }, { layout });
    // Each far from the others: every one leaves a slice before and after it, 160 and more in all.
    for (let round = 0; round < 4; round += 1) {
      const rows = Array.from({ length: 20 }, (_, k) => round * 600 + k * 3000);
      for (const row of rows) (columns.close as Float64Array)[row] += 1;
      await dataset.upsert(
        'A',
        rows.map((row) => ({
          timestamp: Number(columns.timestamp[row]),
          close: Number(columns.close[row]),
          volume: Number(columns.volume[row]),
        })),
        FAST,
      );
      expectTable(dataset, 'A', columns);
    }
    expect(dataset.catalogue.symbols[0].segments.length).toBeLessThanOrEqual(81);
    expect((await verifyDataset(at('out'))).rows).toBe(70_000);
    dataset.close();
  });
});

test('a dataset in memory takes candles too', async () => {
  const columns = candleColumns(50);
  const dataset = new MemoryDataset([memoryTable('A', part(columns, 0, 40))]);
  const old = dataset.table('A');
  await dataset.append('A', part(columns, 40));
  expect(old.length).toBe(40);
  expect(bitsOf(dataset.table('A').column('close'))).toBe(bitsOf(columns.close));
  expect(await codeOf(dataset.append('A', part(columns, 49)))).toMatch(/^CORRUPT: .* is there twice/);
});
