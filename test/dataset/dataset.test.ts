import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BLOCK_ROWS } from '../../src/codec/codec.js';
import { readDataset, writeDataset } from '../../src/dataset/dataset.js';
import { memoryTable } from '../../src/dataset/memory.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import type { Columns } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import type { DatasetLayout } from '../../src/table.js';
import { bitsOf, candleColumns, hostileDoubles } from './history-files.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-dataset-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LAYOUTS: DatasetLayout[] = ['mapped', 'packed'];
const at = (name: string) => path.join(folder, name);

function expectSameTable(
  table: { columns: readonly string[]; column(name: string): ArrayBufferView },
  columns: Columns,
) {
  expect(table.columns).toEqual(Object.keys(columns));
  for (const [name, values] of Object.entries(columns)) expect(bitsOf(table.column(name))).toBe(bitsOf(values));
}

async function errorOf(work: () => unknown): Promise<{ code: string; message: string; line?: number; path?: string }> {
  try {
    await work();
  } catch (error) {
    if (isAtcError(error)) return error;
    throw error;
  }
  throw new Error('expected an AtcError');
}

describe.each(LAYOUTS)('%s datasets', (layout) => {
  test.each([1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])('give back %i rows bit by bit', async (rows) => {
    const columns: Columns = {
      ...candleColumns(rows),
      hostile: hostileDoubles(rows),
      flag: new Uint8Array(rows).fill(7),
    };
    const dataset = await writeDataset(at('out'), { symbol: 'BTC/USDT:USDT', columns }, { layout });
    expectSameTable(dataset.table('BTC/USDT:USDT'), columns);
    dataset.close();
    const reopened = await openDataset(at('out'));
    expectSameTable(reopened.table('BTC/USDT:USDT'), columns);
    reopened.close();
    expect(await verifyDataset(at('out'))).toMatchObject({ symbols: 1, rows });
  });

  test('blocks, ranges and column views agree with memory, from any row to any row', async () => {
    const rows = BLOCK_ROWS * 2 + 77;
    const columns = candleColumns(rows);
    const dataset = await writeDataset(at('out'), { symbol: 'A', columns }, { layout });
    const table = dataset.table('A');
    for (const [from, to] of [
      [0, rows],
      [1, 2],
      [BLOCK_ROWS - 1, BLOCK_ROWS + 1],
      [5, 5],
      [rows - 1, rows],
      [100, BLOCK_ROWS * 2],
    ]) {
      const seen: number[] = [];
      let expected = from;
      for (const block of table.blocks(['close', 'timestamp'], { from, to })) {
        expect(block.start).toBe(expected);
        expect(block.length).toBeLessThanOrEqual(BLOCK_ROWS);
        expected += block.length;
        for (const value of block.columns.close as Float64Array) seen.push(value);
      }
      expect(expected).toBe(to);
      expect(bitsOf(Float64Array.from(seen))).toBe(bitsOf(columns.close.subarray(from, to)));
    }
    const times = columns.timestamp as Float64Array;
    for (const [from, to] of [
      [10, 20],
      [0, rows],
      [BLOCK_ROWS - 3, BLOCK_ROWS + 3],
    ]) {
      const part = table.range(times[from], to === rows ? Number.POSITIVE_INFINITY : times[to]);
      expect(part.length).toBe(to - from);
      expect(bitsOf(part.column('close'))).toBe(bitsOf(columns.close.subarray(from, to)));
      const inner = part.range(times[from] + 1, times[to - 1]);
      expect(inner.length).toBe(Math.max(0, to - from - 2));
    }
    expect(table.range(0, times[0]).length).toBe(0);
    dataset.close();
  });

  test('rows of many symbols, interleaved, come apart in order', async () => {
    const names = Array.from({ length: 40 }, (_, k) => `S${k}`);
    const columns = names.map((_, k) => candleColumns(300 + k, k));
    function* candles() {
      for (let row = 0; row < 400; row += 1) {
        for (let k = 0; k < names.length; k += 1) {
          if (row >= columns[k].close.length) continue;
          yield {
            symbol: names[k],
            timestamp: Number(columns[k].timestamp[row]),
            close: Number(columns[k].close[row]),
            volume: Number(columns[k].volume[row]),
          };
        }
      }
    }
    const dataset = await writeDataset(at('out'), candles(), { layout });
    expect(dataset.symbols).toEqual(names);
    names.forEach((name, k) => {
      expectSameTable(dataset.table(name), columns[k]);
    });
    dataset.close();
  });

  test('a symbol may come in several batches, but not with other columns or earlier times', async () => {
    const whole = candleColumns(1000);
    const part = (from: number, to: number) =>
      Object.fromEntries(Object.entries(whole).map(([name, values]) => [name, values.subarray(from, to)]));
    const pieces = [
      { symbol: 'A', columns: part(0, 400) },
      { symbol: 'A', columns: part(400, 1000) },
    ];
    const dataset = await writeDataset(at('out'), pieces, { layout });
    expectSameTable(dataset.table('A'), whole);
    dataset.close();
    const backwards = await errorOf(() => writeDataset(at('b'), [...pieces].reverse(), { layout }));
    expect(backwards).toMatchObject({ code: 'CORRUPT' });
    expect(backwards.message).toMatch(/row 0 of A: A: the timestamp .* comes after/);
    const { volume: _, ...fewer } = part(400, 1000);
    const other = await errorOf(() => writeDataset(at('c'), [pieces[0], { symbol: 'A', columns: fewer }], { layout }));
    expect(other.message).toMatch(/different columns/);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('converts to the other layout and back without changing a bit', async () => {
    const columns: Columns = { ...candleColumns(BLOCK_ROWS + 5), hostile: hostileDoubles(BLOCK_ROWS + 5) };
    const other = layout === 'mapped' ? 'packed' : 'mapped';
    (await writeDataset(at('one'), { symbol: 'A', columns }, { layout })).close();
    (await writeDataset(at('two'), at('one'), { layout: other })).close();
    const back = await writeDataset(at('three'), at('two'), { layout });
    expectSameTable(back.table('A'), columns);
    back.close();
  });

  test('an existing directory, an abort or a bad row leave nothing behind and touch nothing', async () => {
    const source = { symbol: 'A', columns: candleColumns(10) };
    (await writeDataset(at('out'), source, { layout })).close();
    const before = readdirSync(at('out'), { recursive: true });
    expect(await errorOf(() => writeDataset(at('out'), source, { layout }))).toMatchObject({ code: 'IO' });
    expect(readdirSync(at('out'), { recursive: true })).toEqual(before);
    const signal = AbortSignal.abort();
    await expect(writeDataset(at('aborted'), source, { layout, signal })).rejects.toMatchObject({ name: 'AbortError' });
    writeFileSync(at('bad.csv'), 'timestamp,close\n1,2\n2,3\n2,4\n');
    const twice = await errorOf(() => writeDataset(at('bad'), at('bad.csv'), { layout }));
    expect(twice).toMatchObject({ code: 'CORRUPT', line: 4, path: at('bad.csv') });
    expect(twice.message).toMatch(/bad\.csv: line 4, column "timestamp": .* is there twice/);
    expect(readdirSync(folder).sort()).toEqual(['bad.csv', 'out']);
  });

  test('damage is found by verify, wherever the bit is', async () => {
    (await writeDataset(at('out'), { symbol: 'A', columns: candleColumns(50) }, { layout })).close();
    const files = readdirSync(at('out'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThanOrEqual(2);
    const accepted: string[] = [];
    for (const file of files) {
      const good = readFileSync(file);
      for (let byte = 0; byte < good.length; byte += 1) {
        const bad = Buffer.from(good);
        bad[byte] ^= 1 << (byte % 8);
        writeFileSync(file, bad);
        try {
          await verifyDataset(at('out'));
          // White space in JSON and padding of a .npy header carry no information.
          if (!/^[\s]$/.test(String.fromCharCode(good[byte]))) accepted.push(`${path.basename(file)} byte ${byte}`);
        } catch (error) {
          expect(isAtcError(error)).toBe(true);
        }
      }
      writeFileSync(file, good);
    }
    expect(accepted).toEqual([]);
    expect((await verifyDataset(at('out'))).rows).toBe(50);
  });

  test('a file that was cut short is reported with its path', async () => {
    (await writeDataset(at('out'), { symbol: 'A', columns: candleColumns(50) }, { layout })).close();
    const file = path.join(at('out'), layout === 'mapped' ? '00000-A/00000/close.npy' : '00000-A/00000.atc');
    truncateSync(file, readFileSync(file).length - 8);
    const dataset = await openDataset(at('out'));
    expect(await errorOf(() => dataset.table('A').column('close'))).toMatchObject({ code: 'CORRUPT', path: file });
    dataset.close();
  });
});

describe('datasets', () => {
  test('unknown symbols and columns are named with the nearest known one', async () => {
    const dataset = await writeDataset(at('out'), { symbol: 'BTCUSDT', columns: candleColumns(5) });
    expect((await errorOf(() => dataset.table('BTCUSD'))).message).toMatch(
      /no symbol "BTCUSD"; did you mean "BTCUSDT"\?/,
    );
    expect((await errorOf(() => dataset.table('BTCUSDT').column('clse'))).message).toMatch(/did you mean "close"\?/);
    dataset.close();
    expect(await errorOf(() => dataset.table('BTCUSDT'))).toMatchObject({ code: 'CLOSED' });
  });

  test('columns called like parts of every object are columns, in the heap as on the disk', async () => {
    writeFileSync(at('A.csv'), 'timestamp,close,__proto__,constructor\n1,2,3,4\n2,5,6,7\n');
    const heap = await readDataset(at('A.csv'));
    const disk = await writeDataset(at('out'), at('A.csv'));
    for (const table of [heap.table('A'), disk.table('A')]) {
      expect(table.columns).toEqual(['timestamp', 'close', '__proto__', 'constructor']);
      expect([...table.column('__proto__')]).toEqual([3, 6]);
      const [{ columns }] = [...table.blocks(['__proto__', 'constructor'])];
      expect(Object.entries(columns).map(([name, values]) => [name, ...values])).toEqual([
        ['__proto__', 3, 6],
        ['constructor', 4, 7],
      ]);
    }
    disk.close();
  });

  test('a number that the first candle lacks is reported, not dropped', async () => {
    const candles = [
      { symbol: 'A', timestamp: 1, close: 1, volume: null },
      { symbol: 'A', timestamp: 2, close: 2, volume: 5 },
    ];
    const error = await errorOf(() => writeDataset(at('out'), candles as never));
    expect(error).toMatchObject({ code: 'ARGUMENT', message: expect.stringMatching(/candle 1: volume .*candle 0/) });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a dataset that cannot be opened as asked leaves no lease', async () => {
    (await writeDataset(at('out'), { symbol: 'A', columns: candleColumns(5) }, { layout: 'mapped' })).close();
    const before = readdirSync(at('out'));
    const error = await errorOf(() => openDataset(at('out'), { backend: 'nonsense' as never }));
    expect(error).toMatchObject({ code: 'ARGUMENT' });
    expect(readdirSync(at('out'))).toEqual(before);
  });

  test('a directory that is no dataset, and a catalogue of a later version', async () => {
    const wordsOf = async (directory: string) => (await errorOf(() => openDataset(directory))) as { message: string };
    expect(await wordsOf(folder)).toMatchObject({ code: 'IO', message: expect.stringContaining('no catalogue.json') });
    const missing = { code: 'IO', message: expect.stringContaining('there is no such directory') };
    expect(await wordsOf(at('nowhere'))).toMatchObject(missing);
    (await writeDataset(at('out'), { symbol: 'A', columns: candleColumns(5) })).close();
    const file = path.join(at('out'), 'catalogue.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"version":2', '"version":4'));
    expect(await errorOf(() => openDataset(at('out')))).toMatchObject({ code: 'FORMAT_VERSION' });
    writeFileSync(file, '{"format":');
    expect(await errorOf(() => openDataset(at('out')))).toMatchObject({ code: 'CORRUPT' });
  });

  test('reads a file into the heap with the same rows', async () => {
    writeFileSync(at('x.csv'), 'symbol,timestamp,close\nA,1,1.5\nB,1,2\nA,2,0.1\n');
    const dataset = await readDataset(at('x.csv'));
    expect(dataset.symbols).toEqual(['A', 'B']);
    expectSameTable(dataset.table('A'), { timestamp: Float64Array.of(1000, 2000), close: Float64Array.of(1.5, 0.1) });
  });

  test('more symbols than files may be open at once', async () => {
    const sources = Array.from({ length: 100 }, (_, k) => ({ symbol: `S${k}`, columns: candleColumns(20, k) }));
    const dataset = await writeDataset(at('out'), sources, { layout: 'mapped' });
    const tables = sources.map(({ symbol }) => dataset.table(symbol));
    for (let round = 0; round < 2; round += 1) {
      sources.forEach(({ columns }, k) => {
        for (const block of tables[k].blocks(['close']))
          expect(bitsOf(block.columns.close)).toBe(bitsOf(columns.close));
      });
    }
    dataset.close();
  });

  test('blocks reuse their arrays, and the debug switch makes that visible', () => {
    const columns = candleColumns(BLOCK_ROWS * 3);
    const table = memoryTable('A', columns);
    const buffers = new Set<ArrayBufferLike>();
    for (const block of table.blocks(['close', 'volume']))
      for (const array of Object.values(block.columns)) buffers.add(array.buffer);
    expect(buffers.size).toBe(2);
    process.env.ATC_POISON_BLOCKS = '1';
    try {
      const kept = [...table.blocks(['close'])].map((block) => block.columns.close as Float64Array);
      expect(kept[0].every(Number.isNaN)).toBe(true);
    } finally {
      delete process.env.ATC_POISON_BLOCKS;
    }
  });
});
