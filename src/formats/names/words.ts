/**
 * What the words of a name are: whether a file or a folder is named after an instrument, or after what every instrument
 * has (prices, days, intervals, parts).
 */

/** What a name says. */
export interface NameKind {
  /**
   * `instrument`: it has a word of its own; `capitals`: its word is a ticker too (`MIN`, `OPEN`); `place`: an exchange,
   * a market or a class of instruments; `silent`: none of these.
   */
  readonly kind: 'instrument' | 'capitals' | 'place' | 'silent';
  /** The interval of candles that it says beside that, such as `1h`. */
  readonly interval?: string;
  /** The interval is a word (`daily`), which can also mean how often a file is published. */
  readonly isVague: boolean;
  /** The words that are no date, interval or number: `data` of `data_0`. */
  readonly words: readonly string[];
}

/** Words that say nothing of an instrument; up to three may be written as one. */
const GENERIC =
  'my|the|data|dataset|price|prices|history|histories|historical|hist|ohlc|ohlcv|ohlcvt|candle|candles|candlestick|' +
  'candlesticks|kline|klines|bar|bars|quote|quotes|tick|ticks|trade|trades|series|timeseries|time|market|table|output|' +
  'out|input|in|export|exports|exported|download|downloads|downloaded|result|results|chart|charts|archive|archives|' +
  'backup|train|training|test|testing|valid|validation|val|eval|sample|samples|example|examples|raw|clean|cleaned|' +
  'processed|adjusted|unadjusted|adj|unadj|full|all|new|old|latest|recent|current|merged|combined|final|tmp|temp|' +
  'csv|csvs|tsv|txt|json|jsonl|parquet|pq|arrow|feather|npy|npz|zip|gz|zst|gzip|snappy|zstd|lz4|intraday|year|years|' +
  'month|months|day|days|week|weeks|hours|min|mins|bid|ask|mid|last|utc|est|local|ms|split|splits|db|lake|store|' +
  'values|rows|snapshot';
/** Words of files that are parts of one table: numbers beside them count. */
const PARTS = 'part|parts|chunk|chunks|batch|batches|file|files|page|segment|shard|block|tid|task';

/** Where instruments are traded, and what they are: used where nothing better says whose rows they are. */
const PLACES = new Set(
  (
    'binance binanceus kraken coinbase bitstamp bitfinex bybit okx okex kucoin gate gateio huobi htx bitmex deribit ' +
    'gemini mexc upbit bithumb poloniex bitget dydx hyperliquid ftx bittrex oanda dukascopy fxcm ib ibkr yahoo stooq ' +
    'alpaca polygon massive tiingo databento finam kaiko tardis tushare histdata mt4 mt5 nasdaq nyse amex arca bats lse ' +
    'tsx asx hkex hkse sse szse jpx tse twse nse bse krx cme cbot nymex comex ice eurex xetra euronext moex exchange ' +
    'exchanges markets stock stocks share shares equity equities crypto cryptos coin coins forex fx currency currencies ' +
    'future futures option options index indices indexes etf etfs fund funds commodity commodities bond bonds rates ' +
    'spot perp perps perpetual perpetuals swap swaps linear inverse um cm margin usdm coinm us usa uk eu japan china ' +
    'india germany europe asia symbols tickers'
  ).split(' '),
);

const GENERIC_WORD = new RegExp(`^(?:${GENERIC}|${PARTS}){1,3}\\d*$`);
const PART_WORD = new RegExp(`^(?:${PARTS})\\d*$`);
/** One word in capitals as short as a ticker; these few are none. */
const CAPITALS = /^(?!(?:OHLC|DATA|CSV|JSON|TXT)$)[A-Z]{1,4}$/;
const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{16,}(?![0-9a-z])/gi;
const MONTH =
  /^(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august|(?:septem|octo|novem|decem)ber)$/i;
/** Quarters, half years, weeks, fiscal years, times of day, versions, and parts as Spark numbers them. */
const PERIOD =
  /^(?:(?:(?:19|20)\d\d)?(?:[qh][1-4]|w[0-5]\d)|fy\d{2,4}|y(?:19|20)\d\d|\d{1,8}t\d{1,6}z?|c\d{3,}|v\d{1,2})$/i;

type Token = 'own' | 'code' | 'place' | 'generic' | 'date' | 'interval' | 'number';

/** `isDate`: whether a name that is a number alone (`2024`, `600519`) is a date, by the names beside it. */
export function kindOfName(name: string, isDate: (digits: string) => boolean): NameKind {
  // A folder of a partition says what its title is; symbols are found by their titles. `ES=F` is a ticker of Yahoo.
  if (/^[^=]+=/.test(name) && !/=[FX]$/.test(name)) return { kind: 'silent', isVague: false, words: [] };
  if (/^\d+$/.test(name)) return { kind: isDate(name) ? 'silent' : 'instrument', isVague: false, words: [] };
  const plain = name.replace(UUID, ' ');
  const tokens = plain.split(/[\s_\-.,;()[\]+~]+/).filter((token) => token !== '');
  const kinds = tokens.map(kindOfToken);
  const isPart = plain !== name || tokens.some((token) => PART_WORD.test(token.toLowerCase()));
  const intervals = tokens.filter((_, k) => kinds[k] === 'interval');
  const facts = {
    interval: intervals.length === 1 ? intervalOf(intervals[0]) : undefined,
    isVague: /^[a-z]+$/i.test(intervals[0] ?? ''),
    words: tokens.filter((_, k) => kinds[k] === 'generic' || kinds[k] === 'place'),
  };
  if (kinds.includes('own') || (kinds.includes('code') && !isPart))
    return { kind: 'instrument', isVague: false, words: [] };
  if (CAPITALS.test(name)) return { ...facts, kind: 'capitals' };
  return { ...facts, kind: kinds.includes('place') ? 'place' : 'silent' };
}

function kindOfToken(token: string): Token {
  if (/^\d+$/.test(token)) {
    if (isPlausibleDate(token)) return 'date';
    // Numeric tickers have four to six digits.
    return /^(?!0+$)\d{4,6}$/.test(token) ? 'code' : 'number';
  }
  const lower = token.toLowerCase();
  if (PLACES.has(lower)) return 'place';
  if (INTERVAL_WORDS[lower] !== undefined || INTERVAL.test(token) || PERIOD_CODE.test(token)) return 'interval';
  if (PERIOD.test(token) || MONTH.test(token)) return 'date';
  return GENERIC_WORD.test(lower) ? 'generic' : 'own';
}

const LATEST_YEAR = new Date().getUTCFullYear() + 2;

/** `2024`, `202401`, `20240131`. */
export function isPlausibleDate(digits: string): boolean {
  if (!/^(?:\d{4}|\d{6}|\d{8})$/.test(digits)) return false;
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6) || '1', digits.slice(6) || '1'].map(Number);
  if (year < 1970 || year > LATEST_YEAR) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const INTERVAL_WORDS: Readonly<Record<string, string>> = {
  ...{ minute: '1m', minutes: '1m', minutely: '1m', hourly: '1h', hour: '1h', daily: '1d', eod: '1d', weekly: '1w' },
  ...{ monthly: '1M', quarterly: '1q', yearly: '1y', second: '1s', seconds: '1s' },
};
const INTERVAL =
  /^(\d{1,4})(s|secs?|seconds?|m|mi|mins?|minutes?|t|h|hrs?|hours?|d|days?|w|wks?|weeks?|mo|mon|months?)$/i;
/** MetaTrader's. */
const PERIOD_CODE = /^(?:M(?:[1-6]|1[025]|20|30)|H(?:[1-4]|6|8|12)|D1|W1|MN1?)$/;

/** `60m` of `60Min`, `1h` of `H1` and `hourly`; undefined where it can mean several. */
function intervalOf(token: string): string | undefined {
  const word = INTERVAL_WORDS[token.toLowerCase()];
  if (word !== undefined) return word;
  if (PERIOD_CODE.test(token)) return token.startsWith('MN') ? '1M' : `${token.slice(1)}${token[0].toLowerCase()}`;
  const [, count, unit] = INTERVAL.exec(token) ?? [];
  // Capital M means months and, with counts such as 5 and 15, minutes.
  if (unit === 'M') return count === '1' ? '1M' : Number(count) % 5 === 0 ? `${count}m` : undefined;
  const lower = unit.toLowerCase();
  if (lower.startsWith('mo')) return `${count}M`;
  return `${Number(count)}${lower === 't' ? 'm' : lower[0]}`;
}
