import { type Columns, type Dtype, dtypeOf, isDtype, type TypedArray } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import type { ColumnSchema } from './codec.js';
import { LIMITS } from './frame-format.js';
import type { FrameSchema } from './frame-header.js';

/** The schema of a table with these columns, in their order. */
export function schemaOf(columns: Columns): FrameSchema {
  return {
    kind: 'table',
    columns: Object.entries(columns).map(([name, values]) => {
      const dtype = dtypeOf(values);
      if (dtype === undefined)
        throw new AtcError('ARGUMENT', `column "${name}" must be a typed array`, { column: name });
      return { name, dtype };
    }),
  };
}

/** ARGUMENT for what cannot be written: too many columns, names that are empty, used twice, too long or not Unicode. */
export function requireSchema({ kind, columns }: FrameSchema): void {
  if (columns.length > LIMITS.columns) {
    throw new AtcError('ARGUMENT', `a table has at most ${LIMITS.columns} columns, got ${columns.length}`);
  }
  const seen = new Set<string>();
  for (const { name, dtype } of columns) {
    if (!isDtype(dtype)) throw new AtcError('ARGUMENT', `column "${name}" has no element type called ${shown(dtype)}`);
    if (kind === 'array') continue;
    if (name === '') throw new AtcError('ARGUMENT', 'a column needs a name, got an empty one');
    if (seen.has(name)) throw new AtcError('ARGUMENT', `column name "${name}" is used twice`, { column: name });
    seen.add(name);
    const utf8 = new TextEncoder().encode(name);
    if (utf8.length > LIMITS.nameBytes || new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8) !== name) {
      throw new AtcError('ARGUMENT', `column name "${name}" is not Unicode or longer than ${LIMITS.nameBytes} bytes`);
    }
  }
}

/** The common length of `columns`; ARGUMENT when they do not fit the schema. */
export function requireColumns(schema: readonly ColumnSchema[], columns: readonly TypedArray[]): number {
  if (columns.length !== schema.length) {
    throw new AtcError('ARGUMENT', `${schema.length} columns expected, got ${columns.length}`);
  }
  const rows = columns.length === 0 ? 0 : columns[0].length;
  schema.forEach(({ name, dtype }, i) => {
    const given: Dtype | undefined = dtypeOf(columns[i]);
    if (given !== dtype)
      throw new AtcError('ARGUMENT', `column "${name}" must be ${dtype}, got ${given ?? 'no typed array'}`);
    if (columns[i].length !== rows) {
      throw new AtcError(
        'ARGUMENT',
        `columns must be equally long: "${schema[0].name}" has ${rows} rows, "${name}" has ${columns[i].length}`,
        { column: name },
      );
    }
  });
  return rows;
}
