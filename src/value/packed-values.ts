/**
 * Arrays of ordinary values as columns of numbers, and back: what caches and providers hand over as `number[]`,
 * `Date[]` or candle objects. What is restored is equal in value, type and key order; -0, NaN and the kind of absence
 * (null, undefined) are preserved. Values without a numeric form stay as they are (`other`).
 */
import { types } from 'node:util';
import type { TypedArray } from '../dtype.js';

/** One column of values. `columns` hold one element per value; `words` are looked up by it. */
export type PackedValues =
  | { readonly kind: 'number' | 'date' | 'boolean' | 'bigint'; readonly columns: readonly [TypedArray] }
  /** The second column holds per value: 0 for the number, 1 for null, 2 for undefined. */
  | { readonly kind: 'nullable'; readonly columns: readonly [TypedArray, Uint8Array] }
  | { readonly kind: 'text'; readonly columns: readonly [TypedArray]; readonly words: readonly string[] }
  | { readonly kind: 'other'; readonly values: readonly unknown[] };

export interface PackedRows {
  readonly rows: number;
  readonly fields: readonly { readonly name: string; readonly values: PackedValues }[];
}

type Kind = PackedValues['kind'];

/** More different words than this are no dictionary any more. */
const MAX_WORDS = 65_536;

/** `null` for a value that a nullable column of numbers may hold between its numbers. */
function kindOf(value: unknown): Kind | null {
  switch (typeof value) {
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'text';
    case 'undefined':
      return null;
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'bigint' : 'other';
    default:
      if (value === null) return null;
      return isPlainDate(value) ? 'date' : 'other';
  }
}

/** A Date of any realm, without properties of its own and not of a subclass. */
export function isPlainDate(value: unknown): value is Date {
  return types.isDate(value) && isExactBuiltin(value) && Reflect.ownKeys(value).length === 0;
}

/** True for an instance of a class that extends nothing: value, its prototype, Object.prototype, and nothing more. */
export function isExactBuiltin(value: object): boolean {
  const parent = Object.getPrototypeOf(value);
  const root = parent === null ? null : Object.getPrototypeOf(parent);
  return root !== null && Object.getPrototypeOf(root) === null;
}

/** The values of an array without holes as one column. */
export function packValues(values: readonly unknown[]): PackedValues {
  const { length } = values;
  let kind: Kind | null = null;
  let hasAbsent = false;
  for (let i = 0; i < length; i++) {
    const found = kindOf(values[i]);
    if (found === null) hasAbsent = true;
    else if (kind === null) kind = found;
    else if (kind !== found) kind = 'other';
    if (kind === 'other') break;
  }
  if (kind === 'number') return packNumbers(values, hasAbsent);
  if (hasAbsent || kind === null || kind === 'other') return { kind: 'other', values };
  if (kind === 'text') return packText(values as readonly string[]);
  if (kind === 'bigint') return { kind, columns: [BigInt64Array.from(values as readonly bigint[])] };
  if (kind === 'boolean') return { kind, columns: [Uint8Array.from(values as readonly boolean[], Number)] };
  return { kind: 'date', columns: [Float64Array.from(values as readonly Date[], (date) => date.getTime())] };
}

function packNumbers(from: readonly unknown[], hasAbsent: boolean): PackedValues {
  const { length } = from;
  const values = new Float64Array(length);
  if (!hasAbsent) {
    for (let i = 0; i < length; i++) values[i] = from[i] as number;
    return { kind: 'number', columns: [values] };
  }
  const absence = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const value = from[i];
    if (typeof value === 'number') values[i] = value;
    else absence[i] = value === null ? 1 : 2;
  }
  return { kind: 'nullable', columns: [values, absence] };
}

/** A dictionary pays when words repeat; otherwise the words stay where they are. */
function packText(values: readonly string[]): PackedValues {
  const { length } = values;
  const codes = new Map<string, number>();
  const column = new Uint32Array(length);
  let last: string | undefined;
  let code: number | undefined;
  for (let i = 0; i < length; i++) {
    const word = values[i];
    // Words often stand in runs, and a look-up is most of what a word costs.
    if (word !== last) {
      last = word;
      code = codes.get(word);
    }
    if (code === undefined) {
      code = codes.size;
      codes.set(word, code);
      if (code >= MAX_WORDS || code * 2 > length) return { kind: 'other', values };
    }
    column[i] = code;
  }
  const narrow = codes.size <= 256 ? new Uint8Array(column) : codes.size <= 65_536 ? new Uint16Array(column) : column;
  return { kind: 'text', columns: [narrow], words: [...codes.keys()] };
}

/** Reader of a packed column: value i, freshly made where it is an object. */
export function valueReader(packed: PackedValues): (index: number) => unknown {
  if (packed.kind === 'other') return (i) => packed.values[i];
  const values = packed.columns[0];
  switch (packed.kind) {
    case 'date':
      return (i) => new Date(values[i] as number);
    case 'boolean':
      return (i) => values[i] === 1;
    case 'text':
      return (i) => packed.words[values[i] as number];
    case 'nullable': {
      const absence = packed.columns[1];
      return (i) => (absence[i] === 0 ? values[i] : absence[i] === 1 ? null : undefined);
    }
    default:
      return (i) => values[i];
  }
}

/** An object literal of any realm: its prototype is an Object.prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return true;
  return prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}

/**
 * Rows that are plain objects with the same keys in the same order, as columns; undefined when they are not. Identity
 * of the row objects is not preserved. Accessors are read, as JSON and structuredClone do.
 */
export function packRows(rows: readonly unknown[]): PackedRows | undefined {
  const first = rows[0];
  if (!isPlainObject(first)) return undefined;
  const names = Object.keys(first);
  if (names.length === 0 || names.includes('__proto__')) return undefined;
  for (let i = 0; i < rows.length; i++) {
    if (!isPlainObject(rows[i]) || !hasKeys(rows[i] as object, names)) return undefined;
  }
  const table = rows as readonly Record<string, unknown>[];
  const fields = names.map((name) => {
    return { name, values: numbersOf(table, name) ?? packValues(columnOf(table, name)) };
  });
  return { rows: rows.length, fields };
}

/** The common case without a function call per value: a field that holds nothing but numbers. */
function numbersOf(table: readonly Record<string, unknown>[], name: string): PackedValues | undefined {
  const values = new Float64Array(table.length);
  for (let i = 0; i < table.length; i++) {
    const value = table[i][name];
    if (typeof value !== 'number') return undefined;
    values[i] = value;
  }
  return { kind: 'number', columns: [values] };
}

function columnOf(table: readonly Record<string, unknown>[], name: string): unknown[] {
  const values: unknown[] = new Array(table.length);
  for (let i = 0; i < table.length; i++) values[i] = table[i][name];
  return values;
}

/** `for in` over rows of one shape is some ten times faster than Reflect.ownKeys, which makes an array for each. */
function hasKeys(row: object, names: readonly string[]): boolean {
  let i = 0;
  for (const name in row) if (name !== names[i++]) return false;
  // Own keys that cannot be enumerated would become enumerable, those of a prototype would become own.
  return (
    i === names.length && Object.getOwnPropertyNames(row).length === i && Object.getOwnPropertySymbols(row).length === 0
  );
}

/** Fresh row objects with the keys in their order. */
export function unpackRows({ rows, fields }: PackedRows): Record<string, unknown>[] {
  // Copies of one row have its shape at once; adding the keys one by one to each takes twice as long.
  const first: Record<string, unknown> = {};
  for (const { name, values } of fields) first[name] = rows > 0 ? valueReader(values)(0) : undefined;
  const table: Record<string, unknown>[] = new Array(rows);
  for (let i = 0; i < rows; i++) table[i] = { ...first };
  for (const { name, values } of fields) {
    if (values.kind === 'number') {
      const [column] = values.columns;
      for (let i = 0; i < rows; i++) table[i][name] = column[i];
    } else {
      const read = valueReader(values);
      for (let i = 0; i < rows; i++) table[i][name] = read(i);
    }
  }
  return table;
}
