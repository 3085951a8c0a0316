import { usualAggregate } from '../../src/dataset/aggregates.js';
import { memoryTable } from '../../src/dataset/memory.js';
import { resample } from '../../src/dataset/resample.js';
import { thrownBy } from '../io/workspace.js';

const f = (...values: number[]) => Float64Array.of(...values);
const rowsOf = (columns: Record<string, Float64Array>, interval: number | string, options = {}) => {
  const batches = [...resample(memoryTable('A', columns), interval, options)];
  const names = batches.length === 0 ? [] : Object.keys(batches[0].columns);
  return Object.fromEntries(
    names.map((name) => [name, batches.flatMap((batch) => [...batch.columns[name]].map(Number))]),
  );
};

test('names of yfinance and backtesting.py, with capitals, aggregate as prices and volumes', () => {
  const found = rowsOf(
    {
      timestamp: f(0, 60_000),
      Open: f(10, 12),
      High: f(15, 13),
      Low: f(9, 11),
      Close: f(12, 12.5),
      Volume: f(100, 50),
    },
    120_000,
  );
  expect(found).toEqual({ timestamp: [0], Open: [10], High: [15], Low: [9], Close: [12.5], Volume: [150] });
});

test.each([
  'quote_asset_volume',
  'Quote asset volume',
  'quoteassetvolume',
  'takerBuyBaseAssetVolume',
  'taker_buy_quote_asset_volume',
  'taker_buy_base',
  'taker_base_vol',
  'taker_buy_volume',
  'Volume BTC',
  'volume_(btc)',
  'volume_usdt',
  'Volume USDT',
  'btc_volume',
  'tick_volume',
  '<TICKVOL>',
  'real_volume',
  'buyVolume',
  'sell_volume',
  'volumefrom',
  'volumeto',
  'volCcyQuote',
  'number_of_trades',
  'numberOfTrades',
  'Trades',
  'trade_count',
  'tradecount',
  'transactions',
  'n',
  'count',
  'turnover',
  'amount',
])('"%s" is summed', (name) => expect(usualAggregate(name)).toBe('sum'));

test.each(['vwap', 'VWAP', 'vw', 'weighted_price', 'Weighted Price', 'volume_weighted_average_price', 'average_price'])(
  '"%s" is weighted by volume',
  (name) => expect(usualAggregate(name)).toBe('weighted'),
);

test.each([
  ['close_time', 'last'],
  ['open_time', 'first'],
  ['Adj Close', 'last'],
  ['open interest', 'last'],
  ['bid', 'last'],
  ['bid_open', 'first'],
  ['ask_high', 'max'],
  ['lowBid', 'min'],
])('"%s" takes the %s', (name, kind) => expect(usualAggregate(name)).toBe(kind));

test.each([
  'sma_20',
  'volume_sma',
  'volume ma',
  'avg_volume',
  'volume_ratio',
  'implied_vol',
  'rsi',
  'signal',
  'spread',
  'constructor',
])('"%s" has no usual aggregate and needs one', (name) => expect(usualAggregate(name)).toBeUndefined());

test('a column with an unknown name is refused until aggregates names it, or it is left out', () => {
  const columns = { timestamp: f(0, 60_000), close: f(1, 2), rsi: f(30, 40) };
  expect(thrownBy(() => rowsOf(columns, '2m'))).toMatchObject({ code: 'ARGUMENT', column: 'rsi' });
  expect(thrownBy(() => rowsOf(columns, '2m')).message).toContain(`aggregates: { "rsi": 'last' }`);
  expect(rowsOf(columns, '2m', { aggregates: { RSI: 'last' } }).rsi).toEqual([40]);
  expect(rowsOf(columns, '2m', { columns: ['Close'] })).toEqual({ timestamp: [0], close: [2] });
});

test('a vwap is weighted by the volume of the base, and stays exact where all prices are one', () => {
  const columns = {
    timestamp: f(0, 1, 2, 10, 11, 20),
    vwap: f(10, 20, Number.NaN, 0.1, 0.1, 7),
    quote_volume: f(1, 1, 1, 1, 1, 1),
    volume: f(3, 1, 5, 0.7, 0.2, 0),
    close: f(1, 1, 1, 1, 1, 1),
  };
  expect(rowsOf(columns, 10).vwap).toEqual([12.5, 0.1, 7]);
  const without = { timestamp: f(0), vwap: f(1), close: f(1) };
  expect(thrownBy(() => rowsOf(without, 10))).toMatchObject({ code: 'ARGUMENT', column: 'vwap' });
});

test('an int64 beyond 2^53 is refused, a smaller one is aggregated', () => {
  const table = (value: bigint) =>
    memoryTable('A', { timestamp: BigInt64Array.of(0n, 1n), close: BigInt64Array.of(5n, value) });
  expect([...resample(table(7n), 10)][0].columns.close).toEqual(f(7));
  expect(thrownBy(() => [...resample(table(2n ** 53n + 1n), 10)])).toMatchObject({ code: 'ARGUMENT' });
});
