/**
 * What a provider's method returned, as a description (JSON) and columns (typed arrays), and back in the same shape.
 * Stored are typed arrays, arrays of numbers, dates and words, rows of them (candles), and objects of these with plain
 * settings beside them.
 */
import { types } from 'node:util';
import { isDtype, type TypedArray } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import { binaryKind } from '../../value/binary.js';
import {
  isPlainObject,
  type PackedValues,
  packRows,
  packValues,
  unpackRows,
  valueReader,
} from '../../value/packed-values.js';
import { isBareList, packAbsent, tupleName, tupleWidth, unpackTuples } from '../../value/tuples.js';

/** Columns are named by their position in the list. */
type PackedDescription = {
  readonly kind: Exclude<PackedValues['kind'], 'other'>;
  readonly columns: readonly number[];
} & {
  readonly words?: readonly string[];
};

export type Description =
  | { readonly is: 'array'; readonly column: number }
  | { readonly is: 'values'; readonly length: number; readonly values: PackedDescription }
  | { readonly is: 'rows'; readonly rows: number; readonly fields: readonly (readonly [string, PackedDescription])[] }
  | { readonly is: 'tuples'; readonly rows: number; readonly fields: readonly PackedDescription[] }
  | { readonly is: 'object'; readonly fields: readonly (readonly [string, Description])[] }
  | { readonly is: 'plain'; readonly value: unknown };

export interface ResultColumn {
  readonly name: string;
  readonly values: TypedArray;
}

const MAX_DEPTH = 8;

/** Throws UNSUPPORTED with the path of what cannot be given back in the same shape. */
export function describeResult(result: unknown): { description: Description; columns: ResultColumn[] } {
  const columns: ResultColumn[] = [];
  const description = describe(result, 'result', columns, 0);
  return { description, columns };
}

function describe(value: unknown, path: string, columns: ResultColumn[], depth: number): Description {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (isPlain(value)) return { is: 'plain', value };
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) throw unsupported(path, value);
  const kind = binaryKind(value);
  if (kind !== undefined) {
    // A Buffer or DataView would be returned as something else.
    if (!isDtype(kind)) throw unsupported(path, value);
    // So would memory that others write to.
    if (types.isSharedArrayBuffer((value as TypedArray).buffer)) throw unsupported(path, value);
    return { is: 'array', column: columns.push({ name, values: value as TypedArray }) - 1 };
  }
  if (Array.isArray(value)) return describeArray(value, path, name, columns);
  if (!isPlainObject(value)) throw unsupported(path, value);
  const fields = Object.keys(value).map(
    (key) => [key, describe(value[key], `${path}.${key}`, columns, depth + 1)] as const,
  );
  if (fields.some(([key]) => key === '__proto__') || Reflect.ownKeys(value).length !== fields.length) {
    throw unsupported(path, value);
  }
  return { is: 'object', fields };
}

/** Strings, flags and numbers that JSON gives back as they are. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

function describeArray(value: readonly unknown[], path: string, name: string, columns: ResultColumn[]): Description {
  if (!isBareList(value)) throw unsupported(path, value);
  if (value.length === 0) return { is: 'rows', rows: 0, fields: [] };
  const rows = packRows(value);
  if (rows) {
    const fields = rows.fields.map(
      (field) => [field.name, columnsOf(field.values, `${path}[].${field.name}`, field.name, columns)] as const,
    );
    return { is: 'rows', rows: rows.rows, fields };
  }
  const width = tupleWidth(value);
  if (width > 0) {
    const tuples = value as readonly (readonly unknown[])[];
    const fields = Array.from({ length: width }, (_, k) =>
      columnsOf(packValues(tuples.map((tuple) => tuple[k])), `${path}[][${k}]`, tupleName(width, k), columns),
    );
    return { is: 'tuples', rows: tuples.length, fields };
  }
  refuseUnevenRows(value, path);
  return {
    is: 'values',
    length: value.length,
    values: columnsOf(packValues(value), path, name, columns),
  };
}

/**
 * Rows whose fields differ from those of the first row have no columns; throws UNSUPPORTED naming the first such row.
 */
function refuseUnevenRows(rows: readonly unknown[], path: string): void {
  if (!isPlainObject(rows[0])) return;
  const fields = Object.keys(rows[0]);
  rows.forEach((row, k) => {
    if (!isPlainObject(row)) return;
    const other = [
      ...Object.keys(row).filter((key) => !fields.includes(key)),
      ...fields.filter((key) => !(key in row)),
    ][0];
    if (other === undefined) return;
    const what = `row ${k} of ${path} and row 0 have different fields ("${other}")`;
    throw new AtcError('UNSUPPORTED', `${what}, so they cannot be stored in columns; the provider is asked every time`);
  });
}

function columnsOf(found: PackedValues, path: string, name: string, columns: ResultColumn[]): PackedDescription {
  const packed = absentAsColumns(found);
  if (packed.kind === 'other') {
    throw unsupported(
      path,
      packed.values.find((value) => value !== undefined && value !== null),
    );
  }
  const locations = packed.columns.map((values) => columns.push({ name, values: values as TypedArray }) - 1);
  return { kind: packed.kind, columns: locations, ...(packed.kind === 'text' ? { words: packed.words } : {}) };
}

/** A field that is never there, as the volume of an index: null and undefined only are columns too. */
function absentAsColumns(packed: PackedValues): PackedValues {
  if (packed.kind !== 'other') return packed;
  const { values } = packed;
  const isAbsent = values.every((value) => value === null || value === undefined);
  return isAbsent ? packAbsent(values) : packed;
}

function unsupported(path: string, value: unknown): AtcError {
  const what = typeof value === 'object' && value !== null ? `an instance of ${value.constructor?.name}` : typeof value;
  return new AtcError('UNSUPPORTED', `${path} (${what}) cannot be stored in columns; the provider is asked every time`);
}

/** A column that is handed out, or one that is read once to make other values from. */
export type OpenColumn = (index: number, use: 'view' | 'copy') => TypedArray;

/** The result again: typed arrays are what `column` gives, everything else is fresh. CORRUPT when they do not fit. */
export function rebuildResult(description: Description, column: OpenColumn): unknown {
  switch (description?.is) {
    case 'plain':
      return description.value;
    case 'array':
      return column(description.column, 'view');
    case 'values': {
      const read = valueReader(reopen(description.values, description.length, column));
      return Array.from({ length: description.length }, (_, i) => read(i));
    }
    case 'rows': {
      const fields = description.fields.map(([name, values]) => ({
        name,
        values: reopen(values, description.rows, column),
      }));
      return unpackRows({ rows: description.rows, fields });
    }
    case 'tuples': {
      const { rows, fields } = description;
      return unpackTuples(
        rows,
        fields.map((values) => reopen(values, rows, column)),
      );
    }
    case 'object':
      return Object.fromEntries(description.fields.map(([key, field]) => [key, rebuildResult(field, column)]));
    default:
      throw new AtcError('CORRUPT', 'a cached result has a description that makes no sense; it is rebuilt');
  }
}

function reopen(packed: PackedDescription, length: number, column: OpenColumn): PackedValues {
  const columns = packed.columns.map((index) => column(index, 'copy'));
  if (columns.length === 0 || columns.some((values) => values.length !== length)) {
    throw new AtcError('CORRUPT', `a cached column does not have its ${length} values; the result is rebuilt`);
  }
  if (packed.kind === 'nullable') return { kind: 'nullable', columns: [columns[0], columns[1] as Uint8Array] };
  if (packed.kind === 'text') return { kind: 'text', columns: [columns[0]], words: packed.words ?? [] };
  return { kind: packed.kind, columns: [columns[0]] };
}
