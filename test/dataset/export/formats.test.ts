/** Each format of an export, read back by an independent implementation and by our own readers: the same bits. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import * as arrow from 'apache-arrow';
import pl from 'nodejs-polars';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { exportDataset } from '../../../src/dataset/export/export-dataset.js';
import { readNpy } from '../../../src/formats/npy/read.js';
import { bitsOf, chunksOf, collect, readArrowFile, readParquetFile } from '../../formats/columnar.js';
import { useWorkspace } from '../../io/workspace.js';
import { hostileDoubles } from '../history-files.js';

const space = useWorkspace();
const ROWS = 70_000;
const start = Date.UTC(2024, 0, 1);
const columns = {
  timestamp: Float64Array.from({ length: ROWS }, (_, k) => start + k * 60_000),
  close: hostileDoubles(ROWS),
  volume: Float64Array.from({ length: ROWS }, (_, k) => k / 3),
  trades: BigInt64Array.from({ length: ROWS }, (_, k) => BigInt(k) - 5n),
  small: Int16Array.from({ length: ROWS }, (_, k) => (k % 60_000) - 30_000),
  single: Float32Array.from({ length: ROWS }, (_, k) => Math.sqrt(k)),
  unsigned: Uint32Array.from({ length: ROWS }, (_, k) => 4_294_967_295 - k),
};

async function make(name: string, layout: 'mapped' | 'packed' = 'mapped') {
  const source = [
    { symbol: 'BTC/USDT', columns },
    {
      symbol: 'ÄÖ',
      columns: Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, values.subarray(0, 100)])),
    },
  ];
  return writeDataset(space.at(name), source as never, { layout });
}
const numbers = (values: Iterable<number | bigint>) => [...values].map(Number);

/** For readers whose JavaScript side makes every NaN the same one. */
const sameNaN = (values: Iterable<number>) =>
  bitsOf(Array.from(values, (value) => (Number.isNaN(value) ? Number.NaN : value)));

async function query(sql: string) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.runAndReadAll(sql)).getColumnsObject() as Record<string, unknown[]>;
}

test.each(['parquet', 'arrow', 'feather', 'npy'] as const)(
  '%s: our own reader gives back every bit',
  async (format) => {
    const dataset = await make(format, format === 'arrow' ? 'packed' : 'mapped');
    const file = space.at(`own.${format}`);
    const report = await exportDataset(dataset, file, { format, layout: 'file' });
    expect(report).toMatchObject({
      format,
      rows: ROWS + 100,
      files: [{ path: file, bytes: readFileSync(file).length }],
    });
    const read = {
      parquet: readParquetFile,
      arrow: readArrowFile,
      feather: readArrowFile,
      npy: (one: string) => collect(readNpy(chunksOf(readFileSync(one), 100_003), { path: one, name: 'x' })),
    }[format];
    const found = await read(file);
    expect(found.timestamp).toMatchObject({ kind: 'time', unit: 'ms' });
    expect(bitsOf(found.timestamp.values)).toBe(bitsOf([...columns.timestamp, ...columns.timestamp.subarray(0, 100)]));
    expect(bitsOf(found.close.values.slice(0, ROWS))).toBe(bitsOf([...columns.close]));
    for (const name of ['volume', 'trades', 'small', 'single', 'unsigned'] as const) {
      expect(bitsOf(found[name].values.slice(0, ROWS))).toBe(bitsOf(numbers(columns[name])));
    }
    expect(found.symbol.values[0]).toBe('BTC/USDT');
    expect(found.symbol.values[ROWS]).toBe('ÄÖ');
    dataset.close();
  },
);

test('parquet: DuckDB reads the same values and types', async () => {
  const dataset = await make('duck');
  await exportDataset(dataset, space.at('duck.parquet'));
  const file = space.at('duck.parquet');
  const types = await query(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '${file}')`);
  expect(Object.fromEntries(types.column_name.map((name, k) => [name, types.column_type[k]]))).toEqual({
    timestamp: 'TIMESTAMP WITH TIME ZONE',
    close: 'DOUBLE',
    volume: 'DOUBLE',
    trades: 'BIGINT',
    small: 'SMALLINT',
    single: 'FLOAT',
    unsigned: 'BIGINT',
    symbol: 'VARCHAR',
  });
  const rows = await query(
    `SELECT epoch_ms(timestamp) AS ms, close, trades, unsigned, symbol FROM '${file}' WHERE symbol = 'BTC/USDT'`,
  );
  expect(bitsOf(numbers(rows.ms as bigint[]))).toBe(bitsOf([...columns.timestamp]));
  expect(sameNaN(rows.close as number[])).toBe(sameNaN(columns.close));
  expect(bitsOf(numbers(rows.trades as bigint[]))).toBe(bitsOf(numbers(columns.trades)));
  expect(bitsOf(numbers(rows.unsigned as bigint[]))).toBe(bitsOf(numbers(columns.unsigned)));
  dataset.close();
});

test('parquet in folders: DuckDB takes the symbol from the folder', async () => {
  const dataset = await make('hive');
  const report = await exportDataset(dataset, space.at('hive-out'), {
    format: 'parquet',
    layout: 'hive',
    columns: ['close'],
  });
  expect(report.files.map(({ path, rows }) => [path.replace(space.at('hive-out'), ''), rows])).toEqual([
    ['/symbol=BTC%2FUSDT/data.parquet', ROWS],
    ['/symbol=%C3%84%C3%96/data.parquet', 100],
  ]);
  const found = await query(
    `SELECT symbol, count(*) AS n FROM read_parquet('${space.at('hive-out')}/*/*.parquet', hive_partitioning = true) GROUP BY symbol ORDER BY n`,
  );
  expect(found.symbol).toEqual(['ÄÖ', 'BTC/USDT']);
  dataset.close();
});

test('arrow: polars and arrow-js read the same values; every buffer begins at a multiple of 64 bytes of the file', async () => {
  const dataset = await make('polars');
  const file = space.at('polars.arrow');
  await exportDataset(dataset, file);
  const frame = pl.readIPC(readFileSync(file));
  expect(frame.height).toBe(ROWS + 100);
  expect(frame.schema).toMatchObject({
    timestamp: pl.Datetime('ms', 'UTC'),
    close: pl.Float64,
    trades: pl.Int64,
    single: pl.Float32,
  });
  expect(sameNaN(frame.getColumn('close').toArray().slice(0, ROWS) as number[])).toBe(sameNaN(columns.close));
  expect(bitsOf(numbers(frame.getColumn('trades').toArray() as bigint[]).slice(0, ROWS))).toBe(
    bitsOf(numbers(columns.trades)),
  );
  expect(frame.getColumn('symbol').cast(pl.String).toArray()[ROWS]).toBe('ÄÖ');
  const bytes = readFileSync(file);
  const table = arrow.tableFromIPC(bytes);
  expect(table.schema.fields.map(String)).toContain('timestamp: Timestamp<MILLISECOND, UTC>');
  for (const batch of table.batches) {
    for (const column of batch.data.children) {
      const { byteOffset, buffer } = column.values as Uint8Array;
      expect((byteOffset - bytes.byteOffset) % 64).toBe(0);
      expect(buffer).toBe(bytes.buffer);
    }
  }
  dataset.close();
});

const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);
if (python === undefined) console.warn('left out: numpy reads .npy (Debian: python3-numpy)');

(python === undefined ? test.skip : test)('npy: numpy reads the same bits, with times as datetime64', async () => {
  const dataset = await make('numpy');
  await exportDataset(dataset, space.at('numpy.npy'));
  const program = `
import numpy as np, sys
a = np.load(sys.argv[1], mmap_mode='r')
assert a.dtype['timestamp'] == np.dtype('<M8[ms]'), a.dtype
assert str(a['timestamp'][1]) == '2024-01-01T00:01:00.000', a['timestamp'][1]
assert a['symbol'][-1] == 'ÄÖ', a['symbol'][-1]
assert len(a) == ${ROWS + 100}
import hashlib; sys.stdout.write('${ROWS} ' + hashlib.sha256(a['close'][:${ROWS}].tobytes()).hexdigest())
`;
  const hex = execFileSync(python!, ['-c', program, space.at('numpy.npy')], { encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(hex).toBe(bitsOf([...columns.close]));
  dataset.close();
});

test('csv and ndjson hold the shortest decimals, missing numbers as nothing, -0 with its sign', async () => {
  const source = {
    timestamp: Float64Array.of(1000, 2000, 3000, 4000),
    close: Float64Array.of(0.1, Number.NaN, -0, 9.417e-5),
    'volume, usd': Float64Array.of(1e21, 1413, 5e-324, 1e-4),
  };
  const dataset = await writeDataset(space.at('text'), { symbol: 'A', columns: source }, { layout: 'mapped' });
  await exportDataset(dataset, space.at('text.csv'));
  expect(readFileSync(space.at('text.csv'), 'utf8')).toBe(
    'timestamp,close,"volume, usd"\n1000,0.1,1e+21\n2000,,1413\n3000,-0,5e-324\n4000,9.417e-05,0.0001\n',
  );
  await exportDataset(dataset, space.at('text.ndjson'));
  const lines = readFileSync(space.at('text.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[1]).toEqual({ timestamp: 2000, close: null, 'volume, usd': 1413 });
  expect(Object.is(lines[2].close, -0)).toBe(true);
  dataset.close();
});

test('an infinite number is refused by CSV, with its location, and nothing is left', async () => {
  const dataset = await writeDataset(space.at('infinite'), {
    symbol: 'A',
    columns: { timestamp: Float64Array.of(1, 2), close: Float64Array.of(1, Number.POSITIVE_INFINITY) },
  });
  await expect(exportDataset(dataset, space.at('infinite.csv'))).rejects.toMatchObject({
    code: 'ARGUMENT',
    column: 'close',
  });
  expect(spawnSync('ls', ['-A', space.directory], { encoding: 'utf8' }).stdout).not.toMatch(/infinite\.csv/);
  dataset.close();
});

test('fractions of ms are written as µs, and read back as the same doubles', async () => {
  const timestamp = Float64Array.from({ length: 1000 }, (_, k) => start + k + (123 + (k % 7)) / 1000);
  const dataset = await writeDataset(space.at('micros'), {
    symbol: 'A',
    columns: { timestamp, close: new Float64Array(1000) },
  });
  for (const ending of ['parquet', 'arrow'] as const) {
    await exportDataset(dataset, space.at(`micros.${ending}`));
    const { timestamp: found } = await { parquet: readParquetFile, arrow: readArrowFile }[ending](
      space.at(`micros.${ending}`),
    );
    expect(found).toMatchObject({ unit: 'us', values: [...timestamp] });
  }
  dataset.close();
});

test('freqtrade, ccxt, backtest-kit and LEAN files have the names and shapes of their owners', async () => {
  const candles = (step: number) => ({
    timestamp: Float64Array.of(start, start + step, start + 2 * step),
    open: Float64Array.of(1, 2, 3),
    high: Float64Array.of(2, 3, 4),
    low: Float64Array.of(0.5, 1, 2),
    close: Float64Array.of(1.5, 2.5, Number.NaN),
    volume: Float64Array.of(10, 20, 30),
  });
  const dataset = await writeDataset(space.at('owners'), [
    { symbol: 'BTC/USDT', columns: candles(60_000) },
    { symbol: 'PEPE/USDT:USDT', columns: candles(3_600_000) },
  ]);
  const names = async (format: 'freqtrade' | 'ccxt' | 'backtest-kit' | 'lean', options = {}) => {
    const { files } = await exportDataset(dataset, space.at(`${format}-out`), { format, ...options });
    return files.map(({ path }) => path.replace(`${space.at(`${format}-out`)}/`, ''));
  };
  expect(await names('freqtrade')).toEqual(['BTC_USDT-1m.json', 'futures/PEPE_USDT_USDT-1h-futures.json']);
  const rows = [
    [start, 1, 2, 0.5, 1.5, 10],
    [start + 60_000, 2, 3, 1, 2.5, 20],
    [start + 120_000, 3, 4, 2, null, 30],
  ];
  expect(JSON.parse(readFileSync(space.at('freqtrade-out/BTC_USDT-1m.json'), 'utf8'))).toEqual(rows);
  expect(await names('ccxt')).toEqual(['BTC_USDT.json', 'PEPE_USDT_USDT.json']);
  expect(JSON.parse(readFileSync(space.at('ccxt-out/BTC_USDT.json'), 'utf8'))).toEqual(rows);
  expect((await names('backtest-kit', { symbols: ['BTC/USDT'] }))[1]).toBe(`binance/BTCUSDT/1m/${start + 60_000}.json`);
  expect(JSON.parse(readFileSync(space.at(`backtest-kit-out/binance/BTCUSDT/1m/${start}.json`), 'utf8'))).toEqual({
    timestamp: start,
    open: 1,
    high: 2,
    low: 0.5,
    close: 1.5,
    volume: 10,
  });
  expect(await names('lean')).toEqual([
    'crypto/binance/minute/btcusdt/20240101_trade.zip',
    'crypto/binance/hour/pepeusdtusdt_trade.zip',
  ]);
  if (spawnSync('python3', ['--version']).status === 0) {
    const text = execFileSync(
      'python3',
      [
        '-c',
        'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; n, = z.namelist(); print(n); print(z.read(n).decode(), end="")',
        space.at('lean-out/crypto/binance/minute/btcusdt/20240101_trade.zip'),
      ],
      { encoding: 'utf8' },
    );
    expect(text).toBe('20240101_btcusdt_minute_trade.csv\n0,1,2,0.5,1.5,10\n60000,2,3,1,2.5,20\n120000,3,4,2,NaN,30\n');
  }
  dataset.close();
});

test('range, columns, symbols and interval choose what is written', async () => {
  const dataset = await make('choice');
  const read = async (options: object) => {
    const file = space.at(`choice-${Math.random()}.csv`);
    await exportDataset(dataset, file, options);
    return readFileSync(file, 'utf8').trim().split('\n');
  };
  const some = await read({ symbols: ['ÄÖ'], columns: ['Volume'], fromMs: start + 60_000, toMs: start + 180_000 });
  expect(some).toEqual(['timestamp,volume', `${start + 60_000},${1 / 3}`, `${start + 120_000},${2 / 3}`]);
  const hours = await read({ symbols: ['ÄÖ'], columns: ['volume'], interval: '1h' });
  expect(hours).toHaveLength(3);
  await expect(read({ symbols: ['XX'] })).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(read({ columns: ['clse'] })).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('"close"'),
  });
  await expect(read({ format: 'xls' })).rejects.toMatchObject({ code: 'ARGUMENT' });
  dataset.close();
  writeFileSync(space.at('there.csv'), 'mine');
  const again = await make('again');
  await expect(
    exportDataset(again, space.at('there.csv'), { symbols: ['ÄÖ'], columns: ['volume'] }),
  ).rejects.toMatchObject({ code: 'IO' });
  expect(readFileSync(space.at('there.csv'), 'utf8')).toBe('mine');
  again.close();
});
