/** Parquet that DuckDB and polars have written, and bytes that nobody should have. */
import { readFileSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import pl from 'nodejs-polars';
import { hostileDoubles } from '../dataset/history-files.js';
import { useWorkspace } from '../io/workspace.js';
import { bitsOf, readParquetFile } from './columnar.js';

const space = useWorkspace();

async function sql(...statements: string[]) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const statement of statements) await connection.run(statement);
  return connection;
}

/** What a SELECT gives, written by DuckDB and read by us. */
async function written(name: string, select: string, options = '') {
  const file = space.at(`${name}.parquet`);
  await sql(`COPY (${select}) TO '${file}' (FORMAT parquet${options === '' ? '' : `, ${options}`})`);
  return readParquetFile(file);
}

test.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4', 'lz4_raw', 'brotli'])(
  'pages compressed with %s hold the same bits',
  async (codec) => {
    // Its own Brotli encoder takes half a minute for as many rows as the others.
    const rows = codec === 'brotli' ? 20_000 : 300_000;
    const select = `SELECT (i * 60000000000 + 1706655600000000000)::BIGINT::BIGINT AS t, sqrt(i) * 100 AS close,
      CASE WHEN i % 7 = 0 THEN NULL ELSE round(i / 3, 2) END AS volume, CASE WHEN i % 2 = 0 THEN 'A' ELSE 'BÄ' END AS symbol
      FROM range(${rows}) r(i)`;
    const { close, volume, symbol } = await written(codec, select, `COMPRESSION ${codec}, ROW_GROUP_SIZE 100000`);
    expect(bitsOf(close.values)).toBe(bitsOf(Array.from({ length: rows }, (_, i) => Math.sqrt(i) * 100)));
    expect(volume.values[7]).toBeNaN();
    expect(volume.values[8]).toBe(2.67);
    expect(symbol.values.slice(0, 3)).toEqual(['A', 'BÄ', 'A']);
  },
  60_000,
);

test('every bit pattern of a double that polars writes is read back', async () => {
  const values = hostileDoubles(1000);
  const file = space.at('bits.parquet');
  const bytes = pl.DataFrame({ x: pl.Series('x', values, pl.Float64) }).writeParquet({ compression: 'zstd' });
  writeFileSync(file, bytes);
  const { x } = await readParquetFile(file);
  expect(bitsOf(x.values)).toBe(bitsOf([...values]));
  expect(x.values.map((value) => Object.is(value, -0))).toContain(true);
});

test('timestamps of every unit, with and without a zone, and dates are UTC ms', async () => {
  const columns = await written(
    'times',
    `SELECT TIMESTAMP_S '2024-01-30 23:00:00' AS s, TIMESTAMP_MS '2024-01-30 23:00:00.123' AS ms,
      TIMESTAMP '2024-01-30 23:00:00.123456' AS us, TIMESTAMP_NS '2024-01-30 23:00:00.123456' AS ns,
      TIMESTAMPTZ '2024-01-30 23:00:00.123+00' AS tz, DATE '1969-12-31' AS d`,
  );
  const at = Date.UTC(2024, 0, 30, 23);
  expect(columns.s).toMatchObject({ kind: 'time', values: [at], clock: 'local' });
  expect(columns.ms).toMatchObject({ values: [at + 123], clock: 'local' });
  expect(columns.us).toMatchObject({ values: [at + 123.456], unit: 'us' });
  expect(columns.ns).toMatchObject({ values: [at + 123.456], unit: 'ns' });
  expect(columns.tz).toMatchObject({ values: [at + 123], clock: 'utc' });
  expect(columns.d).toMatchObject({ values: [-86_400_000], clock: 'date' });
});

test('ns that ms could not distinguish are refused, never joined', async () => {
  const two = `SELECT epoch_ns(TIMESTAMP_NS '2024-01-30 00:00:00') + i AS n, make_timestamp_ns(epoch_ns(TIMESTAMP_NS '2024-01-30 00:00:00') + i) AS t FROM range(2) r(i)`;
  await expect(written('ns', `SELECT t FROM (${two})`)).rejects.toMatchObject({
    code: 'CORRUPT',
    column: 't',
    line: 1,
  });
});

test('decimals are the doubles nearest to their text, of every width, and refused where a double has too few digits', async () => {
  const columns = await written(
    'decimals',
    `SELECT 0.07::DECIMAL(4,2) AS a, 57.57::DECIMAL(9,2) AS b, 1234567890.12::DECIMAL(18,6) AS c,
      12345678901234.5::DECIMAL(38,1) AS d, (-0.000001)::DECIMAL(38,30) AS e`,
  );
  expect(Object.fromEntries(Object.entries(columns).map(([name, { values }]) => [name, values[0]]))).toEqual({
    a: 0.07,
    b: 57.57,
    c: 1234567890.12,
    d: 12345678901234.5,
    e: -0.000001,
  });
  const tooLong = written(
    'long',
    'SELECT 1::DECIMAL(38,1) AS d UNION ALL SELECT 12345678901234567890.5::DECIMAL(38,1)',
  );
  await expect(tooLong).rejects.toMatchObject({ code: 'CORRUPT', column: 'd', line: 1 });
});

test('int64 beyond 2^53 is refused with row and column; smaller integers of every width are exact', async () => {
  const big = written('big', 'SELECT 9007199254740993::BIGINT AS volume');
  await expect(big).rejects.toMatchObject({ code: 'CORRUPT', line: 0, column: 'volume' });
  const { a, b, c } = await written(
    'ints',
    'SELECT (-128)::TINYINT AS a, 4294967295::UINTEGER AS b, 9007199254740992::UBIGINT AS c',
  );
  expect([a.values[0], b.values[0], c.values[0]]).toEqual([-128, 4294967295, 2 ** 53]);
});

test('nested columns are refused by name', async () => {
  await expect(written('list', 'SELECT 1 AS close, [1, 2] AS levels')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    column: 'levels',
  });
  await expect(written('struct', "SELECT {'a': 1} AS s")).rejects.toMatchObject({ code: 'UNSUPPORTED', column: 's' });
});

test('a file without rows has no batches, a truncated or foreign one is CORRUPT with its path', async () => {
  expect(await written('empty', 'SELECT 1 AS close WHERE false')).toEqual({});
  await written('whole', 'SELECT i AS close FROM range(1000) r(i)');
  const bytes = readFileSync(space.at('whole.parquet'));
  for (const length of [0, 3, 4, 8, 100, bytes.length - 1]) {
    const file = space.file('cut.parquet', bytes.subarray(0, length));
    await expect(readParquetFile(file)).rejects.toMatchObject({ code: 'CORRUPT', path: file });
  }
  for (let seed = 0; seed < 60; seed += 1) {
    const damaged = Buffer.from(bytes);
    damaged[(seed * 7919) % bytes.length] ^= 1 << (seed % 8);
    const file = space.file('damaged.parquet', damaged);
    // There is no checksum in Parquet: what is not noticed must still not be an error of another kind.
    await readParquetFile(file).catch((error) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/CORRUPT|UNSUPPORTED/) }),
    );
  }
});
