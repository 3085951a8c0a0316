/** Columns of a dataset as DuckDB has them: types, and the values of a vector. */
import type * as DuckDB from '@duckdb/node-api';
import { type Dtype, dtypeOf, isTypedArray, type TypedArray } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import type { CandleTable, Dataset } from '../../table.js';
import type { SqlTimes } from './sql-times.js';

export interface ScanColumn {
  readonly name: string;
  readonly dtype: Dtype;
  readonly type: DuckDB.DuckDBType;
}

/** All columns of all symbols; a symbol without one of them has nulls there. */
export function scanColumns(duckdb: typeof DuckDB, dataset: Dataset, times: SqlTimes): ScanColumn[] {
  const columns = new Map<string, ScanColumn>();
  for (const symbol of dataset.symbols) {
    const table = dataset.table(symbol);
    for (const name of table.columns) {
      const dtype = dtypeOfColumn(table, name);
      const known = columns.get(name.toLowerCase());
      if (known === undefined) {
        const isTime = name === 'timestamp' && times === 'timestamp';
        columns.set(name.toLowerCase(), { name, dtype, type: isTime ? duckdb.TIMESTAMP : typeOf(duckdb, dtype) });
      } else requireSame(known, name, dtype, symbol);
    }
  }
  if (columns.has('symbol')) {
    const what = 'a column of the dataset is called "symbol", as the one that names the symbols is in SQL';
    throw new AtcError('UNSUPPORTED', `${what}; import it under another name`, { column: 'symbol' });
  }
  return [...columns.values()];
}

function dtypeOfColumn(table: CandleTable, name: string): Dtype {
  const first = table.blocks([name], { from: 0, to: Math.min(1, table.length) });
  for (const { columns } of first) return dtypeOf(columns[name])!;
  return 'float64';
}

/** Names in SQL do not distinguish capitals. */
function requireSame(known: ScanColumn, name: string, dtype: Dtype, symbol: string): void {
  if (known.name === name && known.dtype === dtype) return;
  const what = `${symbol} has the column "${name}" (${dtype}), another one has "${known.name}" (${known.dtype})`;
  throw new AtcError('UNSUPPORTED', `${what}; in SQL they are one column, and need one name and dtype`, {
    column: name,
  });
}

function typeOf(duckdb: typeof DuckDB, dtype: Dtype): DuckDB.DuckDBType {
  const types: Record<Dtype, DuckDB.DuckDBType> = {
    float64: duckdb.DOUBLE,
    float32: duckdb.FLOAT,
    int8: duckdb.TINYINT,
    uint8: duckdb.UTINYINT,
    int16: duckdb.SMALLINT,
    uint16: duckdb.USMALLINT,
    int32: duckdb.INTEGER,
    uint32: duckdb.UINTEGER,
    int64: duckdb.BIGINT,
    uint64: duckdb.UBIGINT,
  };
  return types[dtype];
}

/** The values of a vector, where they are all of one kind and none is null: bits are copied as they are. */
export function fillVector(vector: DuckDB.DuckDBVector, values: TypedArray): void {
  const items = itemsOf(vector, values.length);
  if (items !== undefined && items.constructor === values.constructor) {
    (items as Float64Array).set(values as Float64Array);
  } else for (let row = 0; row < values.length; row += 1) vector.setItem(row, values[row]);
  vector.flush();
}

/** UTC ms as whole µs. Throws UNSUPPORTED, naming the time, for one between two of them. */
export function fillTimes(duckdb: typeof DuckDB, vector: DuckDB.DuckDBVector, times: TypedArray, symbol: string): void {
  const items = itemsOf(vector, times.length);
  // Two halves of a 64-bit integer, the lower one first: no BigInt for every row.
  const halves =
    items instanceof BigInt64Array ? new Int32Array(items.buffer, items.byteOffset, 2 * times.length) : undefined;
  for (let row = 0; row < times.length; row += 1) {
    const ms = Number(times[row]);
    const micros = ms * 1000;
    if (!Number.isInteger(micros) || micros / 1000 !== ms) throw betweenMicros(symbol, ms);
    if (halves !== undefined && Number.isSafeInteger(micros)) {
      const high = Math.floor(micros / 2 ** 32);
      halves[2 * row] = micros - high * 2 ** 32;
      halves[2 * row + 1] = high;
    } else vector.setItem(row, new duckdb.DuckDBTimestampValue(BigInt(micros)));
  }
  vector.flush();
}

/** One value for all rows: the number of an enumeration, or null. */
export function fillSame(vector: DuckDB.DuckDBVector, rows: number, value: string | null, index = 0): void {
  const items = value === null ? undefined : itemsOf(vector, rows);
  if (items !== undefined && !(items instanceof BigInt64Array)) (items as Uint32Array).fill(index);
  else for (let row = 0; row < rows; row += 1) vector.setItem(row, value);
  vector.flush();
}

/** The memory of a vector, which is no part of its interface: undefined where it is not what it was. */
function itemsOf(vector: object, rows: number): TypedArray | undefined {
  const { items } = vector as { readonly items?: unknown };
  return isTypedArray(items) && items.length === rows ? items : undefined;
}

function betweenMicros(symbol: string, ms: number): AtcError {
  const what = `${symbol}: the time ${ms} ms is no whole microsecond, which is the finest that a TIMESTAMP holds`;
  return new AtcError('UNSUPPORTED', `${what}; take times as numbers`, { column: 'timestamp' });
}
