/** Every encoding that the Parquet of an export has, over values that are hard on it, read back by two others and by us. */
import { readFileSync } from 'node:fs';
import pl from 'nodejs-polars';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { exportDataset } from '../../../src/dataset/export/export-dataset.js';
import type { Columns } from '../../../src/dtype.js';
import { bitsOf, readParquetFile } from '../../formats/columnar.js';
import { query, sameNaN, space, start } from './export-fixture.js';

let state = 20_260_301;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)];
const f64 = (rows: number, of: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => of(row));
const i64 = (rows: number, of: (row: number) => bigint) => BigInt64Array.from({ length: rows }, (_, row) => of(row));
const noise = (rows: number) => {
  const values = new Float64Array(rows);
  const words = new Uint32Array(values.buffer);
  for (let k = 0; k < words.length; k += 1) words[k] = Math.floor(random() * 2 ** 32);
  return values;
};
/** Doubles by the upper halves of their bits, which arithmetic would not keep. */
const bitsAs = (rows: number, upper: () => number) => {
  const words = new Uint32Array(2 * rows);
  for (let row = 0; row < rows; row += 1) words[2 * row + 1] = upper();
  return new Float64Array(words.buffer);
};
const payload = new Float64Array(Uint32Array.of(7, 0x7ff8_0001).buffer)[0];

/** Columns by the case they are; every length of run, width of bits, sign and extreme is somewhere among them. */
const patterns = (rows: number): Columns => ({
  constant: f64(rows, () => 42.125),
  onlyNaN: f64(rows, () => Number.NaN),
  onlyNegativeZero: f64(rows, () => -0),
  zeros: f64(rows, () => pick([0, -0])),
  extremes: f64(rows, () => pick([Infinity, -Infinity, Number.NaN, 5e-324, Number.MAX_VALUE, -0, 0])),
  signalling: bitsAs(rows, () => pick([0x7ff0_0001, 0xfff0_0001, 0x7ff8_0000, 0x3ff0_0000])),
  payloads: f64(rows, () => pick([payload, Number.NaN, 1.5])),
  noise: noise(rows),
  walk: f64(rows, (row) => 100 + Math.round(Math.sin(row / 50) * 400) / 100),
  longRuns: f64(rows, (row) => Math.floor(row / 100) / 8),
  shortRuns: f64(rows, (row) => Math.floor(row / 7) % 5),
  runsOf16: f64(rows, (row) => (Math.floor(row / 16) % 2 === 0 ? 1 : random() < 0.5 ? 2 : 3)),
  lastDiffers: f64(rows, (row) => (row === rows - 1 ? 7 : 6)),
  single: Float32Array.from({ length: rows }, () => pick([0, -0, 1e-45, 3.4e38, Number.NaN, 0.1])),
  singleNoise: Float32Array.from({ length: rows }, random),
  int32: Int32Array.from({ length: rows }, () => pick([-(2 ** 31), 2 ** 31 - 1, 0, -1])),
  int32Noise: Int32Array.from({ length: rows }, () => Math.floor((random() - 0.5) * 2 ** 32)),
  int8: Int8Array.from({ length: rows }, (_, row) => row),
  uint8: Uint8Array.from({ length: rows }, (_, row) => 255 - row),
  uint16: Uint16Array.from({ length: rows }, () => pick([0, 65_535])),
  uint32: Uint32Array.from({ length: rows }, () => pick([0, 4_294_967_295, 2 ** 31])),
  int64Edges: i64(rows, () => pick([-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n])),
  int64Far: i64(rows, (row) => -(2n ** 63n) + BigInt(row * row)),
  int64Near2e53: i64(rows, (row) => 2n ** 53n + BigInt(row % 2)),
  int64Widths: i64(rows, (row) => (1n << BigInt(row % 51)) * (row % 3 === 0 ? -1n : 1n)),
  uint64Few: BigUint64Array.from({ length: rows }, () => pick([0n, 2n ** 64n - 1n, 2n ** 63n])),
  uint64Many: BigUint64Array.from({ length: rows }, (_, row) => 2n ** 64n - 1n - BigInt(row) * 977n),
});

/** Doubles stay where they are: copied one by one, signalling NaN may become quiet. */
const asDoubles = (values: Iterable<unknown>) =>
  values instanceof Float64Array ? values : Float64Array.from(values, Number);

const rowCounts = [1, 2, 7, 8, 9, 127, 128, 129, 130, 2999];

test.each(rowCounts)('%i rows of every pattern are read by DuckDB, polars and hyparquet as they were', async (rows) => {
  const columns: Columns = { timestamp: f64(rows, (row) => start + row * 60_000 + (row % 3)), ...patterns(rows) };
  const dataset = await writeDataset(space.at(`${rows}`), { symbol: 'A', columns }, { layout: 'mapped' });
  for (const compression of rows < 1000 ? (['snappy'] as const) : (['none', 'snappy', 'gzip'] as const)) {
    const file = space.at(`${rows}-${compression}.parquet`);
    await exportDataset(dataset, file, { compression });
    const duck = await query(`SELECT epoch_ms(timestamp) AS timestamp, * EXCLUDE (timestamp) FROM '${file}'`);
    const polars = pl.readParquet(readFileSync(file));
    // Integers beyond 2^53 are refused by our reader, which makes doubles of them.
    const doubles = space.at(`${rows}-${compression}-doubles.parquet`);
    await exportDataset(dataset, doubles, {
      compression,
      columns: Object.keys(columns).filter((it) => !/int64/.test(it)),
    });
    const own = await readParquetFile(doubles);
    for (const [name, values] of Object.entries(columns)) {
      const bits = sameNaN([...values].map(Number));
      expect({ name, bits: sameNaN(duck[name].map(Number)) }).toEqual({ name, bits });
      expect({ name, values: [...duck[name]].slice(-3).map(String) }).toEqual({
        name,
        values: [...values].slice(-3).map(String),
      });
      if (name !== 'timestamp') {
        expect({ name, bits: sameNaN(polars.getColumn(name).toArray().map(Number)) }).toEqual({ name, bits });
      }
      if (own[name] !== undefined) {
        expect({ name, bits: bitsOf(asDoubles(own[name].values)) }).toEqual({ name, bits: bitsOf(asDoubles(values)) });
      }
    }
  }
  dataset.close();
});

test('a row group that is full, and one row more; statistics leave out no row that a filter wants', async () => {
  const rows = 65_537;
  const columns = {
    timestamp: f64(rows, (row) => start + row * 60_000),
    close: f64(rows, (row) => (row === 65_535 ? Number.NaN : row === 3 ? -0 : row + 1)),
    volume: f64(rows, (row) => (row % 5 === 0 ? 0 : row / 3)),
  };
  const dataset = await writeDataset(space.at('full'), { symbol: 'A', columns });
  const file = space.at('full.parquet');
  await exportDataset(dataset, file);
  const groups = await query(
    `SELECT path_in_schema AS name, row_group_num_rows AS n, stats_min_value AS least, stats_max_value AS most FROM parquet_metadata('${file}') ORDER BY row_group_id, column_id`,
  );
  expect(groups.n.map(Number)).toEqual([65_536, 65_536, 65_536, 1, 1, 1]);
  // NaN is above all numbers in DuckDB: a group that has one may not be left out. Zeros are written as the wider range.
  expect(groups.most[1]).toBeNull();
  expect([groups.least[2], groups.most[2]].map(Number)).toEqual([-0, 65_534 / 3]);
  expect(groups.least[3]).toMatch(/^2024-02-15 12:16:00/);
  const counts = await query(
    `SELECT count(*) FILTER (close > 1e9) AS above, count(*) FILTER (close = 0) AS zero, count(*) FILTER (volume <= 0) AS none FROM '${file}'`,
  );
  const filtered = async (where: string) =>
    Number((await query(`SELECT count(*) AS n FROM '${file}' WHERE ${where}`)).n[0]);
  expect([counts.above, counts.zero, counts.none].map((it) => Number(it[0]))).toEqual([1, 1, 13_108]);
  expect(await filtered('close > 1e9')).toBe(1);
  expect(await filtered('close = 0')).toBe(1);
  expect(await filtered('volume <= 0')).toBe(13_108);
  expect(await filtered("timestamp >= '2024-02-15 12:16:00+00'")).toBe(1);
  dataset.close();
});

test('rows of one file carry their own symbol, in groups that several share', async () => {
  const symbols = ['Ünï😀', 'BTC/USDT', 'A', 'a very long name of a symbol, longer than what statistics hold'];
  const dataset = await writeDataset(
    space.at('symbols'),
    symbols.map((symbol, k) => ({
      symbol,
      columns: { timestamp: f64(30_000 + k, (row) => start + row), close: f64(30_000 + k, () => k) },
    })),
  );
  const file = space.at('symbols.parquet');
  await exportDataset(dataset, file, { layout: 'file' });
  const found = await query(
    `SELECT symbol, count(*) AS n, min(close) AS least, max(close) AS most FROM '${file}' GROUP BY symbol ORDER BY least`,
  );
  expect(found.symbol).toEqual(symbols);
  expect(found.n.map(Number)).toEqual(symbols.map((_, k) => 30_000 + k));
  expect(found.least).toEqual(found.most);
  for (const [k, symbol] of symbols.entries()) {
    const { n } = await query(`SELECT count(*) AS n FROM '${file}' WHERE symbol = '${symbol}'`);
    expect(Number(n[0])).toBe(30_000 + k);
  }
  dataset.close();
});
