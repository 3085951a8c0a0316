/**
 * A JSON document -> the tables of candles in it: answers of exchanges and vendors, tables as pandas writes them,
 * columns as arrays.
 */
import { isTimeTitle } from '../table/time-titles.js';
import { keyOf } from '../table/title-key.js';
import { isFieldTitle } from '../table/vocabulary.js';
import { answerOf } from './answers.js';
import { isCandle, isObject, isRows, type Json, JsonShapeProblem, type JsonTable, symbolIn } from './json-shape.js';

/** Keys under which answers have their rows. */
const WRAPPERS = [
  'result',
  'results',
  'data',
  'Data',
  'list',
  'candles',
  'bars',
  'values',
  'prices',
  'candlesticks',
  'historical',
  'ohlc',
  'ohlcv',
  'klines',
  'items',
  'records',
  'rows',
  'quotes',
  'chart',
  'candle',
  'response',
  'dataset',
  'datatable',
];
/** Empty when there is no table that is understood. */
export function tablesOf(document: unknown): JsonTable[] {
  if (Array.isArray(document)) {
    const items: readonly unknown[] = document;
    return isRows(items) ? [{ rows: items }] : items.flatMap((one) => tablesOf(one));
  }
  if (!isObject(document)) return [];
  return (
    answerOf(document) ??
    yahooChart(document) ??
    alphaVantage(document) ??
    candle(document) ??
    written(document) ??
    wrapped(document)
  );
}

/** One candle by itself, as a stream sends it. */
function candle(document: Json): JsonTable[] | undefined {
  return isCandle(document) ? [{ rows: [document] }] : undefined;
}

/** `{ chart: { result: [{ meta, timestamp, indicators: { quote: [{ open, … }] } }] } }`. */
function yahooChart(document: Json): JsonTable[] | undefined {
  const { chart } = document;
  const results: unknown = isObject(chart) ? chart.result : undefined;
  if (!Array.isArray(results)) return undefined;
  return results.flatMap((one: unknown) => {
    if (!isObject(one) || !isObject(one.indicators) || !Array.isArray(one.timestamp)) return [];
    const { quote, adjclose } = one.indicators as { quote?: Json[]; adjclose?: Json[] };
    const symbol = isObject(one.meta) ? symbolIn(one.meta) : undefined;
    const columns = { timestamp: one.timestamp, ...quote?.[0], ...adjclose?.[0] };
    return byColumns(columns).map((table) => ({ ...table, symbol }));
  });
}

/** `{ "Meta Data": …, "Time Series (5min)": { "2024-01-30 19:55:00": { "1. open": … } } }`. */
function alphaVantage(document: Json): JsonTable[] | undefined {
  const key = Object.keys(document).find(
    (name) => /time series|digital currency/i.test(name) && isObject(document[name]),
  );
  if (key === undefined) return undefined;
  const meta = document['Meta Data'];
  const symbol = isObject(meta) ? symbolIn(meta) : undefined;
  return [{ ...byIndex(document[key] as Json), symbol, preset: 'alphavantage' }];
}

/** What pandas' `to_json` and others write of a table. */
function written(document: Json): JsonTable[] | undefined {
  const { index, data, schema } = document;
  const columns = document.columns ?? document.column_names;
  if (Array.isArray(columns) && Array.isArray(data)) {
    const titles = columns.map((one: unknown) => String(isObject(one) ? one.name : one));
    if (!Array.isArray(index)) return [{ rows: data, titles, symbol: symbolIn(document) }];
    return [{ rows: data.map((row, k) => [index[k], ...(row as unknown[])]), titles: ['', ...titles] }];
  }
  if (isObject(schema) && isRows(data)) return [{ rows: data }];
  const entries = Object.entries(document);
  const keys = entries.map(([key]) => keyOf(key));
  const isTitled = keys.some(isFieldTitle);
  if (isTitled && entries.filter(([, value]) => Array.isArray(value)).length >= 2) return byColumns(document);
  if (entries.length === 0 || !entries.every(([, value]) => isObject(value))) return undefined;
  if (isTitled) return byColumns(Object.fromEntries(entries), true);
  const first = entries[0][1] as Json;
  return Object.keys(first).some((key) => isFieldTitle(keyOf(key))) ? [byIndex(document)] : undefined;
}

/** Columns as arrays, or as objects by index. */
function byColumns(document: Json, byKey = false): JsonTable[] {
  const titles = Object.keys(document).filter((key) =>
    byKey ? isObject(document[key]) : Array.isArray(document[key]),
  );
  if (byKey) {
    const keys = Object.keys(document[titles[0]] as Json);
    const columns = titles.map((title) => document[title] as Json);
    return [{ titles: ['', ...titles], rows: keys.map((key) => [key, ...columns.map((column) => column[key])]) }];
  }
  const columns = titles.map((title) => document[title] as unknown[]);
  const length = Math.max(...columns.map((column) => column.length));
  const odd = columns.findIndex(({ length: own }, k) => own !== length && own > 0 && isKnown(titles[k]));
  if (odd >= 0) {
    const what = `the array "${titles[odd]}" has ${columns[odd].length} values where others have ${length}`;
    throw new JsonShapeProblem(`${what}; which rows they belong to is not known`);
  }
  const whole = columns.filter((column) => column.length === length);
  const names = titles.filter((_, k) => columns[k].length === length);
  return [
    {
      titles: names,
      symbol: symbolIn(document),
      rows: Array.from({ length }, (_, row) => whole.map((column) => column[row])),
    },
  ];
}

function isKnown(title: string): boolean {
  return isFieldTitle(keyOf(title)) || isTimeTitle(keyOf(title));
}

/** Rows by a key that is their time or their number. */
function byIndex(document: Json): JsonTable {
  const odd = Object.entries(document).find(([, row]) => !isObject(row));
  if (odd !== undefined) throw new JsonShapeProblem(`"${odd[0]}" is ${JSON.stringify(odd[1])} where a candle is due`);
  const titles = Object.keys(Object.values(document)[0] ?? {});
  const hasTime = titles.some((title) => isTimeTitle(keyOf(title)));
  const rows = Object.entries(document).map(([key, row]) => [key, ...titles.map((title) => (row as Json)[title])]);
  return { rows, titles: [hasTime ? '' : 'timestamp', ...titles] };
}

/** Rows somewhere inside, under a usual name or under the name of their symbol. */
function wrapped(document: Json): JsonTable[] {
  const meta = isObject(document.meta) ? document.meta : {};
  const symbol = symbolIn(document) ?? symbolIn(meta);
  const zone = typeof meta.exchange_timezone === 'string' ? meta.exchange_timezone : undefined;
  for (const key of WRAPPERS) {
    const inner = document[key];
    if (inner === undefined || inner === null) continue;
    const tables = isRows(inner) ? [{ rows: inner }] : tablesOf(inner);
    if (tables.length > 0) {
      return tables.map((table: JsonTable) => ({ ...table, symbol: table.symbol ?? symbol, zone: table.zone ?? zone }));
    }
  }
  const entries = Object.entries(document).filter(([, value]) => isRows(value) || isObject(value));
  // A key of lower case over the only rows is a name of the answer, not of a symbol.
  const isName = (key: string) => entries.length === 1 && key === key.toLowerCase() && /^[a-z_]+$/.test(key);
  return entries.flatMap(([key, value]) =>
    (isRows(value) ? [{ rows: value }] : tablesOf(value)).map((table: JsonTable) => ({
      ...table,
      symbol: table.symbol ?? (isName(key) ? symbol : key),
    })),
  );
}
