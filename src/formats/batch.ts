/** Every kind of source of candles -> batches of columns, the one form that everything behind it understands. */

import { requireSymbol } from '../arguments.js';
import type { ColumnSchema } from '../codec/codec.js';
import { type Columns, dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError, type AtcErrorPlace, shown } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { Candle, CandleSource, OhlcvTuple } from '../table.js';

/** Columns of one symbol; of several batches of a symbol the later ones hold later times. */
export interface SymbolColumns {
  /** May come several times, in time order. */
  readonly symbol: string;
  /** All of one length; `timestamp` (UTC ms, ascending) is among them. */
  readonly columns: Columns;
}

/** Rows of one symbol as exchanges return them. */
export interface SymbolTuples {
  /** May come several times, in time order. */
  readonly symbol: string;
  /** Oldest first. */
  readonly rows: readonly OhlcvTuple[];
}

/** A candle of a stream in which several symbols may alternate. */
export type CandleWithSymbol = Candle & {
  /** Whose candle it is. The candles of a symbol come in time order. */
  readonly symbol: string;
};

/** Some rows, of one symbol or of several mixed. */
export interface RowBatch {
  readonly rows: number;
  readonly schema: readonly ColumnSchema[];
  readonly columns: readonly TypedArray[];
  /** Index of the column `timestamp`. */
  readonly timestampAt: number;
  symbolAt(row: number): string;
  /** Rows of several symbols may alternate; all columns are float64 then. */
  readonly isMixed: boolean;
  /** The symbols stand in a column, so that further rows of the file may have others. */
  readonly hasSymbols?: boolean;
  /** Line of each row, where a file has them: what `locationOf` says, without the cost of its text. */
  readonly lines?: Uint32Array;
  /** Where a row came from, for errors; `text` begins the message. */
  locationOf(row: number): AtcErrorPlace & { readonly text: string };
}

/**
 * What `writeDataset` takes besides paths: columns of a symbol, or an iterable of such, or of candles that name their
 * symbol.
 */
export type PieceSource =
  | SymbolColumns
  | SymbolTuples
  | Iterable<SymbolColumns | SymbolTuples | CandleWithSymbol>
  | AsyncIterable<SymbolColumns | SymbolTuples | CandleWithSymbol>;

/** Candles gathered into one batch. */
const CANDLES_PER_BATCH = 4096;

/** Batches of columns or candle objects. Throws ARGUMENT for anything that is neither. */
export async function* batchesOf(source: PieceSource): AsyncGenerator<RowBatch> {
  if (isSymbolColumns(source)) {
    yield batchOfColumns(source);
    return;
  }
  if (isSymbolTuples(source)) {
    yield batchOfTuples(source);
    return;
  }
  requireIterable(source);
  let gathered: CandleWithSymbol[] = [];
  let index = 0;
  for await (const item of source as AsyncIterable<SymbolColumns | SymbolTuples | CandleWithSymbol>) {
    if (isSymbolColumns(item)) {
      yield batchOfColumns(item);
    } else if (isSymbolTuples(item)) {
      yield batchOfTuples(item);
    } else {
      gathered.push(item);
      if (gathered.length === CANDLES_PER_BATCH) {
        yield batchOfCandles(gathered, index);
        index += gathered.length;
        gathered = [];
      }
    }
  }
  if (gathered.length > 0) yield batchOfCandles(gathered, index);
}

function requireIterable(source: unknown): void {
  const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: later } = Object(source) as Partial<AsyncIterable<unknown>> &
    Partial<Iterable<unknown>>;
  if (typeof source !== 'string' && (typeof sync === 'function' || typeof later === 'function')) return;
  const allowed =
    'a path, a list of paths, { symbol, columns }, { symbol, rows }, candles with a symbol, or an (async) iterable ' +
    'of these';
  throw new AtcError('ARGUMENT', `the source must be ${allowed}; got ${shown(source)}`);
}

/** Candles that are all of one symbol. */
export async function* batchesOfSymbol(symbol: string, candles: CandleSource): AsyncGenerator<RowBatch> {
  requireSymbol(symbol, 'the candles of a symbol');
  if (typeof candles !== 'object' || candles === null || ArrayBuffer.isView(candles)) {
    const allowed = 'columns (typed arrays by name), candles, or rows [timestamp, open, high, low, close, volume]';
    throw new AtcError('ARGUMENT', `${symbol}: candles must be ${allowed}; got ${shown(candles)}`);
  }
  if (Array.isArray(candles) && Array.isArray(candles[0])) {
    yield batchOfTuples({ symbol, rows: candles });
  } else if (Symbol.iterator in candles || Symbol.asyncIterator in candles) {
    yield* batchesOf(named(symbol, candles as AsyncIterable<Candle>));
  } else {
    yield batchOfColumns({ symbol, columns: candles });
  }
}

async function* named(symbol: string, candles: AsyncIterable<Candle>): AsyncGenerator<CandleWithSymbol> {
  let index = 0;
  for await (const candle of candles) {
    if (typeof candle !== 'object' || candle === null || Array.isArray(candle)) {
      const advice = Array.isArray(candle) ? '; rows as arrays are taken from a list of them' : '';
      throw new AtcError('ARGUMENT', `${symbol}: candle ${index} must be an object, got ${shown(candle)}${advice}`);
    }
    index += 1;
    yield { ...candle, symbol };
  }
}

function isSymbolColumns(value: unknown): value is SymbolColumns {
  return typeof value === 'object' && value !== null && 'symbol' in value && 'columns' in value;
}

function isSymbolTuples(value: unknown): value is SymbolTuples {
  return (
    typeof value === 'object' && value !== null && 'symbol' in value && 'rows' in value && Array.isArray(value.rows)
  );
}

function batchOfTuples({ symbol, rows }: SymbolTuples): RowBatch {
  requireSymbol(symbol, 'rows of a symbol');
  return batchOfColumns({ symbol, columns: columnsOfTuples(symbol, rows) });
}

export function batchOfColumns({ symbol, columns }: SymbolColumns): RowBatch {
  requireSymbol(symbol, 'columns of a symbol');
  requireColumns(symbol, columns);
  const names = Object.keys(columns);
  const arrays = Object.values(columns);
  const schema = names.map((name, k) => {
    const dtype = dtypeOf(arrays[k]);
    if (dtype === undefined) {
      throw new AtcError('ARGUMENT', `${symbol}: column "${name}" is not a typed array such as Float64Array`);
    }
    if (arrays[k].length !== arrays[0].length) {
      throw new AtcError(
        'ARGUMENT',
        `${symbol}: column "${name}" has ${arrays[k].length} rows, "${names[0]}" ${arrays[0].length}`,
      );
    }
    return { name, dtype };
  });
  requireWholeTimes(symbol, columns);
  const timestampAt = names.indexOf('timestamp');
  if (timestampAt < 0) {
    throw new AtcError(
      'ARGUMENT',
      `${symbol}: a column "timestamp" (UTC ms) is needed${nearestHint('timestamp', names)}`,
    );
  }
  return {
    rows: arrays[0].length,
    schema,
    columns: arrays,
    timestampAt,
    symbolAt: () => symbol,
    isMixed: false,
    locationOf: (row) => ({ text: `row ${row} of ${symbol}`, line: row }),
  };
}

/**
 * Throws ARGUMENT for times as float32, which holds ms of the first five hours of 1970: those of today lose minutes.
 */
export function requireWholeTimes(symbol: string, { timestamp }: Columns): void {
  const hasFew = dtypeOf(timestamp) === 'float32';
  if (!hasFew || (timestamp as Float32Array).every((ms) => !(Math.abs(ms) > 2 ** 24))) return;
  const what = 'column "timestamp" is a Float32Array, which cannot hold the ms of today';
  throw new AtcError('ARGUMENT', `${symbol}: ${what}; a Float64Array or a BigInt64Array is needed`);
}

/** Throws ARGUMENT for what is no object of columns; rows in their stead get the name that is due for them. */
export function requireColumns(symbol: string, columns: unknown): asserts columns is Columns {
  if (typeof columns === 'object' && columns !== null && !Array.isArray(columns) && !ArrayBuffer.isView(columns))
    return;
  const areRows = Array.isArray(columns) && columns.length > 0 && typeof columns[0] === 'object' && columns[0] !== null;
  const advice = !areRows
    ? ''
    : Array.isArray(columns[0])
      ? `; rows [timestamp, open, high, low, close, volume] go into "rows": { symbol: ${shown(symbol)}, rows: [...] }`
      : '; candles that are objects go into the source as they are, each with its symbol: ' +
        '[{ symbol, timestamp, close }]';
  const found = areRows && Array.isArray(columns[0]) ? 'a list of rows' : shown(columns);
  throw new AtcError('ARGUMENT', `${symbol}: columns must be an object of typed arrays by name, got ${found}${advice}`);
}

const TUPLE_COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

/** Rows as exchanges return them. A volume that is null is NaN; anything else has to be a number. */
function columnsOfTuples(symbol: string, rows: readonly unknown[]): Columns {
  const columns = TUPLE_COLUMNS.map(() => new Float64Array(rows.length));
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== TUPLE_COLUMNS.length) {
      throw new AtcError('ARGUMENT', `${symbol}: row ${i} is not [${TUPLE_COLUMNS.join(', ')}]`);
    }
    TUPLE_COLUMNS.forEach((name, k) => {
      const value = name === 'volume' && (row[k] === null || row[k] === undefined) ? Number.NaN : row[k];
      if (typeof value !== 'number') {
        throw new AtcError('ARGUMENT', `${symbol}: ${name} of row ${i} is ${shown(row[k])}, no number`);
      }
      columns[k][i] = value;
    });
  });
  return Object.fromEntries(TUPLE_COLUMNS.map((name, k) => [name, columns[k]]));
}

/**
 * Throws ARGUMENT for a price, volume or time that is text, a date or a bigint: left out as other text is, its column
 * would be missing without a word. null and undefined stand for a missing value.
 */
function refuseAsNumber(name: string, value: unknown, where: string): void {
  if (typeof value !== 'bigint' && (value === null || value === undefined || !TUPLE_COLUMNS.includes(name))) return;
  const due = name === 'timestamp' ? 'UTC ms as a number' : 'a number';
  throw new AtcError('ARGUMENT', `${where}: ${name} must be ${due}, got ${shown(value)}`);
}

function batchOfCandles(candles: readonly CandleWithSymbol[], firstIndex: number): RowBatch {
  const first = candles[0];
  const at = (row: number) => `candle ${firstIndex + row}`;
  if (typeof first !== 'object' || first === null) {
    throw new AtcError('ARGUMENT', `${at(0)}: expected a candle object or { symbol, columns }, found ${typeof first}`);
  }
  if (Array.isArray(first)) {
    const advice =
      "name the symbol: { symbol: 'BTC/USDT', rows }, with rows [timestamp, open, high, low, close, volume]";
    throw new AtcError('ARGUMENT', `${at(0)} is an array, as ccxt gives them, and says no symbol; ${advice}`);
  }
  const names = Object.keys(first).filter((name) => typeof first[name] === 'number');
  const timestampAt = names.indexOf('timestamp');
  for (const [name, value] of Object.entries(first) as [string, unknown][]) {
    if (typeof value !== 'number') refuseAsNumber(name, value, at(0));
  }
  if (timestampAt < 0 || !names.includes('close') || typeof first.symbol !== 'string') {
    throw new AtcError(
      'ARGUMENT',
      `${at(0)}: needs symbol (text), timestamp and close (numbers); it has ${Object.keys(first).join(', ')}`,
    );
  }
  const columns = names.map(() => new Float64Array(candles.length));
  candles.forEach((candle, row) => {
    if (typeof candle?.symbol !== 'string' || candle.symbol === '') {
      throw new AtcError('ARGUMENT', `${at(row)}: its symbol must be a text, got ${shown(candle?.symbol)}`);
    }
    for (const name of Object.keys(candle)) {
      const value = candle[name] as unknown;
      if (typeof value !== 'number') refuseAsNumber(name, value, at(row));
      else if (!names.includes(name)) {
        const what = `${at(row)}: ${name} is a number here and not in ${at(0)}`;
        throw new AtcError('ARGUMENT', `${what}; all candles need the same fields (NaN for a missing value)`);
      }
    }
    names.forEach((name, k) => {
      const value = candle[name];
      if (typeof value !== 'number') {
        throw new AtcError(
          'ARGUMENT',
          `${at(row)}: ${name} is not a number (${typeof value}); all candles need the same fields`,
        );
      }
      columns[k][row] = value;
    });
  });
  return {
    rows: candles.length,
    schema: names.map((name) => ({ name, dtype: 'float64' })),
    columns,
    timestampAt,
    symbolAt: (row) => candles[row].symbol,
    isMixed: true,
    locationOf: (row) => ({ text: at(row), line: firstIndex + row }),
  };
}
