/** Files and answers of crypto exchanges. Their times are UTC throughout. */
import type { NameFacts, Preset } from '../format.js';

const KLINES = (
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
  'taker_buy_volume,taker_buy_quote_volume,ignore'
).split(',');
const INTERVAL = '\\d+(?:mo|[smhdwM])';

/** What Binance publishes beside klines and trades. */
const BINANCE_OTHERS = /-(bookTicker|bookDepth|fundingRate|metrics|liquidationSnapshot|BVOLIndex|EOHSummary)-/;

function binanceName(name: string): NameFacts | undefined {
  const other = BINANCE_OTHERS.exec(name)?.[1];
  if (other !== undefined) return { otherKind: `${other} of Binance` };
  const match = new RegExp(`^([A-Z0-9_]{4,}?)-(${INTERVAL})(?:[-_.]|$)`).exec(name);
  if (match === null) return undefined;
  const isPublished = new RegExp(`^[A-Z0-9_]+-${INTERVAL}(?:-(?:um|cm))?-\\d{4}-\\d{2}(?:-\\d{2})?\\.csv$`).test(name);
  return { symbol: match[1], interval: match[2], isCertain: isPublished };
}

function binanceTradesName(name: string): NameFacts | undefined {
  const match = /^([A-Z0-9_]{4,})-(aggTrades|trades)-\d{4}-\d{2}(?:-\d{2})?\.csv$/.exec(name);
  if (match === null) return undefined;
  return { symbol: match[1], isCertain: true };
}

export const EXCHANGES: readonly Preset[] = [
  {
    name: 'binance',
    title: 'Binance klines',
    url: 'https://github.com/binance/binance-public-data',
    zone: 'UTC',
    hasOwnNames: true,
    byName: binanceName,
    byHeader: (cells) => cells[0] === 'open_time' && cells[6] === 'close_time' && cells.length >= 11,
    columns: [KLINES],
  },
  {
    name: 'binance-trades',
    title: 'Binance trades',
    url: 'https://github.com/binance/binance-public-data',
    zone: 'UTC',
    hasOwnNames: true,
    rows: 'trades',
    byName: binanceTradesName,
    byHeader: (cells) =>
      (cells.includes('is_buyer_maker') || cells.includes('isbuyermaker')) && cells.includes('price'),
    columns: [
      'id,price,qty,quote_qty,time,is_buyer_maker,is_best_match'.split(','),
      'id,price,qty,quote_qty,time,is_buyer_maker'.split(','),
      'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker,is_best_match'.split(','),
    ],
  },
  {
    name: 'kraken',
    title: "Kraken's OHLCVT",
    url: 'https://support.kraken.com/articles/360047124832-downloadable-historical-ohlcvt-open-high-low-close-volume-trades-data',
    zone: 'UTC',
    hasOwnAnswers: true,
    byName: (name) => {
      const match = /^([A-Z0-9]{5,12})_(\d{1,5})\.csv$/.exec(name);
      return match === null ? undefined : { symbol: match[1], interval: `${match[2]}m` };
    },
    columns: [
      'timestamp,open,high,low,close,volume,trades'.split(','),
      'timestamp,open,high,low,close,vwap,volume,trades'.split(','),
    ],
  },
  {
    name: 'bitfinex',
    title: 'Bitfinex candles',
    url: 'https://docs.bitfinex.com/reference/rest-public-candles',
    zone: 'UTC',
    byName: (name) => {
      const match =
        /^(?:bitfinex[-_])?t([A-Z0-9:]{6,})[-_](1m|5m|15m|30m|1h|3h|6h|12h|1D|1W|7D|14D|1M)(?:[-_.]|$)/.exec(name);
      return match === null ? undefined : { symbol: match[1], interval: match[2] };
    },
    columns: ['timestamp,open,close,high,low,volume'.split(',')],
  },
  {
    name: 'coinbase',
    title: 'Coinbase candles',
    url: 'https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles',
    zone: 'UTC',
    columns: ['timestamp,low,high,open,close,volume'.split(',')],
  },
  {
    name: 'bybit',
    title: 'Bybit klines',
    url: 'https://bybit-exchange.github.io/docs/v5/market/kline',
    zone: 'UTC',
    hasOwnAnswers: true,
    byHeader: (cells) => cells.includes('start_at') && cells.includes('period') && cells.includes('symbol'),
    columns: ['timestamp,open,high,low,close,volume,turnover'.split(','), 'timestamp,open,high,low,close'.split(',')],
  },
  {
    name: 'okx',
    title: 'OKX candles',
    url: 'https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks',
    zone: 'UTC',
    hasOwnAnswers: true,
    columns: [
      'timestamp,open,high,low,close,volume,volume_currency,volume_quote,confirm'.split(','),
      'timestamp,open,high,low,close,volume,volume_currency'.split(','),
      'timestamp,open,high,low,close,confirm'.split(','),
    ],
  },
  {
    name: 'dydx',
    title: 'dYdX candles',
    url: 'https://docs.dydx.xyz/indexer-client/http',
    zone: 'UTC',
    byHeader: (cells) => cells.includes('startedat') && cells.includes('basetokenvolume'),
    renames: { market: 'symbol' },
  },
  {
    name: 'ccxt',
    title: "ccxt's OHLCV",
    url: 'https://docs.ccxt.com/#/?id=ohlcv-structure',
    zone: 'UTC',
    columns: ['timestamp,open,high,low,close,volume'.split(',')],
  },
  {
    name: 'freqtrade',
    title: "freqtrade's candles",
    url: 'https://www.freqtrade.io/en/stable/data-download/',
    zone: 'UTC',
    hasOwnNames: true,
    byName: freqtradeName,
    columns: ['timestamp,open,high,low,close,volume'.split(',')],
  },
];

/** `BTC_USDT-1h.json`, `PEPE_USDT_USDT-1h-futures.json`: pair, timeframe, type of candle. */
function freqtradeName(name: string): NameFacts | undefined {
  const match = /^([A-Z0-9]+(?:_[A-Z0-9]+){1,2})-(\d+[mhdwMy]|trades)(?:-(\w+))?\.(json|feather|parquet|h5)$/.exec(
    name,
  );
  if (match === null) return undefined;
  const [, pair, timeframe, kind = 'spot'] = match;
  const [base, quote, settle] = pair.split('_');
  const symbol = settle === undefined ? `${base}/${quote}` : `${base}/${quote}:${settle}`;
  if (timeframe === 'trades') return { symbol, otherKind: 'trades of freqtrade' };
  if (!['spot', 'futures'].includes(kind)) return { symbol, otherKind: OTHER_CANDLES[kind] ?? `${kind} candles` };
  return { symbol, interval: timeframe, isCertain: true };
}

const OTHER_CANDLES: Readonly<Record<string, string>> = {
  funding_rate: 'funding rates',
  mark: 'mark prices',
  index: 'index prices',
  premiumIndex: 'premium index prices',
};
