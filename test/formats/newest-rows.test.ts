/** The quick look at a batch says what a plain comparison of every row with the one before it says. */
import fc from 'fast-check';
import type { RowBatch } from '../../src/formats/batch.js';
import { NewestRows } from '../../src/formats/order/newest-rows.js';

type Row = readonly [symbol: string, ms: number];

function batchOf(rows: readonly Row[]): RowBatch {
  return {
    rows: rows.length,
    schema: [{ name: 'timestamp', dtype: 'float64' }],
    columns: [Float64Array.from(rows, ([, ms]) => ms)],
    timestampAt: 0,
    // Equal names, but never the same string.
    symbolAt: (row) => [...rows[row][0]].join(''),
    isMixed: new Set(rows.map(([symbol]) => symbol)).size > 1,
    locationOf: () => ({ text: '' }),
  };
}

/** The newest times after a batch that is in order, else undefined. */
function after(newest: ReadonlyMap<string, number>, rows: readonly Row[]): Map<string, number> | undefined {
  const times = new Map(newest);
  for (const [symbol, ms] of rows) {
    if (ms <= (times.get(symbol) ?? Number.NEGATIVE_INFINITY)) return undefined;
    times.set(symbol, ms);
  }
  return times;
}

test('batches of a few symbols in any order are judged row by row, and their last rows found', () => {
  const row = fc.tuple(fc.constantFrom('A', 'B', 'C', 'D'), fc.integer({ min: 0, max: 12 }));
  const batch = fc.array(row, { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 6 }), (batches) => {
      const newest = new NewestRows();
      let times = new Map<string, number>();
      for (const rows of batches) {
        const known = times;
        const expected = after(known, rows);
        expect(newest.areInOrder(batchOf(rows), (symbol) => known.get(symbol) ?? Number.NaN)).toBe(
          expected !== undefined,
        );
        if (expected === undefined) continue;
        const found = newest.touched.map((number) => [newest.symbols[number], rows[newest.rowOf(number)][1]] as const);
        expect(new Map([...known, ...found])).toEqual(expected);
        expect(found).toHaveLength(new Set(rows.map(([symbol]) => symbol)).size);
        times = expected;
      }
    }),
    { numRuns: 2000, seed: 3 },
  );
});

test('hundreds of symbols in turn are in order, and one row of them that is not is found', () => {
  const newest = new NewestRows();
  const round = (ms: number) => Array.from({ length: 300 }, (_, k): Row => [`S${k}`, ms + k]);
  expect(newest.areInOrder(batchOf([...round(0), ...round(1000)]), () => Number.NaN)).toBe(true);
  expect(newest.touched.map((number) => newest.rowOf(number))).toEqual(Array.from({ length: 300 }, (_, k) => 300 + k));
  const late = round(2000);
  late[170] = ['S170', 1170];
  expect(newest.areInOrder(batchOf(late), (symbol) => 1000 + Number(symbol.slice(1)))).toBe(false);
  late[170] = ['S170', 1171];
  expect(newest.areInOrder(batchOf(late), (symbol) => 1000 + Number(symbol.slice(1)))).toBe(true);
  expect(newest.areInOrder(batchOf([['S1', Number.NaN]]), () => Number.NaN)).toBe(false);
});
