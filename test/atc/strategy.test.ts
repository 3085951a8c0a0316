import { type CandleTable, type Columns, isAtcError, type TypedArray } from 'atc-memory';
import { ATC_DEFAULTS, atcStrategy, classifyTrend, computeAtcSignals } from 'atc-memory/atc';
import { randomWalk } from './price-series.js';

/** A table over one column; blocks reuse their array, as those of a file do. */
function tableOf(close: TypedArray, rows: number): CandleTable {
  const table: CandleTable = {
    symbol: 'TEST',
    length: close.length,
    columns: ['timestamp', 'close'],
    column: () => close,
    range: () => table,
    toArrow: () => Promise.reject(new Error('not asked for')),
    *blocks<Name extends string>() {
      const buffer = close.slice(0, rows);
      for (let start = 0; start < close.length; start += rows) {
        const part = close.subarray(start, start + rows);
        (buffer as Float64Array).set(part as Float64Array);
        yield {
          start,
          length: part.length,
          columns: { close: buffer.subarray(0, part.length) } as Columns as Record<Name, TypedArray>,
        };
      }
    },
  };
  return table;
}

function run(table: CandleTable, parameters = {}) {
  const started = atcStrategy(parameters).start(table);
  const rows: number[] = [];
  for (const block of table.blocks(['close'])) rows.push(...(started.push(block).signal as Float64Array));
  return { rows, summary: started.finish() };
}

const closes = randomWalk(3, 500);

test('a run over blocks gives the signals of the batch, the last of them and its trend', () => {
  for (const rows of [1, 100, 499, 4096]) {
    for (const parameters of [{}, { classify: 'hysteresis', cutout: 60, strategyMode: true } as const]) {
      const expected = computeAtcSignals(closes, parameters).averageSignal;
      const trend = classifyTrend(expected, { ...ATC_DEFAULTS, ...parameters });
      const result = run(tableOf(closes, rows), parameters);
      expect(result.rows).toEqual(Array.from(expected));
      expect(result.summary).toEqual({ signal: expected[499], trend: trend[499] });
    }
  }
});

test('it reads the close and nothing else, and widens other number types', () => {
  expect(atcStrategy().columns).toEqual(['close']);
  const narrow = Float32Array.from(closes);
  expect(run(tableOf(narrow, 128)).rows).toEqual(
    Array.from(computeAtcSignals(Float64Array.from(narrow)).averageSignal),
  );
});

function errorOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (isAtcError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('accepted');
}

test('a table that is too short is refused by name', () => {
  const strategy = atcStrategy({ cutout: 600 });
  expect(strategy.minimumRows).toBe(601);
  expect(errorOf(() => strategy.start(tableOf(closes, 100)))).toEqual({
    code: 'ARGUMENT',
    message: 'TEST has 500 rows; the ATC parameters need at least 601',
  });
});

test('a price that cannot be is the data owner’s, with symbol and row', () => {
  const broken = closes.slice();
  broken[321] = 0;
  expect(errorOf(() => run(tableOf(broken, 100)))).toEqual({
    code: 'CORRUPT',
    message: 'close at row 321 of TEST is 0; allowed: a finite price above 0, or NaN where there is none',
  });
});
