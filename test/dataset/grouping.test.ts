/** Rows of alternating symbols on their way into blocks: memory is shared among the symbols, and no row is lost. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type GroupSchema, groupBySymbol } from '../../src/dataset/grouping.js';
import type { RowBatch } from '../../src/formats/batch.js';
import { Spill } from '../../src/formats/order/spill.js';

const SCHEMA: GroupSchema = ['timestamp', 'open', 'high', 'low', 'close', 'volume'].map((name) => ({
  name,
  dtype: 'float64',
}));

/** Batches of 8192 rows in the order of `symbolOf`; the volume of a row is its number. */
async function* batches(rows: number, symbolOf: (row: number) => string): AsyncGenerator<RowBatch> {
  for (let from = 0; from < rows; from += 8192) {
    const count = Math.min(8192, rows - from);
    const columns = SCHEMA.map(({ name }) =>
      Float64Array.from({ length: count }, (_, k) => (name === 'timestamp' ? 1.7e12 + 1000 * (from + k) : from + k)),
    );
    yield {
      ...{ rows: count, schema: SCHEMA, columns, timestampAt: 0, isMixed: true },
      symbolAt: (row) => symbolOf(from + row),
      locationOf: (row) => ({ text: `row ${from + row}` }),
    };
  }
}

/** Lengths of the blocks of each symbol, and the sum of the volumes, which tells a lost row. */
async function blocksOf(rows: number, symbolOf: (row: number) => string) {
  const lengths = new Map<string, number[]>();
  let sum = 0;
  const total = await groupBySymbol(batches(rows, symbolOf), {
    writeBlock: (symbol, _, count, columns) => {
      lengths.set(symbol, [...(lengths.get(symbol) ?? []), count]);
      for (const volume of columns[5]) sum += Number(volume);
    },
  });
  expect([total, sum]).toEqual([rows, (rows * (rows - 1)) / 2]);
  return lengths;
}

test('a thousand symbols have equal shares: blocks of hundreds of rows, and no others', async () => {
  const lengths = await blocksOf(700_000, (row) => `S${row % 1000}`);
  expect(lengths.size).toBe(1000);
  for (const blocks of lengths.values()) {
    expect(blocks.slice(0, -1).every((rows) => rows >= 256)).toBe(true);
    expect(blocks.length).toBeLessThanOrEqual(3);
  }
});

test('a symbol with most of the rows has whole blocks beside hundreds with few', async () => {
  const lengths = await blocksOf(900_000, (row) => (row % 16 === 0 ? `S${(row / 16) % 700}` : 'MAIN'));
  expect(Math.min(...lengths.get('MAIN')!.slice(0, -1))).toBeGreaterThan(4096);
});

test('runs of a symbol, and single rows up to the end of a block, lose nothing', async () => {
  for (const length of [1, 3, 7, 15, 16, 17, 700]) {
    const lengths = await blocksOf(120_000, (row) => `S${Math.floor(row / length) % 3}`);
    expect([...lengths.keys()].sort()).toEqual(['S0', 'S1', 'S2']);
  }
});

test('rows that were put aside on disk leave the memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const spill = new Spill();
  const held: WeakRef<RowBatch>[] = [];
  for await (const batch of batches(3 * 8192, () => 'S')) {
    spill.add(batch, undefined);
    held.push(new WeakRef(batch));
  }
  await new Promise(setImmediate);
  collect();
  // The loop may hold the last one.
  expect(held.slice(0, 2).map((one) => one.deref() === undefined)).toEqual([true, true]);
  expect([...spill.forwards()].map(({ batch }) => batch.columns[5][8191])).toEqual([8191, 16_383, 24_575]);
  spill.close();
});
