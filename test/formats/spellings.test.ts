/** Titles, dates and numbers in the spellings of public files: what each is read as, or how it is refused. */
import { parseCsv } from '../../src/formats/csv/parse-csv.js';
import type { ImportOptions } from '../../src/formats/options.js';
import { contextOf, fileOf, joined } from './source-files.js';

async function read(text: string, options: ImportOptions = {}) {
  const file = fileOf(text, { name: 'f.csv' });
  const { names, columns, symbols } = await joined(parseCsv(file, contextOf(file, options)));
  return { time: new Date(columns[0][0]).toISOString(), symbol: symbols[0], names, first: columns.map(([one]) => one) };
}

const NUMBERS = '5.5,5.75,5.25,5.6,84';

test.each(
  [
    ...['unixtime', 'ts_utc', 'epoch_ms', 'time_ms', 'unix_s', 'Epoch', 'openTime', 'kline_open_time', 'epochtime'],
    ...['Start Time', 'timestamp_us', 'time_bucket', 'candle_begin_time', 'Date (UTC)', 'interval_begin'],
  ].map((title) => [title]),
)('%s is the time', async (title) => {
  const { time, names } = await read(`${title},open,high,low,close,volume\n1678597200000,${NUMBERS}\n`);
  expect([time, ...names]).toEqual(['2023-03-12T05:00:00.000Z', 'timestamp', 'open', 'high', 'low', 'close', 'volume']);
});

test('a title that ends with letters of more than one zone asks for it', async () => {
  const text = `datetime_est,open,high,low,close,volume\n2023-03-10 05:00,${NUMBERS}\n`;
  await expect(read(text)).rejects.toThrow(/line 2, column "datetime_est": .*--timezone/);
  expect((await read(text, { timezone: 'America/New_York' })).time).toBe('2023-03-10T10:00:00.000Z');
});

test.each([
  ['Jan 14, 2020', '2020-01-14T00:00'],
  ['14-Jan-2020', '2020-01-14T00:00'],
  ['1/14/20', '2020-01-14T00:00'],
  ['14.01.2020', '2020-01-14T00:00'],
  ['19991110.0', '1999-11-10T00:00'],
  ['20200114 0930', '2020-01-14T09:30'],
  ['01/14/2020 4:00:00 PM', '2020-01-14T16:00'],
  ['Tue, 14 Jan 2020 09:30:00 GMT', '2020-01-14T09:30'],
  ['20200114 09:30:00 US/Eastern', '2020-01-14T14:30'],
  ['2020-07-14 09:30:00 America/New_York', '2020-07-14T13:30'],
])('the date %s', async (date, expected) => {
  const { time } = await read(`Date,open,high,low,close,volume\n"${date}",${NUMBERS}\n`);
  expect(time.slice(0, 16)).toBe(expected);
});

test.each([
  ['1/4/2020', /can be read in more than one way.*--dates/],
  ['43844', /the day of a spreadsheet: format its column as dates/],
  ['1.5789690E+12', /its last digits were lost/],
  ['2020-02-30', /no such day/],
  ['0001-01-01', /the year 1/],
  ['2020-01-14 09:30:00 EST', /more than one meaning.*--timezone/],
  ['2020-01-14 09:30:00 Nowhere/Land', /Nowhere\/Land/],
  ['next week', /neither a date nor a number/],
])('the date %s is refused with file, line, column and what helps', async (date, message) => {
  const text = `Date,open,high,low,close,volume\n"${date}",${NUMBERS}\n`;
  await expect(read(text)).rejects.toThrow(message);
  await expect(read(text)).rejects.toThrow(/^f.csv: line 2, column "Date": /);
});

test.each([
  ['8,746.6', 8746.6],
  ['1.38M', 1_380_000],
  ['7.83%', 7.83],
  ['$188.04', 188.04],
  ["1'234.5", 1234.5],
  ['2.3B', 2.3e9],
  ['+5.5', 5.5],
  ['N/A', Number.NaN],
  ['--', Number.NaN],
])('the number %s', async (text, expected) => {
  const { first } = await read(`Date,close\n2020-01-14,"${text}"\n2020-01-15,1.5\n`);
  expect(first[1]).toBe(expected);
});

test.each(['12,50', '0x10', 'inf', '5..5', '(12.5)', '5.5 USD', '1_000.5'])(
  'the number %s is refused with its line and column',
  async (text) => {
    await expect(read(`Date,close\n2020-01-14,"${text}"\n2020-01-15,1.5\n`)).rejects.toThrow(
      /^f.csv: line 2, column "close": ".*" is not a number/,
    );
  },
);

describe.each(['inf', '-inf', '+inf', 'Infinity', '-Infinity', 'INF', '1.#INF'])('the infinite value %s', (text) => {
  test.each([
    ['close', `Date,close,change\n2020-01-14,1,1\n2020-01-15,${text},1\n`],
    ['change', `Date,close,change\n2020-01-14,1,1\n2020-01-15,2,${text}\n`],
    ['change', `Date,close,change\n2020-01-14,1,\n2020-01-15,2,${text}\n`],
    ['change', `Date,close,change\n2020-01-14,1,-nan\n2020-01-15,2,"${text}"\n`],
  ])('is refused in the column %s with its line', async (column, file) => {
    await expect(read(file)).rejects.toThrow(
      new RegExp(`^f.csv: line 3, column "${column}": ".*" is not a number; infinite values`),
    );
  });
});

test.each([
  ...['Last', 'Close Price', 'AAPL.Close', 'LTP', 'Close_', 'close_usd', 'Close (USD)', 'close_price_usd', 'PX_LAST'],
  ...['1b. close (USD)', 'NAV', 'Last Traded Price', 'trade_price'],
])('%s is the close', async (title) => {
  expect((await read(`Date,${title}\n2020-01-14,5.5\n2020-01-15,5.75\n`)).names).toEqual(['timestamp', 'close']);
});

test.each([
  ['permno', '10107'],
  ['ISIN', 'US0378331005'],
  ['InstrumentID', 'rb2305'],
  ['tradingsymbol', 'INFY'],
  ['instrument_name', 'BTC-PERP'],
  ['Stock Name', 'Apple'],
  ['s', 'BTC'],
])('%s names the symbol', async (title, symbol) => {
  const found = await read(`Date,${title},close\n2020-01-14,${symbol},5.5\n2020-01-15,${symbol},5.75\n`);
  expect([found.symbol, ...found.names]).toEqual([symbol, 'timestamp', 'close']);
});

test('a column of numbers called s is a number', async () => {
  expect((await read('Date,s,close\n2020-01-14,7,5.5\n')).names).toEqual(['timestamp', 's', 'close']);
});
