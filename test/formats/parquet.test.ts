/** Parquet that DuckDB and polars have written, and bytes that nobody should have. */
import { readFileSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import pl from 'nodejs-polars';
import { areAllPresent } from '../../src/formats/parquet/levels.js';
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
      CASE WHEN i % 7 = 0 THEN NULL ELSE round(i / 3, 2) END AS volume,
      CASE WHEN i % 2 = 0 THEN 'A' ELSE 'BÄ' END AS symbol
      FROM range(${rows}) r(i)`;
    const { close, volume, symbol } = await written(codec, select, `COMPRESSION ${codec}, ROW_GROUP_SIZE 100000`);
    expect(bitsOf(close.values)).toBe(bitsOf(Array.from({ length: rows }, (_, i) => Math.sqrt(i) * 100)));
    expect(volume.values[7]).toBeNaN();
    expect(volume.values[8]).toBe(2.67);
    expect(symbol.values.slice(0, 3)).toEqual(['A', 'BÄ', 'A']);
  },
  60_000,
);

test.each([
  ['one page for a row group of 150,000 rows', 'COMPRESSION snappy, ROW_GROUP_SIZE 200000', 150_000],
  ['several row groups, the last one short', 'COMPRESSION zstd, ROW_GROUP_SIZE 100000', 270_001],
  ['the second version of the format', 'COMPRESSION snappy, PARQUET_VERSION v2', 150_000],
  ['one row', 'COMPRESSION uncompressed', 1],
])('%s: plain, dictionary and missing values come as they were written', async (name, options, rows) => {
  const columns = await written(
    name.replaceAll(/\W/g, '-'),
    `SELECT i * 60000 AS whole, random_like AS plain, round(i % 90 / 3, 2) AS few,
      CASE WHEN i < 70000 THEN NULL ELSE i / 4 END AS late, CASE WHEN i % 1000 = 999 THEN NULL ELSE i % 50 END AS rare,
      'S' || (i % 3) AS symbol FROM (SELECT i, sqrt(i) * 1e5 AS random_like FROM range(${rows}) r(i))`,
    options,
  );
  const all = (value: (i: number) => number) => bitsOf(Array.from({ length: rows }, (_, i) => value(i)));
  const bits = Object.fromEntries(
    Object.entries(columns).flatMap(([title, { values, kind }]) => (kind === 'text' ? [] : [[title, bitsOf(values)]])),
  );
  expect(bits).toEqual({
    whole: all((i) => i * 60_000),
    plain: all((i) => Math.sqrt(i) * 1e5),
    few: all((i) => Math.round(((i % 90) / 3) * 100) / 100),
    late: all((i) => (i < 70_000 ? Number.NaN : i / 4)),
    rare: all((i) => (i % 1000 === 999 ? Number.NaN : i % 50)),
  });
  expect(columns.symbol.values.every((value, i) => value === `S${i % 3}`)).toBe(true);
});

test.each([
  ['no level, no row', [], 0, true],
  ['one run', [20, 1], 10, true],
  ['a run of missing values', [20, 0], 10, false],
  ['a run that is too short', [18, 1], 10, false],
  ['single bits, what is behind the last row aside', [5, 255, 0b11], 10, true],
  ['single bits, one of them 0', [5, 255, 0b01], 10, false],
  ['runs of both kinds', [3, 255, 4, 1], 10, true],
  ['a run of two bytes', [0x88, 0x27, 1], 2500, true],
  ['bytes that end early', [0x88], 2500, false],
  ['a run of nothing', [1, 1, 1], 10, false],
])('definition levels: %s', (_, bytes, rows, expected) => {
  expect(areAllPresent(Uint8Array.from(bytes), bytes.length, rows)).toBe(expected);
});

test('a page that refers beyond its dictionary, or is longer than its column, is CORRUPT', async () => {
  const file = space.at('damaged.parquet');
  await sql(
    `COPY (SELECT i % 90 / 3.0 AS x FROM range(5000) r(i)) TO '${file}' (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  const whole = readFileSync(file);
  const outcomes = new Set<string>();
  for (let at = 4; at < 1200; at += 7) {
    const bytes = Uint8Array.from(whole);
    bytes[at] ^= 0xff;
    writeFileSync(file, bytes);
    await readParquetFile(file).then(
      () => outcomes.add('other values'),
      (error) => outcomes.add(`${error.code} ${error.path === file}`),
    );
  }
  // Plain values have no checksum: a damaged one is another value.
  expect([...outcomes].sort()).toEqual(['CORRUPT true', 'other values']);
});

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
  const two =
    "SELECT epoch_ns(TIMESTAMP_NS '2024-01-30 00:00:00') + i AS n, make_timestamp_ns(epoch_ns(TIMESTAMP_NS " +
    "'2024-01-30 00:00:00') + i) AS t FROM range(2) r(i)";
  await expect(written('ns', `SELECT t FROM (${two})`)).rejects.toMatchObject({
    code: 'CORRUPT',
    column: 't',
    line: 1,
  });
});

test('decimals of every width are the nearest doubles, or refused where a double has too few digits', async () => {
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
