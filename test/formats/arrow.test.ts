/** Arrow files and streams that polars and arrow-js have written, and bytes that nobody should have. */
import { readFileSync, writeFileSync } from 'node:fs';
import * as arrow from 'apache-arrow';
import pl from 'nodejs-polars';
import { readArrow } from '../../src/formats/arrow/read.js';
import { hostileDoubles } from '../dataset/history-files.js';
import { useWorkspace } from '../io/workspace.js';
import { bitsOf, chunksOf, collect, readArrowFile } from './columnar.js';

const space = useWorkspace();
const read = (bytes: Uint8Array, length?: number) => collect(readArrow(chunksOf(bytes, length), 'x.arrow'));

const ROWS = 50_000;
const frame = pl.DataFrame({
  timestamp: pl.Series(
    'timestamp',
    BigInt64Array.from({ length: ROWS }, (_, k) => 1706655600000n + 60000n * BigInt(k)),
    pl.Int64,
  ),
  close: pl.Series(
    'close',
    Float64Array.from({ length: ROWS }, (_, k) => Math.sqrt(k) * 100),
    pl.Float64,
  ),
  volume: pl.Series(
    'volume',
    Array.from({ length: ROWS }, (_, k) => (k % 7 === 0 ? null : k / 8)),
    pl.Float64,
  ),
  symbol: pl.Series(
    'symbol',
    Array.from({ length: ROWS }, (_, k) => ['A', 'BÄ', 'a symbol that is longer than twelve bytes'][k % 3]),
    pl.String,
  ),
});

test.each(['uncompressed', 'lz4', 'zstd'] as const)(
  'an IPC file of polars with %s bodies holds the same bits',
  async (compression) => {
    const { timestamp, close, volume, symbol } = await read(frame.writeIPC({ compression }));
    expect(timestamp.values.slice(0, 2)).toEqual([1706655600000, 1706655660000]);
    expect(bitsOf(close.values)).toBe(bitsOf(Array.from({ length: ROWS }, (_, k) => Math.sqrt(k) * 100)));
    expect(volume.values.slice(6, 9)).toEqual([0.75, Number.NaN, 1]);
    expect(symbol.values.slice(0, 4)).toEqual(['A', 'BÄ', 'a symbol that is longer than twelve bytes', 'A']);
  },
);

test('a stream is read as a file is, whatever its chunks', async () => {
  const table = arrow.tableFromArrays({
    close: hostileDoubles(5000),
    n: Int32Array.from({ length: 5000 }, (_, k) => k),
  });
  for (const [kind, length] of [
    ['stream', 64],
    ['file', 1 << 20],
    ['stream', 1],
  ] as const) {
    const small = length === 1 ? table.slice(0, 20) : table;
    const { close, n } = await read(arrow.tableToIPC(small, kind), length);
    expect(bitsOf(close.values)).toBe(bitsOf(hostileDoubles(5000).subarray(0, small.numRows)));
    expect(n.values.at(-1)).toBe(small.numRows - 1);
  }
});

test('timestamps of every unit, with and without a zone, are UTC ms', async () => {
  const units = ['SECOND', 'MILLISECOND', 'MICROSECOND', 'NANOSECOND'] as const;
  const at = 1706655600n;
  const factors = [1n, 1000n, 1_000_000n, 1_000_000_000n];
  for (const zone of [null, 'UTC', 'America/New_York']) {
    const children = Object.fromEntries(
      units.map((unit, k) => {
        const type = new arrow.Timestamp(arrow.TimeUnit[unit], zone);
        return [
          unit,
          arrow.makeVector(arrow.makeData({ type, data: BigInt64Array.of(at * factors[k], -at * factors[k]) })),
        ];
      }),
    );
    const columns = await read(arrow.tableToIPC(new arrow.Table(children as never), 'stream'));
    for (const unit of units) {
      expect(columns[unit]).toMatchObject({
        kind: 'time',
        values: [1706655600000, -1706655600000],
        clock: zone === null ? 'local' : 'utc',
      });
    }
  }
});

test('polars datetimes and dates keep their unit and zone', async () => {
  const day = new Date('2024-01-30T00:00:00Z');
  const dates = pl.DataFrame({ d: pl.Series('d', [day], pl.Date), t: pl.Series('t', [day], pl.Datetime('us')) });
  const { d, t } = await read(dates.writeIPC());
  expect(d).toMatchObject({ values: [day.getTime()], clock: 'date' });
  expect(t).toMatchObject({ values: [day.getTime()], clock: 'local', unit: 'us' });
});

test('ns that ms could not distinguish are refused, never joined', async () => {
  const type = new arrow.TimestampNanosecond();
  const data = BigInt64Array.of(1706655600000000000n, 1706655600000000001n);
  const table = new arrow.Table({ t: arrow.makeVector(arrow.makeData({ type, data })) } as never);
  await expect(read(arrow.tableToIPC(table))).rejects.toMatchObject({ code: 'CORRUPT', column: 't', line: 1 });
});

test('symbols of a dictionary are text, missing ones null, over batches that add to it', async () => {
  const categories = pl.DataFrame({
    s: pl.Series('s', ['A', 'B', null, 'A'], pl.String).cast(pl.Categorical),
    x: [1, 2, 3, 4],
  });
  for (const compression of ['uncompressed', 'zstd', 'lz4'] as const) {
    const { s } = await read(categories.writeIPC({ compression }));
    expect(s).toMatchObject({ kind: 'text', values: ['A', 'B', null, 'A'] });
  }
  const vector = arrow.vectorFromArray(['X', 'Y', 'X', null], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()));
  const { s } = await read(arrow.tableToIPC(new arrow.Table({ s: vector })));
  expect(s.values).toEqual(['X', 'Y', 'X', null]);
});

test('integers, halves, booleans and decimals are exact or refused', async () => {
  const int64 = (value: bigint) =>
    read(arrow.tableToIPC(new arrow.Table({ v: arrow.makeVector(BigInt64Array.of(value)) })));
  expect((await int64(-(2n ** 53n))).v.values).toEqual([-(2 ** 53)]);
  await expect(int64(2n ** 53n + 1n)).rejects.toMatchObject({ code: 'CORRUPT', column: 'v' });
  const half = arrow.makeVector(
    arrow.makeData({ type: new arrow.Float16(), data: Uint16Array.of(0x3c00, 0xc500, 0x0001, 0x7c00) }),
  );
  expect((await read(arrow.tableToIPC(new arrow.Table({ half } as never)))).half.values).toEqual([
    1,
    -5,
    2 ** -24,
    Number.POSITIVE_INFINITY,
  ]);
  const bool = arrow.vectorFromArray([true, false, null], new arrow.Bool());
  expect((await read(arrow.tableToIPC(new arrow.Table({ bool })))).bool.values).toEqual([1, 0, Number.NaN]);
  const words = Uint32Array.of(5757, 0, 0, 0, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff);
  const price = arrow.makeVector(
    arrow.makeData({ type: new arrow.Decimal(2, 10, 128), data: words, length: 2 } as never),
  );
  expect((await read(arrow.tableToIPC(new arrow.Table({ price } as never)))).price.values).toEqual([57.57, -0.01]);
});

test('nested columns and Feather version 1 are refused with advice', async () => {
  const list = arrow.vectorFromArray([[1, 2]], new arrow.List(new arrow.Field('item', new arrow.Float64())));
  await expect(read(arrow.tableToIPC(new arrow.Table({ list } as never)))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    column: 'list',
  });
  await expect(read(Buffer.from('FEA1........'))).rejects.toMatchObject({ code: 'UNSUPPORTED', path: 'x.arrow' });
});

test('truncated and damaged files are CORRUPT with their path', async () => {
  const bytes = frame.head(500).writeIPC({ compression: 'lz4' });
  for (const length of [0, 4, 7, 20, 300, 2000, Math.floor(bytes.length / 2)]) {
    const cut = read(bytes.subarray(0, length));
    await expect(cut).rejects.toMatchObject({ code: 'CORRUPT', path: 'x.arrow' });
  }
  for (let seed = 0; seed < 100; seed += 1) {
    const damaged = Buffer.from(bytes);
    damaged[(seed * 7919) % bytes.length] ^= 1 << (seed % 8);
    await read(damaged).catch((error) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/CORRUPT|UNSUPPORTED/) }),
    );
  }
});

test('a Feather file on disk is an IPC file', async () => {
  writeFileSync(space.at('candles.feather'), frame.writeIPC({ compression: 'lz4' }));
  expect(readFileSync(space.at('candles.feather')).subarray(0, 6).toString()).toBe('ARROW1');
  expect(Object.keys(await readArrowFile(space.at('candles.feather')))).toEqual([
    'timestamp',
    'close',
    'volume',
    'symbol',
  ]);
});
