/** Files that trading platforms and libraries write. */
import type { NameFacts, Preset } from '../format.js';
import { leanFacts } from './lean.js';

const OHLCV = 'timestamp,open,high,low,close,volume'.split(',');
const DATE_TIME = 'date,time,open,high,low,close,volume'.split(',');

/** `EURUSD60.csv`: symbol, then minutes of a candle. */
function mt4Name(name: string): NameFacts | undefined {
  const match = /^([A-Za-z#.]+[A-Za-z0-9#._]*?)(1|5|15|30|60|240|1440|10080|43200)\.csv$/.exec(name);
  return match === null ? undefined : { symbol: match[1], interval: MINUTES[match[2]] };
}

const MINUTES: Readonly<Record<string, string>> = {
  1: '1m',
  5: '5m',
  15: '15m',
  30: '30m',
  60: '1h',
  240: '4h',
  1440: '1d',
  10080: '1w',
  43200: '1M',
};

/** `EURUSD_H1_202401020000_202401030500.csv`, `EURUSD_Daily.csv`. */
function mt5Name(name: string): NameFacts | undefined {
  const match = /^(.+?)_(M\d{1,2}|H\d{1,2}|Daily|Weekly|Monthly|D1|W1|MN1?)(?:_\d{8,12}_\d{8,12})?\.csv$/.exec(name);
  if (match === null) return undefined;
  const period = match[2];
  const interval = /^M\d/.test(period)
    ? `${period.slice(1)}m`
    : /^H/.test(period)
      ? `${period.slice(1)}h`
      : LONG[period];
  return { symbol: match[1], interval };
}

const LONG: Readonly<Record<string, string>> = {
  Daily: '1d',
  D1: '1d',
  Weekly: '1w',
  W1: '1w',
  Monthly: '1M',
  MN: '1M',
  MN1: '1M',
};

export const PLATFORMS: readonly Preset[] = [
  {
    name: 'mt4',
    title: 'MetaTrader 4 history',
    url: 'https://www.metatrader4.com/en/trading-platform/help/service/history_center',
    zone: 'ask',
    byName: mt4Name,
    columns: [DATE_TIME, OHLCV],
  },
  {
    name: 'mt5',
    title: 'MetaTrader 5 history',
    url: 'https://www.metatrader5.com/en/terminal/help/trading_advanced/history',
    zone: 'ask',
    byName: mt5Name,
    byHeader: (cells) => cells.includes('<tickvol>'),
    columns: [
      'date,time,open,high,low,close,tickvol,vol,spread'.split(','),
      'date,open,high,low,close,tickvol,vol,spread'.split(','),
      'timestamp,open,high,low,close,tickvol,spread'.split(','),
    ],
  },
  {
    name: 'tradingview',
    title: 'TradingView export',
    url: 'https://www.tradingview.com/support/solutions/43000537255-how-to-export-chart-data/',
    zone: 'UTC',
    byName: (name) => (/^[A-Z0-9_]+_[A-Z0-9.!]+, [0-9A-Z]+(?:_[0-9a-f]+)?\.csv$/.test(name) ? {} : undefined),
  },
  {
    name: 'ninjatrader',
    title: 'NinjaTrader',
    url: 'https://ninjatrader.com/support/helpGuides/nt8/importing.htm',
    zone: 'ask',
    byName: (name) => {
      const match = /^(.+?)\.(Last|Bid|Ask)\.txt$/.exec(name);
      return match === null ? undefined : { symbol: match[1] };
    },
    columns: [OHLCV],
  },
  {
    name: 'lean',
    title: 'LEAN',
    url: 'https://www.quantconnect.com/docs/v2/lean-engine/data-format/key-concepts',
    zone: 'ask',
    hasOwnNames: true,
    byName: leanFacts,
    columns: [OHLCV],
  },
  {
    name: 'qlib',
    title: 'qlib',
    url: 'https://qlib.readthedocs.io/en/latest/component/data.html',
    zone: 'ask',
    hasOwnNames: true,
    // Of the folder of a symbol: `SH600000.day`, `SH600000.1min`.
    byName: (name, folders) => {
      const match = folders[folders.length - 1] === 'features' ? /^(.+)\.(day|\d+min)$/.exec(name) : null;
      if (match === null) return undefined;
      const interval = match[2] === 'day' ? '1d' : match[2].slice(0, -2);
      return { symbol: match[1], interval, isCertain: true };
    },
    byHeader: (cells) =>
      cells.includes('factor') && cells.includes('symbol') && cells.includes('close') && cells.includes('date'),
  },
  {
    name: 'pandas',
    title: 'pandas',
    url: 'https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.to_csv.html',
    zone: 'UTC',
    byHeader: (cells) => cells[0] === '' && cells.length > 2,
  },
  {
    name: 'ohlcv',
    title: 'timestamp, open, high, low, close, volume',
    url: 'https://docs.ccxt.com/#/?id=ohlcv-structure',
    zone: 'UTC',
    columns: [OHLCV, OHLCV.slice(0, 5)],
  },
];
