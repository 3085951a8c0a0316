/**
 * Rows of fixed length with fields of fixed types, one after the other: numpy's structured arrays and tables of one
 * type, raw memory maps, MetaTrader's history. Types are named as numpy names them: byte order, kind, bytes (`<f8`,
 * `>i4`, `|S8`, `<U6`, `<M8[ns]`).
 */
import { DTYPES, isDtype, numpyType } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import {
  type CellBatch,
  type CellColumn,
  type CellLocation,
  numbersOf,
  type TimeUnit,
  timesOf,
} from '../cell-column.js';

export interface RecordField {
  readonly title: string;
  readonly type: FieldType;
  /** Bytes from the start of the row. */
  readonly offset: number;
}

export interface FieldType {
  readonly kind: 'f' | 'i' | 'u' | 'b' | 'M' | 'S' | 'U';
  /** Of the whole field. */
  readonly bytes: number;
  readonly isLittleEndian: boolean;
  /** Of `M`. */
  readonly unit?: TimeUnit;
}

export interface RecordLayout {
  readonly fields: readonly RecordField[];
  readonly rowBytes: number;
}

const DESCR = /^([<>|=]?)([fiubMSUO])(\d*)(?:\[(?:1)?(\w+)\])?$/;
const UNITS: Readonly<Record<string, TimeUnit>> = { s: 's', ms: 'ms', us: 'us', ns: 'ns', D: 'days' };
/** Unicode of numpy has four bytes a character. */
const BYTES_PER_CHARACTER = 4;

/** Undefined for a type that is not read. */
export function fieldType(descr: string): FieldType | undefined {
  const [, order = '', kind = '', size = '', unit] = DESCR.exec(descr) ?? [];
  const isLittleEndian = order !== '>';
  const count = Number(size);
  if (kind === 'M') {
    return unit !== undefined && Object.hasOwn(UNITS, unit) && count === 8
      ? { kind, bytes: 8, isLittleEndian, unit: UNITS[unit] }
      : undefined;
  }
  const sizes: Readonly<Record<string, readonly number[]>> = { f: [4, 8], i: [1, 2, 4, 8], u: [1, 2, 4, 8], b: [1] };
  if (kind in sizes) {
    return sizes[kind].includes(count) ? { kind: kind as FieldType['kind'], bytes: count, isLittleEndian } : undefined;
  }
  if (kind === 'S' && count > 0) return { kind, bytes: count, isLittleEndian };
  if (kind === 'U' && count > 0) return { kind, bytes: count * BYTES_PER_CHARACTER, isLittleEndian };
  return undefined;
}

/** Fields without gaps. */
export function layoutOf(fields: readonly { readonly title: string; readonly type: FieldType }[]): RecordLayout {
  let offset = 0;
  const placed = fields.map(({ title, type }) => {
    const field = { title, type, offset };
    offset += type.bytes;
    return field;
  });
  return { fields: placed, rowBytes: offset };
}

/** The rows that `bytes` holds whole, as columns. */
export function columnsOfRecords(layout: RecordLayout, bytes: Uint8Array, path: string, firstRow: number): CellBatch {
  const rows = Math.floor(bytes.length / layout.rowBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, rows * layout.rowBytes);
  const columns = layout.fields.map((field) =>
    columnOf(field, view, rows, layout.rowBytes, { path, title: field.title, firstRow }),
  );
  return { firstRow, rows, columns };
}

/** The smallest int64 is how numpy writes a missing time. */
const NOT_A_TIME = -(2n ** 63n);

function columnOf(
  { type, offset }: RecordField,
  view: DataView,
  rows: number,
  rowBytes: number,
  location: CellLocation,
): CellColumn {
  const { title } = location;
  if (type.kind === 'S' || type.kind === 'U') {
    return {
      kind: 'text',
      title,
      values: Array.from({ length: rows }, (_, row) => textAt(view, row * rowBytes + offset, type)),
    };
  }
  const at = numberReader(type, view);
  if (type.kind !== 'M') {
    const numbers =
      type.bytes === 8 && type.kind !== 'f'
        ? Array.from({ length: rows }, (_, row) => at(row * rowBytes + offset))
        : undefined;
    if (numbers !== undefined) return { kind: 'number', title, values: numbersOf(numbers, location) };
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) values[row] = at(row * rowBytes + offset) as number;
    return { kind: 'number', title, values };
  }
  const counts = Array.from({ length: rows }, (_, row) => at(row * rowBytes + offset) as bigint);
  const unit = type.unit!;
  const values = timesOf(counts, unit, location, (row) => counts[row] !== NOT_A_TIME);
  // datetime64 has no zone: pandas and numpy hold UTC in it, or local time without saying so.
  return { kind: 'time', title, values, clock: unit === 'days' ? 'date' : 'local', unit };
}

function numberReader({ kind, bytes, isLittleEndian }: FieldType, view: DataView): (at: number) => number | bigint {
  if (kind === 'f')
    return bytes === 4 ? (at) => view.getFloat32(at, isLittleEndian) : (at) => view.getFloat64(at, isLittleEndian);
  if (kind === 'b') return (at) => view.getUint8(at);
  if (kind === 'u') {
    if (bytes === 8) return (at) => view.getBigUint64(at, isLittleEndian);
    if (bytes === 4) return (at) => view.getUint32(at, isLittleEndian);
    return bytes === 2 ? (at) => view.getUint16(at, isLittleEndian) : (at) => view.getUint8(at);
  }
  if (bytes === 8) return (at) => view.getBigInt64(at, isLittleEndian);
  if (bytes === 4) return (at) => view.getInt32(at, isLittleEndian);
  return bytes === 2 ? (at) => view.getInt16(at, isLittleEndian) : (at) => view.getInt8(at);
}

/** Padded with zeros. */
function textAt(view: DataView, at: number, { kind, bytes, isLittleEndian }: FieldType): string {
  let text = '';
  const step = kind === 'S' ? 1 : BYTES_PER_CHARACTER;
  for (let k = 0; k < bytes; k += step) {
    const code = kind === 'S' ? view.getUint8(at + k) : view.getUint32(at + k, isLittleEndian);
    if (code === 0) break;
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}

/**
 * The fields that `--columns` names for bytes without a header: `timestamp:int64,open,high` (float64 where no type is
 * given, `-` skips one). ARGUMENT for a type that is none.
 */
export function namedFields(columns: readonly string[], fallback: string): { title: string; type: FieldType }[] {
  return columns.map((column) => {
    const [title, name = fallback] = column.split(':');
    const named = name.trim();
    const type = fieldType(isDtype(named) ? numpyType(named) : named);
    if (type === undefined) {
      const known = DTYPES.join(', ');
      throw new AtcError(
        'ARGUMENT',
        `columns: "${column}" has the type "${name}"; use one of ${known}, or one of numpy such as <M8[ns]`,
      );
    }
    return { title: title.trim(), type };
  });
}
