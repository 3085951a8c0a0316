/** Datasets as tables of DuckDB: the same rows and bits, and only what a query needs is read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  type Dataset,
  type DatasetLayout,
  type DirectoryDataset,
  memoryTable,
  openDataset,
  registerDataset,
  writeDataset,
} from 'atc-memory';
import fc from 'fast-check';
import { type QueryResult, queryDataset } from '../../src/dataset/sql/query.js';
import { rangeOfFilter, rangeOfPlan } from '../../src/dataset/sql/scan-range.js';
import { candleColumns, hostileDoubles } from './history-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-sql-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const START = 1_600_000_000_000;
const SYMBOLS = ['BTC', 'ETH', "O'X) AND (1 = 1"];
const written = (layout: DatasetLayout, rows = 3000): Promise<DirectoryDataset> =>
  writeDataset(
    path.join(folder, 'set'),
    SYMBOLS.map((symbol, k) => ({ symbol, columns: candleColumns(rows, k + 1) })),
    { layout },
  );

async function withDuckDB<Result>(use: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function query(dataset: DirectoryDataset, sql: string): Promise<{ rows: string[]; range: QueryResult['range'] }> {
  const rows: string[] = [];
  let range: QueryResult['range'] = {};
  await queryDataset(dataset, sql, {}, async (result) => {
    range = result.range;
    for await (const portion of result.portions()) rows.push(...portion.map((row) => row.map(String).join('|')));
  });
  return { rows, range };
}

test.each<DatasetLayout>(['mapped', 'packed'])('%s: every row of every symbol, with its bits', async (layout) => {
  const times = Float64Array.from({ length: 5000 }, (_, row) => START + row * 60_000 + (row % 3) / 8);
  const close = hostileDoubles(5000);
  const id = BigInt64Array.from({ length: 5000 }, (_, row) => 2n ** 62n - BigInt(row));
  const dataset = await writeDataset(
    path.join(folder, 'bits'),
    [
      { symbol: 'A', columns: { timestamp: times, close, id, small: Int8Array.from(times, (_, row) => row) } },
      { symbol: 'B', columns: { timestamp: times.slice(0, 1), close: close.slice(0, 1) } },
    ],
    { layout },
  );
  await withDuckDB(async (connection) => {
    await registerDataset(connection, dataset);
    const sql = 'select symbol, close, id, small, epoch_us("timestamp") us from candles';
    const [symbols, , ids, smalls, micros] = (await connection.runAndReadAll(sql)).getColumns();
    expect(symbols).toEqual([...Array(5000).fill('A'), 'B']);
    // Not as numbers of JavaScript, which need not keep the payload of a NaN.
    const chunks = await (await connection.run('select close from candles')).fetchAllChunks();
    const bits = chunks.map((chunk) => Object(chunk.getColumnVector(0)).items as Float64Array);
    const bytes = Buffer.concat(bits.map((items) => Buffer.from(items.buffer, items.byteOffset, items.byteLength)));
    expect(bytes.subarray(0, 40_000).equals(Buffer.from(close.buffer))).toBe(true);
    expect(ids.slice(0, 5000)).toEqual([...id]);
    expect([ids[5000], smalls[5000]]).toEqual([null, null]);
    expect(micros.slice(0, 5000)).toEqual([...times].map((ms) => BigInt(ms * 1000)));
  });
  dataset.close();
});

test('columns, symbols and times that a query does not need are not read', async () => {
  const dataset = await written('packed');
  const asked: [string, number, number, string[]][] = [];
  const watched: Dataset = {
    symbols: dataset.symbols,
    table: (symbol) => {
      const table = dataset.table(symbol);
      const note = (inner: ReturnType<Dataset['table']>): ReturnType<Dataset['table']> =>
        new Proxy(inner, {
          get(target, name) {
            if (name === 'range') return (from: number, to: number) => note(target.range(from, to));
            if (name === 'blocks') {
              return (names: string[], range?: { to?: number }) => {
                if (range?.to !== 1) asked.push([symbol, target.length, Number(target.column('timestamp')[0]), names]);
                return target.blocks(names, range);
              };
            }
            return Reflect.get(target, name);
          },
        });
      return note(table);
    },
    append: () => Promise.reject(new Error('not here')),
    close: () => undefined,
  };
  await withDuckDB(async (connection) => {
    const restriction = { symbols: ['ETH', 'none'], fromMs: START + 600_000, toMs: START + 660_001 };
    await registerDataset(connection, watched, { name: 'eth', ...restriction });
    await connection.run('select max(close) from eth');
    expect(asked).toEqual([['ETH', 2, START + 600_000, ['close']]]);
    asked.length = 0;
    await registerDataset(connection, watched, { name: 'everything' });
    const { value } = Object(
      (await connection.runAndReadAll('select count(*) as value from everything')).getRowObjects()[0],
    );
    expect([value, asked]).toEqual([9000n, []]);
  });
  dataset.close();
});

const at = (row: number) => `'${new Date(START + row * 60_000).toISOString().slice(0, 19).replace('T', ' ')}'`;

test('the symbols and times to read are found in the plan of the query', async () => {
  const dataset = await written('mapped');
  const { rows, range } = await query(
    dataset,
    `with one as (select * from candles where symbol = 'BTC' and timestamp >= timestamp ${at(10)} + interval 1 minute)
     select one.close, two.close from one join candles two on one.timestamp = two.timestamp and two.symbol = 'ETH'
     where two.timestamp < ${at(14)} order by one.timestamp`,
  );
  expect(range).toEqual({ symbols: new Set(['BTC', 'ETH']), fromMs: START + 11 * 60_000, toMs: START + 14 * 60_000 });
  const closes = (symbol: string) => [...dataset.table(symbol).column('close').slice(11, 14)];
  const [btc, eth] = [closes('BTC'), closes('ETH')];
  expect(rows).toEqual(btc.map((close, k) => `${close}|${eth[k]}`));
  const many = await query(dataset, `select count(*) from candles where symbol in ('BTC','b','c','d','e','f','g','h')`);
  expect([many.rows, many.range.symbols?.size]).toEqual([['3000'], 8]);
  const quoted = await query(dataset, `select count(*) from candles where symbol = 'O''X) AND (1 = 1'`);
  expect([quoted.rows, quoted.range.symbols]).toEqual([['3000'], new Set([SYMBOLS[2]])]);
  dataset.close();
});

test('filters that only look like restrictions restrict nothing', () => {
  const btc = "(CAST(symbol AS VARCHAR) = 'BTC')";
  const early = "(timestamp < '2020-01-01 00:00:00'::TIMESTAMP)";
  const some: readonly (readonly [string, object])[] = [
    [btc, { symbols: new Set(['BTC']) }],
    [`(NOT ${btc})`, {}],
    [`(${btc} OR (close > 5.0))`, {}],
    [`((close > 5.0) AND ${btc})`, { symbols: new Set(['BTC']) }],
    [`COALESCE(${btc}, true)`, {}],
    [`(CASE  WHEN (${btc}) THEN (true) ELSE false END)`, {}],
    [
      `((timestamp BETWEEN '2020-01-01 00:00:00'::TIMESTAMP AND '2020-01-02 00:00:00.0005'::TIMESTAMP) AND ${btc})`,
      { symbols: new Set(['BTC']), fromMs: 1577836800000, toMs: 1577923200000.5 },
    ],
    [`(NOT (timestamp BETWEEN '2020-01-01 00:00:00'::TIMESTAMP AND '2020-01-02 00:00:00'::TIMESTAMP))`, {}],
    [`(${early} OR (timestamp > '2021-01-01 00:00:00'::TIMESTAMP))`, {}],
    [`(close = '(CAST(symbol AS VARCHAR) = ''BTC'')')`, {}],
    [`(other = 'x' AND ${btc}`, {}],
    ["(CAST(symbol AS VARCHAR) = lower('BTC'))", {}],
    ["(CAST(symbol AS VARCHAR) IN ('BTC', 'a,b'))", { symbols: new Set(['BTC', 'a,b']) }],
    ["(CAST(symbol AS VARCHAR) IN ('BTC', lower('X')))", {}],
    ["(CAST(symbol AS VARCHAR) != 'BTC')", {}],
    ["(timestamp < '20000-01-01 00:00:00'::TIMESTAMP)", {}],
    ["(timestamp = (timestamp - '1 day'::INTERVAL))", {}],
  ];
  for (const [text, range] of some) expect([text, rangeOfFilter(text)]).toEqual([text, range]);
  const scan = { name: 'SCAN', extra_info: { Function: 'ATC_SCAN_1' } };
  const filter = { name: 'FILTER', extra_info: { Expression: btc }, children: [scan] };
  expect(rangeOfPlan([filter], 'atc_scan_1', 1)).toEqual({ symbols: new Set(['BTC']) });
  expect(rangeOfPlan([filter], 'atc_scan_1', 2)).toEqual({});
  expect(rangeOfPlan([{ name: 'CROSS_PRODUCT', children: [filter, scan] }], 'atc_scan_1', 2)).toEqual({});
  const projected = { ...filter, children: [{ name: 'PROJECTION', children: [scan] }] };
  expect(rangeOfPlan([projected], 'atc_scan_1', 1)).toEqual({});
});

test('random conditions give the same rows as over all of the dataset', async () => {
  const dataset = await written('packed', 400);
  const time = fc.integer({ min: -5, max: 405 }).map(at);
  const symbol = fc.constantFrom('BTC', 'ETH', "O''X) AND (1 = 1", 'none', 'btc');
  const comparison = fc.oneof(
    fc
      .tuple(fc.constantFrom('=', '<>', '>', 'is not distinct from'), symbol)
      .map(([sign, one]) => `symbol ${sign} '${one}'`),
    fc
      .array(symbol, { minLength: 1, maxLength: 9 })
      .map((all) => `symbol in (${all.map((one) => `'${one}'`).join(', ')})`),
    fc.tuple(fc.constantFrom('=', '<>', '<', '<=', '>', '>='), time).map(([sign, ms]) => `timestamp ${sign} ${ms}`),
    fc.tuple(time, time).map(([from, to]) => `timestamp between ${from} and ${to}`),
    time.map((ms) => `date_trunc('hour', timestamp) = date_trunc('hour', timestamp ${ms})`),
    fc.constantFrom('close > 100', "lower(symbol) = 'btc'", "symbol like 'B%'"),
  );
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      comparison,
      fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} and ${b})`),
      fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} or ${b})`),
      tie('condition').map((one) => `not (${one})`),
    ),
  }));
  await withDuckDB(async (connection) => {
    await registerDataset(connection, dataset);
    let restricted = 0;
    const run = async (one: string, two: string) => {
      const sql =
        `select count(*), sum(volume), min(timestamp), max(timestamp) from (select * from candles where ${one}) a ` +
        `where ${two} union all select count(*), 0, min(b.timestamp), max(c.timestamp) from candles b left join ` +
        'candles c on b.timestamp = c.timestamp and c.symbol <> b.symbol and ' +
        `(${one.replace(/\b(symbol|timestamp|close)\b(?! ')/g, 'c.$1')}) where ` +
        `${two.replace(/\b(symbol|timestamp|close)\b(?! ')/g, 'b.$1')}`;
      const expected = (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(String).join('|'));
      const found = await query(dataset, sql);
      if (Object.keys(found.range).length > 0) restricted += 1;
      const rounded = (rows: string[]) =>
        rows.map((row) => row.replace(/\d+\.\d{5,}/g, (all) => Number(all).toFixed(3)));
      expect(rounded(found.rows)).toEqual(rounded(expected));
    };
    await fc.assert(fc.asyncProperty(condition, condition, run), { numRuns: 40, seed: 3 });
    expect(restricted).toBeGreaterThan(5);
  });
  dataset.close();
}, 120_000);

test('what SQL cannot tell apart, and wrong arguments, are refused', async () => {
  const times = Float64Array.of(0, 1 / 3);
  const table = (symbol: string, columns: object) => memoryTable(symbol, { timestamp: times, ...columns });
  const datasetOf = (...tables: ReturnType<typeof memoryTable>[]): Dataset => ({
    symbols: tables.map(({ symbol }) => symbol),
    table: (symbol) => tables.find((one) => one.symbol === symbol)!,
    append: () => Promise.reject(new Error('not here')),
    close: () => undefined,
  });
  await withDuckDB(async (connection) => {
    const a = table('A', { close: times });
    const refused = (dataset: unknown, options?: object) =>
      expect(registerDataset(connection, dataset as Dataset, options)).rejects;
    await refused(datasetOf(a, table('B', { Close: times }))).toMatchObject({ code: 'UNSUPPORTED' });
    await refused(datasetOf(a, table('B', { close: Float32Array.of(1, 2) }))).toMatchObject({ code: 'UNSUPPORTED' });
    await refused(datasetOf(table('A', { symbol: times }))).toMatchObject({ code: 'UNSUPPORTED' });
    await refused(datasetOf(a), { tabel: 'x' }).toMatchObject({ code: 'ARGUMENT' });
    await refused(null).toMatchObject({ code: 'ARGUMENT' });
    await registerDataset(connection, datasetOf(a));
    await expect(connection.run('select timestamp from candles')).rejects.toThrow(/no whole microsecond/);
    await registerDataset(connection, datasetOf(a), { times: 'numbers' });
    expect((await connection.runAndReadAll('select timestamp from candles')).getColumns()).toEqual([[0, 1 / 3]]);
  });
  const dataset = await written('packed', 10);
  await expect(query(dataset, 'selec 1')).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(query(dataset, 'select 1; select 2')).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(query(dataset, '')).rejects.toMatchObject({ code: 'ARGUMENT' });
  dataset.close();
});

test('a snapshot is a table of its own', async () => {
  const dataset = await written('packed', 100);
  await dataset.snapshot('old');
  await dataset.upsert('BTC', [{ timestamp: START, close: 7, volume: 7 }]);
  const old = await openDataset(dataset.directory, { asOf: 'old' });
  await withDuckDB(async (connection) => {
    await registerDataset(connection, dataset, { name: 'now' });
    await registerDataset(connection, old, { name: 'before' });
    const sql =
      'select now.close, before.close from now join before using (symbol, timestamp) where now.close <> before.close';
    const [[changed]] = (await connection.runAndReadAll(sql)).getRows();
    expect(changed).toBe(7);
  });
  old.close();
  dataset.close();
});
