/** The columns of a row group: physical values by hyparquet, their meaning by the logical types of the schema. */
import type { FileMetaData, SchemaElement } from 'hyparquet';
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

/** A physical value; null and undefined stand for a missing one. */
type Cell = number | bigint | boolean | string | Uint8Array | null | undefined;
export type ParquetValues = ArrayLike<Cell>;

export interface ParquetColumn {
  readonly name: string;
  /** With its logical type. */
  readonly element: SchemaElement;
}

/** Texts remembered of one page. */
const MAX_KNOWN = 10_000;
const UNITS: Readonly<Record<string, TimeUnit>> = { MILLIS: 'ms', MICROS: 'us', NANOS: 'ns' };
/** Logical types whose values are wanted as they are stored: what a library makes of them rounds. */
const AS_STORED = [
  'DECIMAL',
  'TIMESTAMP',
  'DATE',
  'TIME',
  'TIMESTAMP_MILLIS',
  'TIMESTAMP_MICROS',
  'TIME_MILLIS',
  'TIME_MICROS',
];

/** The columns, and metadata from which those logical types are removed. UNSUPPORTED for columns that are nested. */
export function physicalMetadata(
  metadata: FileMetaData,
  path: string,
): { physical: FileMetaData; columns: ParquetColumn[] } {
  const [root, ...elements] = metadata.schema;
  const nested = elements.find(
    ({ num_children, repetition_type }) => num_children !== undefined || repetition_type === 'REPEATED',
  );
  if (nested !== undefined) {
    const what = `${path}: column "${nested.name}" is nested; only plain columns are read`;
    throw new AtcError('UNSUPPORTED', `${what}: flatten it, or write the file without it`, {
      path,
      column: nested.name,
    });
  }
  const schema = elements.map((element) => {
    const { converted_type, logical_type, ...stored } = element;
    return AS_STORED.includes(logical_type?.type ?? converted_type ?? '') ? stored : element;
  });
  return {
    physical: { ...metadata, schema: [root, ...schema] },
    columns: elements.map((element) => ({ name: element.name, element })),
  };
}

/** CORRUPT for a number that no double holds, UNSUPPORTED for bytes that are no text. */
export function parquetColumn({ element }: ParquetColumn, values: ParquetValues, location: CellLocation): CellColumn {
  const { title } = location;
  const isValid = validity(values);
  const kind = element.logical_type?.type ?? element.converted_type;
  const numbers = values as ArrayLike<number | bigint>;
  if (kind === 'DECIMAL') {
    const scale = (element.logical_type as { scale?: number } | undefined)?.scale ?? element.scale ?? 0;
    const unscaled = (row: number) => unscaledOf(values[row]);
    return { kind: 'number', title, values: decimalsOf(unscaled, values.length, scale, location, isValid) };
  }
  if (kind === 'DATE') {
    return { kind: 'time', title, values: timesOf(numbers, 'days', location, isValid), clock: 'date', unit: 'days' };
  }
  if (kind?.startsWith('TIMESTAMP') || element.type === 'INT96') {
    const { unit, isUtc } = timestampOf(element);
    return {
      kind: 'time',
      title,
      values: timesOf(numbers, unit, location, isValid),
      clock: isUtc ? 'utc' : 'local',
      unit,
    };
  }
  if (element.type?.endsWith('BYTE_ARRAY') && kind !== 'FLOAT16') {
    return { kind: 'text', title, values: textsOf(values, location) };
  }
  if (kind?.startsWith('TIME')) {
    const what = `${location.path}: column "${title}" holds times of day`;
    throw new AtcError('UNSUPPORTED', `${what}; write one column of timestamps instead`, {
      path: location.path,
      column: title,
    });
  }
  if (element.type === 'BOOLEAN') {
    return {
      kind: 'number',
      title,
      values: Float64Array.from(values, (value) =>
        value === null || value === undefined ? Number.NaN : Number(value),
      ),
    };
  }
  return { kind: 'number', title, values: numbersOf(numbers, location, isValid) };
}

/** INT96 of older writers: days and ns, which the reader joins to ns; in UTC by convention. */
function timestampOf(element: SchemaElement): { unit: TimeUnit; isUtc: boolean } {
  const type = element.logical_type;
  if (type?.type === 'TIMESTAMP') return { unit: UNITS[type.unit], isUtc: type.isAdjustedToUTC };
  if (element.type === 'INT96') return { unit: 'ns', isUtc: true };
  // The converted types stand for times in UTC.
  return { unit: element.converted_type === 'TIMESTAMP_MILLIS' ? 'ms' : 'us', isUtc: true };
}

/** Undefined when nothing is missing, as in typed arrays. */
function validity(values: ParquetValues): Validity | undefined {
  return ArrayBuffer.isView(values) ? undefined : (row) => values[row] !== null && values[row] !== undefined;
}

/** Whole numbers of INT32, INT64, or big-endian two's complement bytes. */
function unscaledOf(value: Cell): bigint {
  if (!ArrayBuffer.isView(value)) return BigInt(value as number);
  let whole = 0n;
  for (const byte of value as Uint8Array) whole = (whole << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * value.byteLength, whole);
}

/** Values of a dictionary are the same bytes again and again: each is decoded once. */
function textsOf(values: ParquetValues, location: CellLocation): (string | null)[] {
  const known = new Map<Cell, string | null>();
  return Array.from(values, (value) => {
    let text = known.get(value);
    if (text === undefined) {
      text = textOf(value, location);
      if (known.size < MAX_KNOWN) known.set(value, text);
    }
    return text;
  });
}

function textOf(value: Cell, location: CellLocation): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value as Uint8Array);
  } catch (cause) {
    const { path, title } = location;
    throw new AtcError(
      'UNSUPPORTED',
      `${path}: column "${title}" holds bytes that are no text; write the file without it`,
      {
        path,
        column: title,
        cause,
      },
    );
  }
}
