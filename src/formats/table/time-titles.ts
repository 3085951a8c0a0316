/** What sources call the time of a row. Lists are in order of preference, in lower case. */
import { lastPartOf } from './title-key.js';

/** The time of a candle's open, or of a trade. Times of its close (`close_time`) are no such time. */
export const TIME_TITLES = [
  'ts_event',
  'window_start',
  'candle_date_time_utc',
  'unix timestamp',
  'unix_timestamp',
  'unix',
  'epoch',
  'open_time',
  'open time',
  'opentime',
  'timeopen',
  'time_open',
  'time_period_start',
  'open_timestamp',
  'start_time',
  'starttime',
  'start time',
  'start_at',
  'started_at',
  'startedat',
  'begins_at',
  'timestamp',
  'timestamp_utc',
  'timestamp (utc)',
  'timestamp_ms',
  'datetime',
  'date time',
  'date_time',
  'datetime_utc',
  'date/time',
  'date & time',
  'dateandtime',
  'time_utc',
  'time (utc)',
  'utc time',
  'utc',
  'gmt time',
  'time (gmt)',
  'local time',
  'time',
  'date',
  'date_utc',
  'dtyyyymmdd',
  'yyyymmdd',
  'date (utc)',
  'ts',
  't',
  'dt',
  'start',
  'start date',
  'start_date',
  'startdate',
  'trade_date',
  'trade date',
  'tradedate',
  'trading_date',
  'trading date',
  'tradingdate',
  'trading day',
  'price date',
  'day',
  'time_key',
  'timeframe_start',
  'snapshottime',
  'candle_time',
  'bar_time',
  'period',
  'transact_time',
  'interval_begin',
  'interval_start',
  'period_begin',
  'begin',
  'unixtime',
  'epochtime',
  'timestampms',
  'tradingday',
  'trading_day',
  'business day',
  'bucket',
  'time_bucket',
  'pricedate',
  'datadate',
  'businessdate',
  'eventtime',
] as const;

/** Times of day that stand beside a date. */
export const DAYTIME_TITLES = [
  'time',
  'timestamp',
  'time of day',
  'hour',
  'minute',
  'tradetime',
  'trade_time',
  'trade time',
];

/** Behind the name of a time: its unit, or its zone. */
const UNIT_OR_ZONE =
  /[ _](?:s|sec|secs|seconds|ms|millis|us|micros|ns|nanos|utc|gmt|e[sd]?t|c[sd]?t|p[sd]t|cest|eest|eet|bst|ist|jst|kst|hkt|sgt|msk)$/;

export function isTimeTitle(key: string): boolean {
  return (TIME_TITLES as readonly string[]).includes(key) || /^time \([a-z/_+\-\d]+\)$/.test(key) || isTimePart(key);
}

/** Words that end the name of a time, and those that make it the time of something else. */
const TIME_ENDING =
  /(^|[ _])(date|time|datetime|timestamp)$|^(?:md)?(?:entry|bar|candle|kline|transact|sending|quote)(?:date|time|datetime|timestamp)$/;
const OTHER_TIME = /close|end|last|local_|expir|funding|settle|update|ex[- ]|created|download/;

function isTimePart(key: string): boolean {
  if (TIME_ENDING.test(key) && !OTHER_TIME.test(key)) return true;
  const plain = key.replace(UNIT_OR_ZONE, '');
  if (plain !== key) return isTimeTitle(plain);
  const part = lastPartOf(key);
  return part !== key && ['time', 'date', 'datetime', 'timestamp', 'ts_event'].includes(part);
}
