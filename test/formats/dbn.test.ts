/** DBN of all three versions, written here field by field from the specification. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readDataset } from '../../src/dataset/dataset.js';
import { readDbn } from '../../src/formats/dbn/read.js';
import { isDbn } from '../../src/formats/magic.js';
import { chunksOf, collect } from './columnar.js';

interface Candle {
  readonly id?: number;
  readonly type?: number;
  readonly ns: bigint;
  readonly prices: readonly bigint[];
  readonly volume?: bigint;
}
interface Mapping {
  readonly name: string;
  readonly spans: readonly (readonly [from: number, to: number, mapped: string])[];
}

const PRICE = 1_000_000_000n;
const T0 = 1706655600000000000n;

function text(value: string, length: number) {
  const bytes = Buffer.alloc(length);
  bytes.write(value);
  return bytes;
}
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function header(version: number, mappings: readonly Mapping[], { stypeIn = 1, stypeOut = 0, tsOut = 0 } = {}) {
  const length = version === 1 ? 22 : 71;
  const parts = [
    text('GLBX.MDP3', 16),
    Buffer.alloc(2),
    Buffer.alloc(version === 1 ? 32 : 24),
    Buffer.from([stypeIn, stypeOut, tsOut]),
    ...(version === 1 ? [] : [Buffer.from([length, 0])]),
    Buffer.alloc(version === 1 ? 47 : 53),
    u32(0),
    u32(1),
    text('ES.FUT', length),
    u32(0),
    u32(1),
    text('NQH4', length),
    u32(mappings.length),
    ...mappings.flatMap(({ name, spans }) => [
      text(name, length),
      u32(spans.length),
      ...spans.flatMap(([from, to, mapped]) => [u32(from), u32(to), text(mapped, length)]),
    ]),
  ];
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x44, 0x42, 0x4e, version]), u32(body.length), body]);
}

function candle({ id = 5602, type = 0x21, ns, prices, volume = 10n }: Candle, extra = 0) {
  const bytes = Buffer.alloc(56 + extra);
  bytes[0] = bytes.length / 4;
  bytes[1] = type;
  bytes.writeUInt32LE(id, 4);
  bytes.writeBigUInt64LE(ns, 8);
  for (const [k, price] of prices.entries()) bytes.writeBigInt64LE(price, 16 + 8 * k);
  bytes.writeBigUInt64LE(volume, 48);
  return bytes;
}

const read = (bytes: Uint8Array, chunk?: number) => collect(readDbn(chunksOf(bytes, chunk), 'x.dbn'));
const ES = { name: 'ESH4', spans: [[20240130, 20240131, '5602']] } as const;
const prices = [4_825_250_000_000n, 4_826_000_000_000n, -37_630_000_000n, 4_825_000_000_001n];

test.each([1, 2, 3])('version %d: candles, symbols and times, cut anywhere', async (version) => {
  const rows = Array.from({ length: 9000 }, (_, k) =>
    candle({ ns: T0 + BigInt(k) * 60_000_000_000n, prices, volume: BigInt(k) }),
  );
  const bytes = Buffer.concat([header(version, [ES]), ...rows]);
  expect(isDbn(bytes)).toBe(true);
  const columns = await read(bytes, 997);
  expect(columns.ts_event).toMatchObject({ kind: 'time', clock: 'utc', unit: 'ns' });
  expect(columns.ts_event.values.at(-1)).toBe(1706655600000 + 8999 * 60_000);
  expect(columns.open.values[0]).toBe(4825.25);
  expect(columns.low.values[0]).toBe(-37.63);
  expect(columns.close.values[8999]).toBe(4825.000000001);
  expect(columns.volume.values[8999]).toBe(8999);
  expect(new Set(columns.symbol.values)).toEqual(new Set(['ESH4']));
});

test('the largest int64 is a missing price, and one that no double holds is refused', async () => {
  const max = 2n ** 63n - 1n;
  const missing = await read(Buffer.concat([header(3, [ES]), candle({ ns: T0, prices: [max, max, max, PRICE] })]));
  expect([missing.open.values[0], missing.close.values[0]]).toEqual([Number.NaN, 1]);
  const beyond = read(
    Buffer.concat([header(3, [ES]), candle({ ns: T0, prices: [2n ** 53n + 1n, PRICE, PRICE, PRICE] })]),
  );
  await expect(beyond).rejects.toMatchObject({ code: 'CORRUPT', column: 'open', line: 0 });
  const whole = await read(
    Buffer.concat([header(3, [ES]), candle({ ns: T0, prices: [12_345_678n * PRICE, PRICE, PRICE, PRICE] })]),
  );
  expect(whole.open.values).toEqual([12_345_678]);
});

test('a symbol follows the days of its mapping, whichever way round it is', async () => {
  const day = 86_400_000_000_000n;
  const roll = [
    {
      name: 'ES.c.0',
      spans: [
        [20240101, 20240201, '1'],
        [20240201, 20240301, '2'],
      ],
    },
    { name: 'ES.c.1', spans: [[20240101, 20240201, '2']] },
  ] as const;
  const rows = [
    candle({ id: 1, ns: T0, prices }),
    candle({ id: 2, ns: T0, prices }),
    candle({ id: 2, ns: T0 + 3n * day, prices }),
    candle({ id: 77, ns: T0, prices }),
  ];
  expect((await read(Buffer.concat([header(2, roll), ...rows]))).symbol.values).toEqual([
    'ES.c.0',
    'ES.c.1',
    'ES.c.0',
    '77',
  ]);
  const inverse = header(2, [{ name: '5602', spans: [[20240130, 20240131, 'ESH4']] }], { stypeIn: 0, stypeOut: 1 });
  expect((await read(Buffer.concat([inverse, candle({ ns: T0, prices })]))).symbol.values).toEqual(['ESH4']);
});

test('live data: mappings come as records, send times behind the candles are passed over', async () => {
  const mapping = Buffer.alloc(176);
  mapping[0] = mapping.length / 4;
  mapping[1] = 0x16;
  mapping.writeUInt32LE(5602, 4);
  text('ES.FUT', 71).copy(mapping, 17);
  text('ESH4', 71).copy(mapping, 17 + 71 + 1);
  const bytes = Buffer.concat([
    header(3, [], { tsOut: 1 }),
    mapping,
    candle({ ns: T0, prices }, 8),
    candle({ ns: T0 + 1_000_000_000n, prices }, 8),
  ]);
  const { symbol, ts_event } = await read(bytes);
  expect(symbol.values).toEqual(['ESH4', 'ESH4']);
  expect(ts_event.values).toEqual([1706655600000, 1706655601000]);
});

function trade(price: bigint, size: number, received: bigint, extra = 0) {
  const bytes = Buffer.alloc(48 + extra);
  bytes[0] = bytes.length / 4;
  bytes.writeUInt32LE(5602, 4);
  // Matched in another order than received.
  bytes.writeBigUInt64LE(T0 - received + T0, 8);
  bytes.writeBigInt64LE(price, 16);
  bytes.writeUInt32LE(size, 24);
  bytes.write('TA', 28);
  bytes.writeBigUInt64LE(received, 32);
  return bytes;
}

test('trades become candles by the time of their receipt', async () => {
  const minute = 60_000_000_000n;
  const trades = [
    trade(5n * PRICE, 3, T0 + 1n),
    trade(7n * PRICE, 1, T0 + 2_000_001n, 8),
    trade(4n * PRICE, 2, T0 + minute - 1n),
    trade(6n * PRICE, 4, T0 + minute),
  ];
  const bytes = Buffer.concat([header(3, [ES]), ...trades]);
  const columns = await read(bytes);
  expect(columns.ts_recv.values).toEqual([1706655600000, 1706655600002, 1706655659999, 1706655660000]);
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-dbn-'));
  try {
    const file = path.join(folder, 'glbx.trades.dbn');
    writeFileSync(file, bytes);
    const table = (await readDataset(file, { interval: '1m' })).table('ESH4');
    const rows = ['timestamp', 'open', 'high', 'low', 'close', 'volume'].map((name) => [...table.column(name)]);
    expect(rows).toEqual([
      [1706655600000, 1706655660000],
      ...[
        [5, 6],
        [7, 6],
        [4, 6],
        [4, 6],
        [6, 4],
      ],
    ]);
    await expect(readDataset(file)).rejects.toThrow(/trades.*--interval/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('other records, candles beside trades and candles of two intervals are refused by name', async () => {
  const quote = Buffer.alloc(80);
  quote[0] = 20;
  quote[1] = 1;
  await expect(read(Buffer.concat([header(3, [ES]), quote]))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('quotes'),
  });
  const both = [candle({ ns: T0, prices }), trade(PRICE, 1, T0)];
  await expect(read(Buffer.concat([header(3, [ES]), ...both]))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('candles of 1m and trades'),
  });
  const mixed = [candle({ ns: T0, prices }), candle({ ns: T0, type: 0x22, prices })];
  await expect(read(Buffer.concat([header(3, [ES]), ...mixed]))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('candles of 1m and candles of 1h'),
  });
  const undef = read(Buffer.concat([header(3, [ES]), candle({ ns: 2n ** 64n - 1n, prices })]));
  await expect(undef).rejects.toMatchObject({ code: 'CORRUPT', column: 'ts_event' });
});

test.each([
  [0x12, 'status'],
  [0x13, 'definition'],
  [0x14, 'imbalance'],
  [0x18, 'statistics'],
])('a file of records 0x%s alone is refused as what it is', async (type, schema) => {
  const record = candle({ type, ns: T0, prices });
  await expect(read(Buffer.concat([header(2, [ES]), record, record]))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(new RegExp(`holds .* \\(${schema}\\), no candles; download`)),
  });
});

test('truncated, damaged and foreign bytes are refused with their offset', async () => {
  const bytes = Buffer.concat([header(3, [ES]), candle({ ns: T0, prices }), candle({ ns: T0 + 1n, prices })]);
  for (const length of [0, 3, 7, 50, 120, 200, bytes.length - 1]) {
    await expect(read(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'CORRUPT', path: 'x.dbn' });
  }
  const version = Buffer.from(bytes);
  version[3] = 9;
  await expect(read(version)).rejects.toMatchObject({ code: 'FORMAT_VERSION' });
  const absurd = Buffer.from(bytes);
  absurd.writeUInt32LE(0xffff_ffff, 4);
  await expect(read(absurd)).rejects.toMatchObject({ code: 'CORRUPT', offset: 4 });
  for (let seed = 0; seed < 300; seed += 1) {
    const damaged = Buffer.from(bytes);
    damaged[(seed * 7919) % bytes.length] ^= 1 << (seed % 8);
    await read(damaged).catch((error) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/CORRUPT|UNSUPPORTED|FORMAT_VERSION/) }),
    );
  }
});
