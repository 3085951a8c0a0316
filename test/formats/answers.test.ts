/** JSON as exchanges, vendors and brokers answer it, by their documentation; every number is invented. */
import { readJson } from '../../src/formats/json/read-json.js';
import type { ImportOptions } from '../../src/formats/options.js';
import { contextOf, fileOf, joined } from './source-files.js';

const S = 1_678_597_200;
const MS = S * 1000;
const ISO = '2023-03-12T05:00:00.000Z';
const PRICES = { open: 5.5, high: 5.75, low: 5.25, close: 5.6 };
const WORDS = { open: '5.5', high: '5.75', low: '5.25', close: '5.6' };
const LETTERS = { o: '5.5', h: '5.75', l: '5.25', c: '5.6' };
const ROW = [5.5, 5.75, 5.25, 5.6, 84];

async function read(document: unknown, options: ImportOptions = {}) {
  const file = fileOf(typeof document === 'string' ? document : JSON.stringify(document), { name: 'f.json' });
  const { names, columns, symbols } = await joined(readJson(file, contextOf(file, options)));
  const at = (name: string) => columns[names.indexOf(name)]?.[0];
  return {
    symbol: symbols[0],
    time: new Date(at('timestamp')).toISOString(),
    row: ['open', 'high', 'low', 'close', 'volume'].map(at),
  };
}

test.each<[source: string, document: unknown, symbol?: string, time?: string]>([
  ['Bitstamp', { data: { ohlc: [{ ...WORDS, timestamp: `${S}`, volume: '84' }], pair: 'BTC/USD' } }, 'BTC/USD'],
  [
    'HTX',
    { ch: 'market.btcusdt.kline.1min', ts: MS, data: [{ id: S, ...PRICES, amount: 84, vol: 470, count: 3 }] },
    'BTCUSDT',
  ],
  ['Gate', [[`${S}`, '470', '5.6', '5.75', '5.25', '5.5', '84', 'true']]],
  ['KuCoin', { code: '200000', data: [[`${S}`, '5.5', '5.6', '5.75', '5.25', '84', '470']] }],
  ['Bitget', { code: '00000', msg: 'success', data: [[`${MS}`, '5.5', '5.75', '5.25', '5.6', '84', '470', '470']] }],
  ['MEXC', [[MS, '5.5', '5.75', '5.25', '5.6', '84', MS + 59_999, '470']]],
  ['Binance', [[MS, '5.5', '5.75', '5.25', '5.6', '84', MS + 59_999, '470', 3, '42', '235', '0']]],
  [
    'a stream of Binance',
    { e: 'kline', E: MS, s: 'BTCUSDT', k: { t: MS, T: MS + 59_999, s: 'BTCUSDT', i: '1m', ...LETTERS, v: '84' } },
    'BTCUSDT',
  ],
  [
    'Deribit',
    { result: { volume: [84], ticks: [MS], status: 'ok', open: [5.5], low: [5.25], high: [5.75], close: [5.6] } },
  ],
  ['Kraken', { error: [], result: { XBT: [[S, '5.5', '5.75', '5.25', '5.6', '5.4', '84', 3]], last: S } }, 'XBT'],
  [
    'Bybit',
    {
      retCode: 0,
      result: { symbol: 'BTCUSDT', list: [[`${MS}`, '5.5', '5.75', '5.25', '5.6', '84', '470']] },
      time: MS,
    },
    'BTCUSDT',
  ],
  ['OKX', { code: '0', data: [[`${MS}`, '5.5', '5.75', '5.25', '5.6', '84', '470', '470', '1']] }],
  ['Coinbase', { candles: [{ start: `${S}`, ...WORDS, volume: '84' }] }],
  [
    'Crypto.com',
    { code: 0, result: { instrument_name: 'BTC_USDT', data: [{ ...LETTERS, v: '84', t: MS }] } },
    'BTC_USDT',
  ],
  ['Hyperliquid', [{ t: MS, T: MS + 59_999, s: 'BTC', i: '1m', ...LETTERS, v: '84', n: 3 }], 'BTC'],
  [
    'Upbit',
    [
      {
        ...{
          market: 'KRW-BTC',
          candle_date_time_utc: '2023-03-12T05:00:00',
          candle_date_time_kst: '2023-03-12T14:00:00',
        },
        ...{ opening_price: 5.5, high_price: 5.75, low_price: 5.25, trade_price: 5.6, timestamp: MS + 59_000 },
        ...{ candle_acc_trade_price: 470, candle_acc_trade_volume: 84 },
      },
    ],
  ],
  [
    'dYdX',
    {
      candles: [
        { startedAt: ISO, market: 'BTC-USD', resolution: '1MIN', ...WORDS, baseTokenVolume: '84', usdVolume: '4' },
      ],
    },
    'BTC-USD',
  ],
  ['BitMEX', [{ timestamp: ISO, symbol: 'XBTUSD', ...PRICES, trades: 3, volume: 84, vwap: 5.5 }], 'XBTUSD'],
  ['CryptoCompare', { Response: 'Success', Data: { Data: [{ time: S, ...PRICES, volumefrom: 84, volumeto: 470 }] } }],
  ['Polygon', { ticker: 'AAPL', results: [{ v: 84, vw: 5.5, o: 5.5, c: 5.6, h: 5.75, l: 5.25, t: MS, n: 3 }] }, 'AAPL'],
  ['Finnhub', { c: [5.6], h: [5.75], l: [5.25], o: [5.5], s: 'ok', t: [S], v: [84] }],
  [
    'OANDA',
    {
      instrument: 'EUR_USD',
      candles: [{ complete: true, volume: 84, time: '2023-03-12T05:00:00.000000000Z', mid: LETTERS }],
    },
    'EUR_USD',
  ],
  [
    'OANDA, bid and ask',
    {
      instrument: 'EUR_USD',
      candles: [
        {
          ...{ volume: 84, time: `${S}.000000000` },
          bid: { o: '5.4', h: '5.65', l: '5.15', c: '5.5' },
          ask: { o: '5.6', h: '5.85', l: '5.35', c: '5.7' },
        },
      ],
    },
    'EUR_USD',
  ],
  ['Schwab', { candles: [{ ...PRICES, volume: 84, datetime: MS }], symbol: 'AAPL', empty: false }, 'AAPL'],
  [
    'Kite',
    { status: 'success', data: { candles: [['2023-03-10T09:15:00+0530', 5.5, 5.75, 5.25, 5.6, 84]] } },
    'f',
    '2023-03-10T03:45:00.000Z',
  ],
  [
    'Twelve Data, in the zone of the exchange',
    {
      meta: { symbol: 'AAPL', exchange_timezone: 'America/New_York' },
      values: [{ datetime: '2023-03-10 15:59:00', ...WORDS, volume: '84' }],
    },
    'AAPL',
    '2023-03-10T20:59:00.000Z',
  ],
  ['IEX, date and minute', [{ date: '2023-03-12', minute: '05:00', label: '5 AM', ...PRICES, volume: 84 }]],
  [
    'Quandl',
    {
      dataset: {
        dataset_code: 'AAPL',
        column_names: ['Date', 'Open', 'High', 'Low', 'Close', 'Volume'],
        data: [['2023-03-10', ...ROW]],
      },
    },
    'AAPL',
    '2023-03-10T00:00:00.000Z',
  ],
  [
    'Nasdaq Data Link tables',
    {
      datatable: {
        data: [['AAPL', '2023-03-10', ...ROW]],
        columns: ['ticker', 'date', 'open', 'high', 'low', 'close', 'volume'].map((name) => ({ name, type: 'x' })),
      },
    },
    'AAPL',
    '2023-03-10T00:00:00.000Z',
  ],
  ['pandas, split', { columns: ['Open', 'High', 'Low', 'Close', 'Volume'], index: [MS], data: [ROW] }],
  ['a mark before the bracket', `\ufeff${JSON.stringify([{ time: S, ...PRICES, volume: 84 }])}`],
])('%s', async (_, document, symbol = 'f', time = ISO) => {
  const found = await read(document);
  expect({ ...found, row: found.row.map((value) => Number(value.toPrecision(12))) }).toEqual({
    symbol,
    time,
    row: ROW,
  });
});

test.each([
  ['an error of Kraken', { error: ['EGeneral:Invalid arguments'] }, /the answer \["EGeneral:Invalid arguments"\]/],
  [
    'an error of OKX',
    { code: '51001', msg: 'Instrument ID does not exist', data: [] },
    /"Instrument ID does not exist"/,
  ],
  ['no data of Finnhub', { s: 'no_data' }, /the answer "no_data"/],
  ['a limit of Alpha Vantage', { Note: 'our standard call frequency' }, /"our standard call frequency"/],
  ['funding rates', [{ symbol: 'A', fundingTime: MS, fundingRate: '0.1' }], /these are funding rates and no candles/],
  ['quotes', [{ timestamp: MS, bid: 1, ask: 2 }], /these are quotes \(ticks\) and no candles/],
  ['tuples of unknown order', [[MS, 5.5, 5.75, 5.25, 5.6, 84]], /--as ohlcv; or name the 6 columns/],
  ['an empty series of Alpha Vantage', { 'Time Series (Daily)': {} }, /no candles/],
  [
    'a row of Alpha Vantage that is null',
    { 'Time Series (Daily)': { '2024-01-30': { '4. close': '1' }, '2024-01-31': null } },
    /"2024-01-31" is null where a candle is due/,
  ],
  [
    'a column that is shorter than the others',
    { t: [S, S + 60, S + 120], c: [1, 2, 3], o: [1, 2], s: 'ok' },
    /the array "o" has 2 values where others have 3/,
  ],
  ['a list without values', [[]], /./],
  ['an object among tuples', { result: { symbol: 'A', list: [[String(MS), '1', '2', '1', '1', '3', '9'], {}] } }, /./],
])('%s is refused with what it is', async (_, document, message) => {
  await expect(read(document)).rejects.toMatchObject({
    message: expect.stringMatching(message),
    code: expect.stringMatching(/CORRUPT|ARGUMENT/),
  });
});

test('trades of Binance are trades, whatever the case of their titles', async () => {
  const file = fileOf(JSON.stringify([{ id: 1, price: '1', qty: '2', time: MS, isBuyerMaker: true }]), {
    name: 'f.json',
  });
  const context = contextOf(file);
  await joined(readJson(file, context));
  expect(context.preset?.rows).toBe('trades');
});
