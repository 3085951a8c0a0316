/**
 * What the header of a .npy file says about rows: fields of a structured array, columns of a table of one type, or one
 * column.
 */
import { decodeNpyFields, NPY_PREFIX_BYTES, npyDataOffset } from '../../array/npy-header.js';
import { AtcError } from '../../errors.js';
import type { ByteQueue } from '../byte-queue.js';
import { type FieldType, fieldType, layoutOf, type RecordLayout } from '../records/layout.js';

export interface NpyRows {
  readonly rows: number;
  /** Of a row in C order. */
  readonly layout: RecordLayout;
  /** Columns lie one after the other. */
  readonly isByColumn: boolean;
}

/**
 * `titles` names the columns of a table that has no names; `name` is what a single column is called. ARGUMENT where
 * names are needed, UNSUPPORTED for Python objects, types that are not read, and more than two axes.
 */
export async function readNpyHeader(
  queue: ByteQueue,
  { path, name, titles }: { readonly path: string; readonly name: string; readonly titles?: readonly string[] },
): Promise<NpyRows> {
  const offset = npyDataOffset(await queue.peek(NPY_PREFIX_BYTES), path);
  const { descr, order, shape } = decodeNpyFields((await queue.take(offset)).slice(), path);
  const unsupported = (what: string) =>
    new AtcError('UNSUPPORTED', `${path} holds ${what}`, { path, offset: NPY_PREFIX_BYTES });
  // A number by itself, as archives hold beside their columns.
  if (shape.length === 0) return { rows: 0, layout: layoutOf([]), isByColumn: false };
  if (shape.length > 2) throw unsupported(`an array of ${shape.length} axes; rows of columns have two`);
  const typeOf = (text: unknown): FieldType => {
    if (typeof text === 'string' && /^[<>|=]?O/.test(text)) {
      throw unsupported(
        'Python objects (pickles), which are never loaded; in Python, write the numbers: frame.to_parquet(…)',
      );
    }
    const type = typeof text === 'string' ? fieldType(text) : undefined;
    if (type !== undefined) return type;
    throw unsupported(`values of the type ${JSON.stringify(text)}; numbers, datetime64 and text are read`);
  };
  const rows = shape[0];
  if (typeof descr !== 'string') {
    if (shape.length !== 1 || !Array.isArray(descr)) throw unsupported('a structured array of more than one axis');
    const fields = descr.map((field) => {
      const [title, type, ...shapes] = field as readonly unknown[];
      if (shapes.length > 0) throw unsupported(`a field "${String(title)}" of several values`);
      // numpy writes [title, name] where a field has both.
      return { title: String(Array.isArray(title) ? title[1] : title), type: typeOf(type) };
    });
    return { rows, layout: layoutOf(fields), isByColumn: false };
  }
  const type = typeOf(descr);
  const width = shape[1] ?? 1;
  // The names that were given are those of a table; an array has its own.
  const names = shape.length === 1 ? [name] : titles;
  if (names?.length !== width) {
    const given = names === undefined ? 'without names' : `and ${names.length} names were given`;
    throw new AtcError(
      'ARGUMENT',
      `${path} is a table of ${width} columns ${given}; name them: --columns timestamp,open,high,low,close,volume`,
      {
        path,
      },
    );
  }
  return { rows, layout: layoutOf(names.map((title) => ({ title, type }))), isByColumn: order === 'F' && width > 1 };
}
