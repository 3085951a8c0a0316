/** Tables in memory of other libraries, both ways. */
import { DuckDBInstance } from '@duckdb/node-api';
import * as arrow from 'apache-arrow';
import * as arquero from 'arquero';
import pl from 'nodejs-polars';
import { fromArrow } from '../../src/dataset/arrow.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { memoryTable } from '../../src/dataset/memory.js';
import { useWorkspace } from '../io/workspace.js';

const space = useWorkspace();
const T0 = Date.UTC(2024, 0, 30, 23);
const columns = {
  timestamp: Float64Array.of(T0, T0 + 60_000, T0 + 120_000),
  close: Float64Array.of(1.5, -0, Number.NaN),
  volume: BigInt64Array.of(1n, 2n, 3n),
};

test('an Arrow table lies over the columns of a mapped dataset, which are not copied', async () => {
  const dataset = await writeDataset(space.at('mapped'), { symbol: 'A', columns }, { layout: 'mapped' });
  const table = dataset.table('A');
  const made = await table.toArrow<arrow.Table>();
  expect(made.schema.fields.map(String)).toEqual([
    'timestamp: Timestamp<MILLISECOND, UTC>',
    'close: Float64',
    'volume: Int64',
  ]);
  const close = table.column('close');
  const { values } = made.getChild('close')!.data[0];
  expect(values.buffer).toBe(close.buffer);
  expect(values.byteOffset).toBe(close.byteOffset);
  expect(made.getChild('timestamp')!.get(1)).toBe(T0 + 60_000);
  const numbers = await table.toArrow<arrow.Table>({ columns: ['close'], times: 'numbers' });
  expect(numbers.schema.fields.map(String)).toEqual(['timestamp: Float64', 'close: Float64']);
  // As another library reads it.
  const frame = pl.readIPC(Buffer.from(arrow.tableToIPC(made, 'file')));
  expect(frame.getColumn('close').toArray()).toEqual([1.5, -0, Number.NaN]);
  dataset.close();
});

test('columns exported as Arrow are read unchanged', async () => {
  const made = await memoryTable('A', columns).toArrow<arrow.Table>();
  const [batch] = await fromArrow(made, { symbol: 'A' });
  expect(batch).toMatchObject({
    symbol: 'A',
    columns: { timestamp: columns.timestamp, close: columns.close, volume: Float64Array.of(1, 2, 3) },
  });
  const bytes = await fromArrow(arrow.tableToIPC(made), { symbol: 'A' });
  expect(bytes).toEqual([batch]);
});

const sources: readonly [string, () => Promise<unknown>][] = [
  [
    'nodejs-polars',
    async () =>
      pl.DataFrame({
        Date: pl.Series('Date', [new Date(T0), new Date(T0), new Date(T0 + 60_000)], pl.Datetime('us')),
        symbol: ['A', 'B', 'A'],
        Close: [1.5, 2.5, 3.5],
      }),
  ],
  [
    'DuckDB',
    async () => {
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      return connection.runAndReadAll(
        `SELECT TIMESTAMP '2024-01-30 23:00:00' + INTERVAL (m) MINUTE AS ts, s AS symbol, c::DECIMAL(9,2) AS close
         FROM (VALUES (0, 'A', 1.5), (0, 'B', 2.5), (1, 'A', 3.5)) v(m, s, c)`,
      );
    },
  ],
  [
    'arquero',
    async () =>
      arquero.table({
        time: [new Date(T0), new Date(T0), new Date(T0 + 60_000)],
        symbol: ['A', 'B', 'A'],
        close: Float64Array.of(1.5, 2.5, 3.5),
      }),
  ],
  [
    'arquero, filtered, ordered and grouped',
    async () =>
      arquero
        .table({
          time: [T0 + 60_000, T0, T0 + 120_000, T0],
          symbol: ['A', 'B', 'A', 'A'],
          close: [3.5, 2.5, 99, 1.5],
          high: [4, 3, 100, 2],
        })
        .filter((row: { close: number }) => row.close < 50)
        .orderby('time', 'symbol')
        .groupby('symbol'),
  ],
  [
    'arquero, computed',
    async () =>
      arquero
        .fromCSV('day,symbol,price\n2024-01-30T23:00:00Z,A,3\n2024-01-30T23:00:00Z,B,5\n2024-01-30T23:01:00Z,A,7\n')
        .derive({ close: (row: { price: number }) => row.price / 2 })
        .rename({ day: 'timestamp' })
        .select('timestamp', 'symbol', 'close'),
  ],
];

test.each(sources)('a table of %s is a source', async (name, make) => {
  const dataset = await writeDataset(space.at(name), (await make()) as never, { layout: 'mapped' });
  expect(dataset.symbols).toEqual(['A', 'B']);
  expect([...dataset.table('A').column('timestamp')]).toEqual([T0, T0 + 60_000]);
  expect([...dataset.table('A').column('close')]).toEqual([1.5, 3.5]);
  expect([...dataset.table('B').column('close')]).toEqual([2.5]);
  dataset.close();
});

test('a table that names no symbol needs one, and values that are none are refused', async () => {
  await expect(fromArrow(await memoryTable('A', columns).toArrow())).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('symbol'),
  });
  const odd = { columnNames: () => ['timestamp', 'close'], array: () => [{ a: 1 }] };
  await expect(fromArrow(odd, { symbol: 'A' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});
