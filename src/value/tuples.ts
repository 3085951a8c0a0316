/**
 * Rows that are lists, as exchanges return candles (`[ms, open, high, low, close, volume]`) and order books
 * (`[price, amount]`), as columns of numbers, and back.
 */
import type { TypedArray } from '../dtype.js';
import { isExactBuiltin, type PackedValues, packValues, valueReader } from './packed-values.js';

/** Where `encodeValue` finds tuples. */
type TupleColumn =
  | { readonly kind: 'number'; readonly columns: readonly [TypedArray] }
  | Extract<PackedValues, { kind: 'nullable' }>;

/** Codecs predict prices from each other by these names. */
const CANDLE_NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

/** Name of the column with the elements at `index` of tuples of `width`. */
export function tupleName(width: number, index: number): string {
  return width === CANDLE_NAMES.length ? CANDLE_NAMES[index] : String(index);
}

/** Length of every row, where all are lists of one length and nothing else; 0 otherwise. */
export function tupleWidth(rows: readonly unknown[]): number {
  const [first] = rows;
  if (!Array.isArray(first) || first.length === 0) return 0;
  const isTuple = (row: unknown) => Array.isArray(row) && row.length === first.length && isBareList(row);
  return rows.every(isTuple) ? first.length : 0;
}

/** Not of a subclass, without holes, and without properties of its own: none of these would be returned. */
export function isBareList(value: readonly unknown[]): boolean {
  const names = Reflect.ownKeys(value);
  // The indices in order, then `length`, then whatever else there is.
  return isExactBuiltin(value) && names.length === value.length + 1 && names[value.length] === 'length';
}

/**
 * Tuples of numbers, null and undefined, as columns; undefined when `rows` are none. Identity of the rows is not
 * preserved. Rows of `maxWidth` elements or more are no tuples: each is worth a column of its own.
 */
export function packTuples(rows: readonly unknown[], maxWidth: number): TupleColumn[] | undefined {
  const [first] = rows;
  // Cheap tests first: most arrays are no tuples.
  if (!Array.isArray(first) || first.length >= maxWidth || !rows.every(isNumericList)) return undefined;
  const width = tupleWidth(rows);
  if (width === 0) return undefined;
  const tuples = rows as readonly (readonly unknown[])[];
  const columns = Array.from({ length: width }, (_, k) => packNullable(tuples.map((tuple) => tuple[k])));
  return columns.some(({ columns: [, absence] }) => absence?.includes(0) ?? true) ? columns : undefined;
}

function isNumericList(row: unknown): boolean {
  return Array.isArray(row) && row.every((value) => typeof value === 'number' || value === null || value === undefined);
}

/** Numbers, null and undefined; a column without numbers too. */
function packNullable(values: readonly unknown[]): TupleColumn {
  const packed = packValues(values);
  return isTupleColumn(packed) ? packed : packAbsent(values);
}

/** Nothing but null and undefined. */
export function packAbsent(values: readonly unknown[]): TupleColumn {
  const absence = Uint8Array.from(values, (value) => (value === null ? 1 : 2));
  return { kind: 'nullable', columns: [new Float64Array(values.length), absence] };
}

export function isTupleColumn(packed: PackedValues): packed is TupleColumn {
  return packed.kind === 'number' || packed.kind === 'nullable';
}

/** Fresh tuples. */
export function unpackTuples(rows: number, columns: readonly PackedValues[]): unknown[][] {
  // Copies of an array that holds doubles already hold theirs without boxes, and have no more room than they need.
  const model: unknown[] = columns.map(({ kind }) => (kind === 'number' ? 0.5 : null));
  const readers = columns.map(valueReader);
  const tuples: unknown[][] = new Array(rows);
  for (let i = 0; i < rows; i++) {
    const tuple = model.slice();
    for (let k = 0; k < readers.length; k++) tuple[k] = readers[k](i);
    tuples[i] = tuple;
  }
  return tuples;
}
