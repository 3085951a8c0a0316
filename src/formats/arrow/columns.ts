/** The columns of a record batch, by the types of its schema. */
import type { Data, DataType, Decimal, Dictionary, Field, RecordBatch, Timestamp, Utf8, Vector } from 'apache-arrow';
import { AtcError } from '../../errors.js';
import {
  type CellColumn,
  type CellLocation,
  decimalsOf,
  numbersOf,
  type TimeUnit,
  timesOf,
  type Validity,
} from '../cell-column.js';
import { halfFloats } from './half-float.js';

/** Type ids of the specification (format/Schema.fbs), as arrow-js numbers them. */
const TYPE = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  largeUtf8: 20,
  utf8View: 24,
} as const;
/** Dictionaries have a negative id: their values are looked up. */
const DICTIONARY = -1;
const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
const HALF = 0;

/** UNSUPPORTED for nested and binary columns, CORRUPT for a number that no double holds. */
export function arrowColumns(
  batch: RecordBatch,
  location: { readonly path: string; readonly firstRow: number },
): CellColumn[] {
  return batch.schema.fields.map((field, k) =>
    columnOf(field, batch.getChildAt(k)!, { ...location, title: field.name }),
  );
}

function columnOf(field: Field, vector: Vector, location: CellLocation): CellColumn {
  const { title } = location;
  const type = field.type as DataType;
  const data = vector.data[0] as Data;
  const rows = vector.length;
  const isValid: Validity | undefined = data.nullCount === 0 ? undefined : (row) => data.getValid(row);
  const values = () => (data.values as Float64Array).subarray(0, rows);
  switch (type.typeId) {
    case TYPE.int:
      return { kind: 'number', title, values: numbersOf(values(), location, isValid) };
    case TYPE.float: {
      const isHalf = (type as unknown as { precision: number }).precision === HALF;
      const floats = isHalf ? halfFloats(values() as unknown as Uint16Array) : values();
      return { kind: 'number', title, values: numbersOf(floats, location, isValid) };
    }
    case TYPE.bool:
      return {
        kind: 'number',
        title,
        values: Float64Array.from(vector, (value) => (value === null ? Number.NaN : Number(value))),
      };
    case TYPE.null:
      return { kind: 'number', title, values: new Float64Array(rows).fill(Number.NaN) };
    case TYPE.decimal:
      return { kind: 'number', title, values: decimalColumn(type as Decimal, data, rows, location, isValid) };
    case TYPE.timestamp: {
      const { unit, timezone } = type as Timestamp;
      const counts = values() as unknown as BigInt64Array;
      const clock = timezone === null || timezone === undefined || timezone === '' ? 'local' : 'utc';
      return { kind: 'time', title, values: timesOf(counts, UNITS[unit], location, isValid), clock, unit: UNITS[unit] };
    }
    case TYPE.date: {
      const unit = (type as unknown as { unit: number }).unit === 0 ? 'days' : 'ms';
      return { kind: 'time', title, values: timesOf(values(), unit, location, isValid), clock: 'date', unit };
    }
    case TYPE.utf8:
    case TYPE.largeUtf8:
    case TYPE.utf8View:
      return { kind: 'text', title, values: Array.from(vector as Vector<Utf8>) };
    case DICTIONARY:
      return dictionaryColumn(type as Dictionary, vector, location);
    default: {
      const what = `${location.path}: column "${title}" is of the type ${type}; numbers, times and text are read`;
      throw new AtcError('UNSUPPORTED', `${what}; write the file without it, or flatten it`, {
        path: location.path,
        column: title,
      });
    }
  }
}

/** Every value of the dictionary is looked at once, however many rows name it. */
function dictionaryColumn(type: Dictionary, vector: Vector, location: CellLocation): CellColumn {
  const data = vector.data[0] as Data;
  const entries = data.dictionary as Vector;
  const field = { name: location.title, type: type.dictionary } as Field;
  const indices = (data.values as Int32Array).subarray(0, vector.length);
  const at = (row: number) => (data.getValid(row) ? Number(indices[row]) : -1);
  const parts = entries.data.map((part) =>
    columnOf(field, new (vector.constructor as new (data: Data[]) => Vector)([part]), location),
  );
  const first = parts[0];
  if (first === undefined || first.kind === 'text') {
    const texts = parts.flatMap((part) => (part as { values: readonly (string | null)[] }).values);
    return { kind: 'text', title: location.title, values: Array.from(indices, (_, row) => texts[at(row)] ?? null) };
  }
  const numbers = parts.flatMap((part) => [...(part.values as Float64Array)]);
  return {
    ...first,
    values: Float64Array.from(indices as ArrayLike<number>, (_, row) => numbers[at(row)] ?? Number.NaN),
  };
}

/** Whole numbers of 128 or 256 bits in little-endian words of 32. */
function decimalColumn(
  type: Decimal,
  data: Data,
  rows: number,
  location: CellLocation,
  isValid?: Validity,
): Float64Array {
  const words = data.values as Uint32Array;
  const stride = type.bitWidth / 32;
  const unscaled = (row: number) => {
    let value = 0n;
    for (let k = stride - 1; k >= 0; k -= 1) value = (value << 32n) | BigInt(words[row * stride + k]);
    return BigInt.asIntN(type.bitWidth, value);
  };
  return decimalsOf(unscaled, rows, type.scale, location, isValid);
}
