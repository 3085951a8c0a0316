/** Parquet and Arrow files of an export, read back by DuckDB, polars and arrow-js: the same bits. */
import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';
import * as arrow from 'apache-arrow';
import pl from 'nodejs-polars';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { exportDataset } from '../../../src/dataset/export/export-dataset.js';
import { bitsOf, readParquetFile } from '../../formats/columnar.js';
import { columns, make, numbers, query, ROWS, sameNaN, space, start } from './export-fixture.js';

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

test('parquet: prices in a dictionary, times as differences, bits of zero and NaN, gzip by option', async () => {
  const rows = 70_000;
  const walk = Float64Array.from({ length: rows }, (_, k) => 100 + ((k * 7919) % 3001) / 100);
  const source = {
    timestamp: Float64Array.from({ length: rows }, (_, k) => start + k * 60_000),
    close: walk,
    // The same values, and one negative zero: no dictionary may be used.
    signed: walk.map((value, k) => (k === rows - 1 ? -0 : value)),
    big: BigUint64Array.from({ length: rows }, (_, k) => 2n ** 64n - 1n - BigInt(k)),
    id: BigInt64Array.from({ length: rows }, (_, k) => -(2n ** 63n) + BigInt(k % 5)),
  };
  const dataset = await writeDataset(space.at('pages'), { symbol: 'A', columns: source }, { layout: 'mapped' });
  const bytes: Record<string, number> = {};
  for (const compression of ['none', 'snappy', 'gzip'] as const) {
    const file = space.at(`pages-${compression}.parquet`);
    bytes[compression] = (await exportDataset(dataset, file, { compression })).bytes;
    const kinds = await query(
      `SELECT path_in_schema AS name, encodings, any_value(compression) AS codec FROM parquet_metadata('${file}') ` +
        'WHERE row_group_id = 0 GROUP BY ALL',
    );
    const encodings = Object.fromEntries(kinds.name.map((name, k) => [name, String(kinds.encodings[k])]));
    expect(encodings).toMatchObject({ timestamp: 'DELTA_BINARY_PACKED', id: 'DELTA_BINARY_PACKED' });
    expect(encodings.close).toContain('RLE_DICTIONARY');
    expect(new Set(kinds.codec)).toEqual(
      new Set([compression === 'none' ? 'UNCOMPRESSED' : compression.toUpperCase()]),
    );
    const found = await query(`SELECT epoch_ms(timestamp) ms, close, signed, big, id FROM '${file}'`);
    for (const name of ['close', 'signed'] as const) {
      expect(bitsOf(found[name] as number[])).toBe(bitsOf(source[name]));
    }
    expect(found.ms.map(Number)).toEqual([...source.timestamp]);
    expect(found.big).toEqual([...source.big]);
    expect(found.id).toEqual([...source.id]);
    const floats = space.at(`floats-${compression}.parquet`);
    await exportDataset(dataset, floats, { compression, columns: ['close', 'signed'] });
    const own = await readParquetFile(floats);
    expect(bitsOf(own.signed.values)).toBe(bitsOf(source.signed));
    expect(bitsOf(own.close.values)).toBe(bitsOf(source.close));
  }
  expect(bytes.gzip).toBeLessThan(bytes.snappy);
  expect(bytes.snappy).toBeLessThan(bytes.none);
  const zstd = exportDataset(dataset, space.at('pages-zstd.parquet'), { compression: 'zstd' });
  if ('zstdCompressSync' in zlib) {
    await zstd;
    const found = await query(`SELECT signed FROM '${space.at('pages-zstd.parquet')}'`);
    expect(bitsOf(found.signed as number[])).toBe(bitsOf(source.signed));
  } else {
    console.warn('left out: Parquet with Zstandard, which this Node does not have');
    await expect(zstd).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  }
  await expect(exportDataset(dataset, space.at('x.csv'), { compression: 'gzip' })).rejects.toMatchObject({
    code: 'ARGUMENT',
  });
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
    `SELECT symbol, count(*) AS n FROM read_parquet('${space.at('hive-out')}/*/*.parquet', hive_partitioning = ` +
      'true) GROUP BY symbol ORDER BY n',
  );
  expect(found.symbol).toEqual(['ÄÖ', 'BTC/USDT']);
  dataset.close();
});

test('arrow: polars and arrow-js read the same values; buffers begin at multiples of 64 bytes', async () => {
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
