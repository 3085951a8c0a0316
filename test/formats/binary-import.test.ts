/** Files of columns, imported as they lie: names, symbols, zones and units, refusals. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import pl from 'nodejs-polars';
import { readDataset } from '../../src/dataset/dataset.js';
import type { FileReport, ImportOptions } from '../../src/formats/options.js';
import { useWorkspace } from '../io/workspace.js';

const space = useWorkspace();
const fixtures = path.join(import.meta.dirname, 'fixtures');
const T0 = Date.UTC(2024, 0, 30, 23);

async function read(source: string | string[], options: ImportOptions = {}) {
  const reports: FileReport[] = [];
  const dataset = await readDataset(source, { ...options, onFile: (report) => reports.push(report) });
  const tables = Object.fromEntries(
    dataset.symbols.map((symbol) => {
      const table = dataset.table(symbol);
      return [
        symbol,
        Object.fromEntries(table.columns.map((name) => [name, Array.from(table.column(name) as Float64Array)])),
      ];
    }),
  );
  return { tables, reports };
}

async function parquet(name: string, select: string) {
  const file = space.at(name);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  return file;
}

const CANDLES = `SELECT TIMESTAMP '2024-01-30 23:00:00' + INTERVAL (i) MINUTE AS "Date", 10.0::DOUBLE + i AS "Open",
  12.0::DOUBLE + i AS "High",
  9.5::DOUBLE + i AS "Low", 11.07::DECIMAL(9,2) + i AS "Close", (100 + i)::BIGINT AS "Volume" FROM range(3) r(i)`;
const EXPECTED = {
  timestamp: [T0, T0 + 60_000, T0 + 120_000],
  open: [10, 11, 12],
  high: [12, 13, 14],
  low: [9.5, 10.5, 11.5],
  close: [11.07, 12.07, 13.07],
  volume: [100, 101, 102],
};

test('Parquet is found by its bytes; capitals, decimals, int64 volumes, times without a zone', async () => {
  const { tables, reports } = await read(await parquet('AAPL.parquet', CANDLES));
  expect(tables).toEqual({ AAPL: EXPECTED });
  expect(reports).toMatchObject([{ title: 'Parquet', times: 'us', rows: 3 }]);
  expect(reports[0].zone).toMatch(/^UTC/);
});

test('a gzipped Parquet and one under a wrong name are read as what they are', async () => {
  const bytes = readFileSync(await parquet('x.parquet', CANDLES));
  expect((await read(space.file('AAPL.parquet.gz', gzipSync(bytes)))).tables).toEqual({ AAPL: EXPECTED });
  expect((await read(space.file('AAPL.csv', bytes))).tables).toEqual({ AAPL: EXPECTED });
});

test('times of a clock are read in the zone that is named, across a change of the clock', async () => {
  const select =
    "SELECT TIMESTAMP '2024-11-03 00:30:00' + INTERVAL (i) HOUR AS t, 1.0::DOUBLE AS close FROM (VALUES (0), (1), " +
    '(2)) v(i)';
  const file = await parquet('zone.parquet', select);
  const found = await read(file, { timezone: 'America/New_York' });
  // 00:30 and the first 01:30 are at UTC-4, 02:30 at UTC-5.
  expect(found.tables.zone.timestamp).toEqual(
    ['T04:30Z', 'T05:30Z', 'T07:30Z'].map((time) => Date.parse(`2024-11-03${time}`)),
  );
  expect((await read(file)).tables.zone.timestamp[0]).toBe(Date.parse('2024-11-03T00:30Z'));
});

test('times with a zone are UTC whatever is named, dates are days', async () => {
  const zoned = await parquet(
    'zoned.parquet',
    "SELECT TIMESTAMPTZ '2024-01-30 18:00:00-05' AS time, 1.0::DOUBLE AS close",
  );
  expect((await read(zoned, { timezone: 'Asia/Tokyo' })).tables.zoned.timestamp).toEqual([T0]);
  const dated = await parquet('dated.parquet', "SELECT DATE '2024-01-30' AS date, 1.0::DOUBLE AS close");
  expect((await read(dated, { timezone: 'Asia/Tokyo' })).tables.dated.timestamp).toEqual([Date.UTC(2024, 0, 30)]);
});

test('whole numbers as times go by their magnitude, text by its form', async () => {
  const forms = [
    '1706655600::BIGINT',
    '1706655600000::BIGINT',
    '1706655600000000::BIGINT',
    '1706655600000000000::BIGINT',
    '1706655600::DOUBLE',
    "'2024-01-30 23:00:00'",
    "'2024-01-30T18:00:00-05:00'",
  ];
  for (const [k, form] of forms.entries()) {
    const file = await parquet(`form${k}.parquet`, `SELECT ${form} AS timestamp, 1.5::DOUBLE AS close`);
    expect((await read(file)).tables[`form${k}`].timestamp).toEqual([T0]);
  }
});

test('yfinance: tuples as names of columns, the time last, one ticker or several', async () => {
  const one = await parquet(
    'yf.parquet',
    "SELECT 11.0::DOUBLE AS \"('Close', 'AAPL')\", 12.0::DOUBLE AS \"('High', 'AAPL')\", 100::BIGINT AS " +
      "\"('Volume', 'AAPL')\", TIMESTAMP '2024-01-30 00:00:00' AS \"Date\"",
  );
  const day = Date.UTC(2024, 0, 30);
  expect((await read(one)).tables).toEqual({ AAPL: { timestamp: [day], high: [12], close: [11], volume: [100] } });
  const two = await parquet(
    'yf2.parquet',
    "SELECT 11.0::DOUBLE AS \"('Close', 'AAPL')\", 21.0::DOUBLE AS \"('Close', 'MSFT')\", 100::BIGINT AS " +
      "\"('Volume', 'AAPL')\", 200::BIGINT AS \"('Volume', 'MSFT')\", TIMESTAMP '2024-01-30 00:00:00' AS " +
      '"__index_level_0__"',
  );
  expect((await read(two)).tables).toEqual({
    AAPL: { timestamp: [day], close: [11], volume: [100] },
    MSFT: { timestamp: [day], close: [21], volume: [200] },
  });
});

test('symbols of a column, of a dictionary too, part the rows', async () => {
  const frame = pl.DataFrame({
    time: pl.Series('time', [new Date(T0), new Date(T0), new Date(T0 + 60_000)], pl.Datetime('ms')),
    symbol: pl.Series('symbol', ['A', 'B', 'A'], pl.String).cast(pl.Categorical),
    close: [1, 2, 3],
  });
  for (const compression of ['lz4', 'zstd', 'uncompressed'] as const) {
    const file = space.file(`${compression}.feather`, frame.writeIPC({ compression }));
    const { tables } = await read(file);
    expect(tables).toEqual({ A: { timestamp: [T0, T0 + 60_000], close: [1, 3] }, B: { timestamp: [T0], close: [2] } });
  }
});

test('freqtrade: a folder is read by pair and timeframe; other candle types are left out and named', async () => {
  const rows = (close: number) =>
    pl.DataFrame({
      date: pl.Series('date', [new Date(T0)], pl.Datetime('ms', 'UTC')),
      open: [1],
      high: [2],
      low: [1],
      close: [close],
      volume: [10],
    });
  const folder = space.at('user_data');
  const { mkdirSync } = await import('node:fs');
  mkdirSync(path.join(folder, 'futures'), { recursive: true });
  writeFileSync(path.join(folder, 'BTC_USDT-1h.feather'), rows(1.5).writeIPC({ compression: 'lz4' }));
  writeFileSync(path.join(folder, 'futures/ETH_USDT_USDT-1h-futures.parquet'), rows(1.75).writeParquet());
  writeFileSync(path.join(folder, 'futures/ETH_USDT_USDT-1h-mark.feather'), rows(9).writeIPC());
  writeFileSync(path.join(folder, 'futures/ETH_USDT_USDT-8h-funding_rate.feather'), rows(9).writeIPC());
  const { tables, reports } = await read(folder, { as: 'freqtrade' });
  expect(tables).toMatchObject({ 'BTC/USDT': { close: [1.5] }, 'ETH/USDT:USDT': { close: [1.75] } });
  expect(Object.keys(tables)).toHaveLength(2);
  expect(reports.filter(({ title }) => title.startsWith('left out')).map(({ title }) => title)).toEqual([
    'left out: mark prices',
    'left out: funding rates',
  ]);
});

test('numpy and blosc take the names that are given, structured arrays have their own', async () => {
  const columns = 'timestamp,close,volume';
  const first = { timestamp: 1706655600000, close: 0, volume: 0 };
  for (const name of ['table.npy', 'table-fortran.npy', 'raw.dat', 'compressed.npz', 'table-zstd.blosc']) {
    const { tables } = await read(path.join(fixtures, name), { columns, symbol: 'S' });
    expect(Object.fromEntries(Object.entries(tables.S).map(([key, values]) => [key, values[0]]))).toEqual(first);
  }
  expect((await read(path.join(fixtures, 'columns.npz'), { symbol: 'S' })).tables.S.volume[3]).toBe(1);
  const typed = await read(path.join(fixtures, 'raw.dat'), {
    columns: 'timestamp:float64,close,-:float64',
    symbol: 'S',
  });
  expect(Object.keys(typed.tables.S)).toEqual(['timestamp', 'close']);
  await expect(read(path.join(fixtures, 'raw.dat'))).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('--columns'),
  });
  await expect(read(path.join(fixtures, 'frame.pkl'))).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining('never loaded'),
  });
});

test('refusals name row and column, and never speak of UTF-8', async () => {
  const beyond = await parquet(
    'beyond.parquet',
    'SELECT 1706655600000 + i AS timestamp, 1.0::DOUBLE AS close, 9007199254740992 + i AS volume FROM range(3) r(i)',
  );
  await expect(read(beyond)).rejects.toMatchObject({ code: 'CORRUPT', column: 'volume' });
  const noTime = await parquet('notime.parquet', 'SELECT 1.0::DOUBLE AS open, 1.0::DOUBLE AS close');
  await expect(read(noTime)).rejects.toMatchObject({ message: expect.stringContaining('no time column') });
  const missing = await parquet(
    'missing.parquet',
    'SELECT CASE WHEN i = 1 THEN NULL ELSE 1706655600000 + i END AS timestamp, 1.0::DOUBLE AS close FROM range(3) r(i)',
  );
  await expect(read(missing)).rejects.toMatchObject({ code: 'CORRUPT', line: 2, column: 'timestamp' });
  const text = await parquet(
    'text.parquet',
    "SELECT 1706655600000 + i AS timestamp, 'x' || i AS close FROM range(3) r(i)",
  );
  await expect(read(text)).rejects.toMatchObject({ column: 'close' });
  const cut = space.file('cut.parquet', readFileSync(beyond).subarray(0, 60));
  const error = await read(cut).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'CORRUPT', path: cut });
  expect(error.message).not.toContain('UTF-8');
});

test('newest first is turned round, equal rows are taken once, others of one time are refused', async () => {
  const turned = await parquet(
    'turned.parquet',
    'SELECT 1706655600000 - i * 60000 AS timestamp, i::DOUBLE AS close FROM range(3) r(i)',
  );
  expect((await read(turned)).tables.turned.close).toEqual([2, 1, 0]);
  const twice = await parquet(
    'twice.parquet',
    'SELECT 1706655600000 AS timestamp, 1.0::DOUBLE AS close FROM range(2) r(i)',
  );
  expect((await read(twice)).tables.twice.close).toEqual([1]);
  const other = await parquet(
    'other.parquet',
    'SELECT 1706655600000 AS timestamp, i::DOUBLE AS close FROM range(2) r(i)',
  );
  await expect(read(other)).rejects.toMatchObject({ code: 'CORRUPT' });
  expect((await read(other, { duplicates: 'last' })).tables.other.close).toEqual([1]);
});
