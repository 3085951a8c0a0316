/** Columns of several tickers side by side, as yfinance and pandas name them in Parquet: `('Close', 'AAPL')`. */
import type { CellColumn } from '../cell-column.js';

/** A tuple of Python as text, of two or more strings. */
const TUPLE = /^\((?:'([^']*)'|"([^"]*)"), (?:'([^']*)'|"([^"]*)")\)$/;
const FIELDS = [
  'open',
  'high',
  'low',
  'close',
  'adj close',
  'volume',
  'price',
  'dividends',
  'stock splits',
  'capital gains',
];
/** How pandas names an index without a name. */
const INDEX = /^__index_level_0__$/;

export interface TickerColumns {
  readonly symbol: string;
  readonly columns: readonly CellColumn[];
}

/** One table for each ticker; the whole table under `symbol` where no column is named by a tuple. */
export function splitTickers(columns: readonly CellColumn[], symbol: string): TickerColumns[] {
  const indexed = columns.map((column) => (INDEX.test(column.title) ? { ...column, title: '' } : column));
  // An index without a name stands first, as it does in CSV.
  const ordered = [...indexed.filter(({ title }) => title === ''), ...indexed.filter(({ title }) => title !== '')];
  const pairs = ordered.map((column) => ({ column, pair: pairOf(column.title) }));
  const tickers = new Set(pairs.flatMap(({ pair }) => (pair === undefined || pair.ticker === '' ? [] : [pair.ticker])));
  if (tickers.size === 0) {
    return [
      {
        symbol,
        columns: pairs.map(({ column, pair }) => (pair === undefined ? column : { ...column, title: pair.field })),
      },
    ];
  }
  return [...tickers].map((ticker) => ({
    symbol: ticker,
    columns: pairs.flatMap(({ column, pair }) => {
      if (pair === undefined || pair.ticker === '')
        return [pair === undefined ? column : { ...column, title: pair.field }];
      return pair.ticker === ticker ? [{ ...column, title: pair.field }] : [];
    }),
  }));
}

/** Whether a title names its ticker. */
export function isTickerTitle(title: string): boolean {
  return TUPLE.test(title);
}

/** Which of the two is the field, whichever way round they stand. */
function pairOf(title: string): { field: string; ticker: string } | undefined {
  const match = TUPLE.exec(title);
  if (match === null) return undefined;
  const [first, second] = [match[1] ?? match[2], match[3] ?? match[4]];
  const isTurned = FIELDS.includes(second.toLowerCase()) && !FIELDS.includes(first.toLowerCase());
  return isTurned ? { field: second, ticker: first } : { field: first, ticker: second };
}
