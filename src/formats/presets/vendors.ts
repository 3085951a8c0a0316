/** Files that vendors and collections of market data hand out. */
import type { NameFacts, Preset } from '../format.js';

const OHLCV = 'timestamp,open,high,low,close,volume'.split(',');

function symbolIn(pattern: RegExp, interval?: number): (name: string) => NameFacts | undefined {
  return (name) => {
    const match = pattern.exec(name);
    if (match === null) return undefined;
    return { symbol: match[1], interval: interval === undefined ? undefined : match[interval] };
  };
}

function kaikoName(name: string): NameFacts | undefined {
  const match =
    /^[a-z0-9]{2,5}_([a-z0-9-]+?)_(?:[a-z]+_)?(c?ohlcv(?:vwap)?)_(\d+[smhd])_\d{4}(?:_\d{2}){0,2}\.csv$/.exec(name);
  if (match === null) return undefined;
  const columns =
    match[2] === 'cohlcvwap'
      ? 'timestamp,count,open,high,low,close,volume,vwap'
      : 'timestamp,open,high,low,close,volume';
  return { interval: match[3], columns: columns.split(',') };
}

export const VENDORS: readonly Preset[] = [
  {
    name: 'cryptodatadownload',
    title: 'CryptoDataDownload',
    url: 'https://www.cryptodatadownload.com/data/',
    zone: 'UTC',
    byHeader: (cells) => cells.includes('unix') && cells.includes('date') && cells.includes('symbol'),
  },
  {
    name: 'yahoo',
    title: 'Yahoo Finance',
    url: 'https://finance.yahoo.com/quote/AAPL/history/',
    zone: 'America/New_York',
    byHeader: (cells) => cells[0] === 'date' && cells.includes('adj close') && cells.includes('volume'),
  },
  {
    name: 'yfinance',
    title: 'yfinance',
    url: 'https://ranaroussi.github.io/yfinance/reference/api/yfinance.download.html',
    zone: 'UTC',
    byHeader: (cells) => cells.includes('stock splits') || cells.includes('capital gains'),
  },
  {
    name: 'stooq',
    title: 'Stooq',
    url: 'https://stooq.com/db/h/',
    zone: 'ask',
    byHeader: (cells) => cells.includes('<ticker>') && cells.includes('<openint>'),
  },
  {
    name: 'finam',
    title: 'FINAM',
    url: 'https://www.finam.ru/profile/moex-akcii/sberbank/export/',
    zone: 'ask',
    dates: 'dmy',
    byHeader: (cells) => cells.includes('<per>') && cells.includes('<date>') && !cells.includes('<openint>'),
    columns: ['ticker,per,date,time,open,high,low,close,volume'.split(',')],
  },
  {
    name: 'dukascopy',
    title: 'Dukascopy',
    url: 'https://www.dukascopy.com/swiss/english/marketwatch/historical/',
    zone: 'UTC',
    byName: symbolIn(/^([^_]+)_Candlestick_\d+_[A-Za-z]+_(?:BID|ASK)/),
    byHeader: (cells) => cells[0] === 'gmt time' || cells[0] === 'local time',
  },
  {
    name: 'jforex',
    title: 'JForex export',
    url: 'https://www.dukascopy.com/wiki/en/development/',
    zone: 'ask',
    byName: symbolIn(/^([A-Z0-9.]+)_(?:Hourly|Daily|Weekly|Monthly|\d+ ?(?:Min|Mins|Hour|Hours|Sec|Secs))_(?:Bid|Ask)/),
    byHeader: (cells) => /^time \([a-z/_+\-\d]+\)$/.test(cells[0]),
  },
  {
    name: 'histdata',
    title: 'HistData',
    url: 'https://www.histdata.com/f-a-q/data-files-detailed-specification/',
    zone: '-05:00',
    hasOwnNames: true,
    byName: (name) => {
      const match = /^DAT_(ASCII|MT|NT|XLSX|MS)_([A-Z0-9]+)_(M1|T|T_LAST|T_BID|T_ASK)_\d{4,6}\.csv$/.exec(name);
      if (match === null) return undefined;
      if (match[3] !== 'M1') return { symbol: match[2], otherKind: 'ticks of HistData' };
      return { symbol: match[2], interval: '1m', isCertain: true };
    },
    columns: [OHLCV, 'date,time,open,high,low,close,volume'.split(',')],
  },
  {
    name: 'massive',
    title: 'Massive (Polygon) flat files',
    url: 'https://massive.com/docs/flat-files/quickstart',
    zone: 'UTC',
    byHeader: (cells) => cells.includes('ticker') && cells.includes('window_start'),
  },
  {
    name: 'alpaca',
    title: 'Alpaca bars',
    url: 'https://docs.alpaca.markets/reference/stockbars',
    zone: 'UTC',
    hasOwnAnswers: true,
  },
  {
    name: 'firstrate',
    title: 'FirstRate Data',
    url: 'https://firstratedata.com/about/FAQ',
    zone: 'America/New_York',
    hasOwnNames: true,
    byName: (name) => {
      const match =
        /^([A-Z0-9.-]+)_(?:full_)?(1min|5min|30min|1hour|1day)_(?:adjsplitdiv|adjsplit|adj_splitdiv|adj_split|UNADJUSTED|continuous\w*|firstratedata)\.(?:txt|csv)$/i.exec(
          name,
        );
      if (match === null) return undefined;
      return { symbol: match[1], interval: match[2].replace(/^(\d+)(.).*/, '$1$2'), isCertain: true };
    },
    columns: [OHLCV, OHLCV.slice(0, 5), [...OHLCV, 'open_interest']],
  },
  {
    name: 'kibot',
    title: 'Kibot',
    url: 'http://www.kibot.com/Data_Format.aspx',
    zone: 'America/New_York',
    dates: 'mdy',
    columns: ['date,time,open,high,low,close,volume'.split(','), OHLCV],
  },
  {
    name: 'alphavantage',
    title: 'Alpha Vantage',
    url: 'https://www.alphavantage.co/documentation/',
    zone: 'America/New_York',
    hasOwnAnswers: true,
    byName: symbolIn(/^(?:intraday_\d+min|daily|daily_adjusted|weekly|monthly)_([A-Z0-9.]+)\.csv$/),
  },
  {
    name: 'databento',
    title: 'Databento',
    url: 'https://databento.com/docs/standards-and-conventions/common-fields-enums-types',
    zone: 'UTC',
    byHeader: (cells) => cells.includes('ts_event') && cells.includes('rtype') && cells.includes('close'),
  },
  {
    name: 'databento-trades',
    title: 'Databento trades',
    url: 'https://databento.com/docs/schemas/trades',
    zone: 'UTC',
    rows: 'trades',
    byHeader: (cells) =>
      ['ts_recv', 'price', 'size'].every((title) => cells.includes(title)) && !cells.includes('bid_px_00'),
    // Databento itself makes candles by the time of receipt.
    renames: { ts_recv: 'timestamp', ts_event: '-' },
  },
  {
    name: 'kaiko',
    title: 'Kaiko OHLCV',
    url: 'https://docs.kaiko.com/kaiko-csv-data/market-data/trades/trade-count-ohlcv-candlesticks-and-vwap',
    zone: 'UTC',
    byName: kaikoName,
    columns: [OHLCV, 'timestamp,count,open,high,low,close,volume,vwap'.split(',')],
  },
  {
    name: 'kaiko-trades',
    title: 'Kaiko trades',
    url: 'https://docs.kaiko.com/kaiko-csv-data/market-data/trades',
    zone: 'UTC',
    rows: 'trades',
    byHeader: (cells) => ['id', 'exchange', 'symbol', 'date', 'price', 'amount'].every((name) => cells.includes(name)),
    columns: ['id,exchange,symbol,date,price,amount,sell'.split(',')],
  },
  {
    name: 'tardis',
    title: 'Tardis trades',
    url: 'https://docs.tardis.dev/downloadable-csv-files',
    zone: 'UTC',
    rows: 'trades',
    byHeader: (cells) =>
      ['exchange', 'symbol', 'timestamp', 'local_timestamp', 'id', 'side', 'price', 'amount'].every((name) =>
        cells.includes(name),
      ),
    columns: ['exchange,symbol,timestamp,local_timestamp,id,side,price,amount'.split(',')],
  },
  {
    name: 'tushare',
    title: 'Tushare',
    url: 'https://tushare.pro/document/2?doc_id=27',
    zone: 'Asia/Shanghai',
    byHeader: (cells) => cells.includes('ts_code') && (cells.includes('trade_date') || cells.includes('trade_time')),
  },
  {
    name: 'investing',
    title: 'Investing.com',
    url: 'https://www.investing.com/equities/apple-computer-inc-historical-data',
    zone: 'ask',
    byHeader: (cells) =>
      cells.includes('price') && cells.includes('vol.') && cells.some((cell) => /^change ?%$/.test(cell)),
  },
  {
    name: 'google',
    title: 'Google Finance',
    url: 'https://support.google.com/docs/answer/3093281',
    zone: 'ask',
    dates: 'mdy',
  },
  {
    name: 'nasdaq',
    title: 'Nasdaq.com',
    url: 'https://www.nasdaq.com/market-activity/stocks/aapl/historical',
    zone: 'America/New_York',
    dates: 'mdy',
    byHeader: (cells) => cells.includes('close/last'),
  },
  {
    name: 'barchart',
    title: 'Barchart',
    url: 'https://www.barchart.com/my/price-history/download',
    zone: 'ask',
    dates: 'mdy',
    byHeader: (cells) =>
      (cells.includes('last') || cells.includes('latest')) && cells.some((cell) => /^%? ?chg$|^%change$/.test(cell)),
  },
];
