/** A `close` of every dtype, and one that no return can be computed of: the same result, or an error with a code. */
import { type Columns, DTYPES, type Dtype, dtypeOf } from '../../src/dtype.js';
import { memoryTable, runBacktest, type Strategy, type TableBlock } from '../../src/index.js';

const DAY_MS = 86_400_000;
const ROWS = 90;

const CONSTRUCTORS = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

function columnOf(dtype: Dtype, values: readonly number[]) {
  if (dtype === 'int64' || dtype === 'uint64') return CONSTRUCTORS[dtype].from(values.map(BigInt));
  return CONSTRUCTORS[dtype].from(values);
}

const wholePrices = Array.from({ length: ROWS }, (_, row) => 60 + Math.round(20 * Math.sin(row / 5)));

/** Arithmetic on closes, which bigint would refuse: long while above the close before. */
function momentum(seen: TableBlock[] = []): Strategy<number> {
  return {
    name: 'momentum',
    columns: ['close'],
    start: () => {
      let before = Number.NaN;
      return {
        push: (block) => {
          seen.push(block);
          const closes = block.columns.close as Float64Array;
          const signal = Float64Array.from(closes, (close) => {
            const change = close - before;
            before = close;
            return Number.isNaN(change) ? 0 : change;
          });
          return { signal };
        },
        finish: () => before + 1,
      };
    },
  };
}

function datasetOf(columns: Columns) {
  const table = memoryTable('A', { timestamp: Float64Array.from({ length: ROWS }, (_, i) => i * DAY_MS), ...columns });
  return { symbols: ['A'], table: () => table, append: async () => undefined, close: () => undefined };
}

test.each(DTYPES)('closes of dtype %s are traded as their values', async (dtype) => {
  const want = await runBacktest(datasetOf({ close: Float64Array.from(wholePrices) }), momentum());
  const got = await runBacktest(datasetOf({ close: columnOf(dtype, wholePrices) }), momentum());
  expect(got).toEqual(want);
  expect(typeof got.symbols[0].lastClose).toBe('number');
});

test('rows for a sink have the column as it is stored', async () => {
  const dtypes: unknown[] = [];
  const rows = { write: (_: string, block: TableBlock) => void dtypes.push(dtypeOf(block.columns.close)) };
  await runBacktest(datasetOf({ close: columnOf('int64', wholePrices) }), momentum(), { rows });
  expect(dtypes).toEqual(['int64']);
});

test.each([
  ['int64', 2n ** 53n + 1n],
  ['int64', -(2n ** 60n)],
  ['uint64', 2n ** 63n],
] as const)('%s %s loses digits as float64 and is refused with its row', async (dtype, value) => {
  const close = columnOf(dtype, wholePrices) as BigInt64Array;
  close[17] = value;
  const run = runBacktest(datasetOf({ close }), momentum());
  await expect(run).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringMatching(new RegExp(`momentum on A: close at row 17 is ${value} \\(${dtype}\\)`)),
  });
});

test('stored prices that give no finite return end the run with their row, negative ones do not', async () => {
  const close = Float64Array.from(wholePrices);
  close[40] = 0;
  await expect(runBacktest(datasetOf({ close }), momentum())).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining('momentum on A: close at row 41 is'),
  });
  const below = await runBacktest(datasetOf({ close: Float64Array.from(wholePrices, (p) => p - 61.5) }), momentum());
  const { totalReturn, maxDrawdown } = below.symbols[0].trading.buyAndHold;
  expect([Number.isFinite(totalReturn), maxDrawdown]).toEqual([true, 1]);
});
