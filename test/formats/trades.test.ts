import fc from 'fast-check';
import type { SymbolColumns } from '../../src/formats/batch.js';
import { candlesFromTrades, type TradeOptions } from '../../src/formats/trades.js';

const f = (...values: number[]) => Float64Array.of(...values);
async function candles(
  trades: Parameters<typeof candlesFromTrades>[0],
  interval: number | string,
  options?: TradeOptions,
) {
  const rows: Record<string, Record<string, number>[]> = {};
  for await (const { symbol, columns } of candlesFromTrades(trades, interval, options)) {
    rows[symbol] ??= [];
    columns.timestamp.forEach((_, row) => {
      rows[symbol].push(Object.fromEntries(Object.keys(columns).map((name) => [name, Number(columns[name][row])])));
    });
  }
  return rows;
}

test('trades become candles, several at one moment and minutes without a trade included', async () => {
  const trades = {
    symbol: 'A',
    columns: {
      timestamp: f(11, 30_500, 30_500, 60_000, 119_999, 240_000),
      price: f(100.5, 99.75, 100, 101, 101.25, 7),
      amount: f(0.25, 0.5, 1, 0.125, 1, Number.NaN),
    },
  };
  expect(await candles(trades, '1m')).toEqual({
    A: [
      { timestamp: 0, open: 100.5, high: 100.5, low: 99.75, close: 100, volume: 1.75, trades: 3 },
      { timestamp: 60_000, open: 101, high: 101.25, low: 101, close: 101.25, volume: 1.125, trades: 2 },
      { timestamp: 240_000, open: 7, high: 7, low: 7, close: 7, volume: 0, trades: 1 },
    ],
  });
  expect((await candles(trades, '1m', { partial: 'omit' })).A).toHaveLength(2);
});

test('batches of several symbols may alternate and end anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          symbol: fc.constantFrom('A', 'B'),
          gap: fc.integer({ min: 0, max: 40 }),
          price: fc.integer({ min: 1, max: 9 }),
        }),
        { maxLength: 80 },
      ),
      fc.integer({ min: 1, max: 7 }),
      async (list, size) => {
        const times = new Map<string, number>();
        const rows = list.map(({ symbol, gap, price }) => {
          times.set(symbol, (times.get(symbol) ?? 0) + gap);
          return { symbol, ms: times.get(symbol)!, price };
        });
        const batches: SymbolColumns[] = [];
        for (let at = 0; at < rows.length; at += size) {
          const part = rows.slice(at, at + size);
          for (const symbol of ['A', 'B']) {
            const own = part.filter((row) => row.symbol === symbol);
            batches.push({
              symbol,
              columns: {
                timestamp: Float64Array.from(own, ({ ms }) => ms),
                price: Float64Array.from(own, ({ price }) => price),
                size: Float64Array.from(own, () => 1),
              },
            });
          }
        }
        const made = await candles(batches, 50);
        for (const symbol of ['A', 'B']) {
          const groups = new Map<number, number[]>();
          for (const row of rows.filter((one) => one.symbol === symbol)) {
            const start = Math.floor(row.ms / 50) * 50;
            groups.set(start, [...(groups.get(start) ?? []), row.price]);
          }
          const expected = [...groups].map(([timestamp, prices]) => ({
            timestamp,
            open: prices[0],
            high: Math.max(...prices),
            low: Math.min(...prices),
            close: prices.at(-1),
            volume: prices.length,
            trades: prices.length,
          }));
          expect(made[symbol] ?? []).toEqual(expected);
        }
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

test.each([
  ['a time that goes back', { timestamp: f(5, 4), price: f(1, 1), amount: f(1, 1) }, 'CORRUPT'],
  ['a time that is no number', { timestamp: f(Number.NaN), price: f(1), amount: f(1) }, 'CORRUPT'],
  ['a price that is missing', { timestamp: f(5), price: f(Number.NaN), amount: f(1) }, 'CORRUPT'],
  ['a price that is infinite', { timestamp: f(5), price: f(Number.POSITIVE_INFINITY), amount: f(1) }, 'CORRUPT'],
  ['times in seconds', { timestamp: f(1.7e9), price: f(1), amount: f(1) }, 'ARGUMENT'],
  ['times in microseconds', { timestamp: f(1.7e15), price: f(1), amount: f(1) }, 'ARGUMENT'],
  ['times in nanoseconds', { timestamp: f(5, 1.7e18), price: f(1, 1), amount: f(1, 1) }, 'ARGUMENT'],
  ['no column of prices', { timestamp: f(5), cost: f(1), amount: f(1) }, 'ARGUMENT'],
  ['no column of amounts', { timestamp: f(5), price: f(1) }, 'ARGUMENT'],
])('%s is refused', async (_, columns, code) => {
  await expect(candles({ symbol: 'A', columns } as SymbolColumns, '1m')).rejects.toMatchObject({ code });
});

test('a column may be named, and a wrong interval is refused before anything is read', async () => {
  const columns = { timestamp: f(0), cost: f(3), lots: f(2) };
  expect((await candles({ symbol: 'A', columns }, 60_000, { price: 'Cost', amount: 'lots' })).A[0]).toMatchObject({
    close: 3,
    volume: 2,
  });
  await expect(candles({ symbol: 'A', columns }, '1x')).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test.each([
  { price: null },
  { amount: 7 },
  { partial: 'drop' },
  { timezone: Symbol('UTC') },
  { timezone: Object.create(null) },
])('the options %p are ARGUMENT', async (options) => {
  const columns = { timestamp: f(0), price: f(3), amount: f(2) };
  await expect(candles({ symbol: 'A', columns }, '1m', options as never)).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test.each([undefined, null, '', Symbol('A'), {}])('trades of the symbol %p are ARGUMENT', async (symbol) => {
  const columns = { timestamp: f(0), price: f(3), amount: f(2) };
  await expect(candles({ symbol, columns } as never, '1m')).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test.each([
  [undefined],
  [null],
  ['trades.csv'],
  [5],
  [[{ timestamp: 0, price: 1 }]],
  [[null]],
  [{ symbol: 'A', columns: null }],
  [{ symbol: 'A', columns: 7 }],
  [{}],
])('a source without trades, %p, is ARGUMENT', async (trades) => {
  await expect(candles(trades as never, '1m')).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringMatching(/^trades must be .*; got /),
  });
});
