/** Answers of exchanges and brokers whose rows only their source explains. */
import { isObject, isRows, type Json, type JsonTable, symbolIn } from './json-shape.js';

const titlesOf = (text: string): string[] => text.split(',');
/** By documentation; `-` leaves a cell out. */
const KUCOIN = titlesOf('timestamp,open,close,high,low,volume,turnover');
const BITGET = titlesOf('timestamp,open,high,low,close,volume,usdt_volume,quote_volume');
const KITE = titlesOf('timestamp,open,high,low,close,volume,open_interest');
const GATE = titlesOf('timestamp,quote_volume,close,high,low,open,volume,-');
const MEXC = titlesOf('open_time,open,high,low,close,volume,close_time,quote_volume');
/** Fields of HTX that mean something else elsewhere. */
const HTX: Readonly<Record<string, string>> = { id: 'timestamp', amount: 'volume', vol: 'turnover' };

/** Undefined for what no source here answers. */
export function answerOf(document: Json): JsonTable[] | undefined {
  return ofExchange(document) ?? ofColumns(document) ?? ofStream(document);
}

function ofExchange(document: Json): JsonTable[] | undefined {
  const { result, data, code, retCode, ch, status } = document;
  if (Array.isArray(document.error) && isObject(result)) {
    return Object.entries(result).flatMap(([symbol, rows]) =>
      isRows(rows) ? [{ rows, symbol, preset: 'kraken' }] : [],
    );
  }
  if (retCode !== undefined && isObject(result) && isRows(result.list)) {
    return [{ rows: result.list, symbol: symbolIn(result), preset: 'bybit' }];
  }
  if (code !== undefined && isRows(data) && Array.isArray(data[0])) {
    if (String(code) === '200000') return [{ rows: data, titles: KUCOIN }];
    if (String(code) === '00000') return [{ rows: data, titles: BITGET.slice(0, data[0].length) }];
    return [{ rows: data, preset: 'okx' }];
  }
  const channel = /^market\.(\w+)\.kline\./.exec(String(ch))?.[1];
  if (channel !== undefined && isRows(data)) {
    const rows = data.map((row) =>
      Object.fromEntries(Object.entries(row as Json).map(([key, value]) => [HTX[key] ?? key, value])),
    );
    return [{ rows, symbol: channel.toUpperCase() }];
  }
  if (status === 'success' && isObject(data) && isRows(data.candles) && Array.isArray(data.candles[0])) {
    return [{ rows: data.candles, titles: KITE.slice(0, data.candles[0].length) }];
  }
  return undefined;
}

/** Deribit: columns as arrays, of which `ticks` are the times. */
function ofColumns({ result }: Json): JsonTable[] | undefined {
  if (!isObject(result) || !Array.isArray(result.ticks) || !Array.isArray(result.close)) return undefined;
  const columns = Object.entries(result).filter(([, values]) => Array.isArray(values)) as [string, unknown[]][];
  return [
    {
      titles: columns.map(([name]) => (name === 'ticks' ? 'timestamp' : name)),
      rows: result.ticks.map((_, row) => columns.map(([, values]) => values[row])),
    },
  ];
}

/** What streams send: a candle in an envelope. */
function ofStream(document: Json): JsonTable[] | undefined {
  const { arg, data, k } = document;
  if (isObject(arg) && /^candle/.test(String(arg.channel)) && isRows(data)) {
    return [{ rows: data, symbol: symbolIn(arg), preset: 'okx' }];
  }
  if (document.e !== 'kline' || !isObject(k)) return undefined;
  const { t, o, h, l, c, v } = k;
  return [{ rows: [{ t, o, h, l, c, v }], symbol: symbolIn(k) }];
}

/** Titles of tuples that their own cells explain; undefined for all others. */
export function titlesOfTuple(tuple: readonly unknown[]): { titles?: readonly string[]; preset?: string } | undefined {
  const length = Number(tuple[6]) - Number(tuple[0]);
  // The seventh cell is the last moment of the candle that begins with the first.
  const isEnd = length > 0 && length < 32 * 86_400_000 * 1000 && (length + 1) % 1000 === 0;
  if (tuple.length === 12 && isEnd) return { preset: 'binance' };
  if (tuple.length === 8 && isEnd) return { titles: MEXC };
  if (tuple.length === 8 && (tuple[7] === 'true' || tuple[7] === 'false')) return { titles: GATE };
  return undefined;
}
