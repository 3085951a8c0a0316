/**
 * numpy's .npy (an array) and .npz (several, in a zip archive) -> batches of columns. Pickled objects are never loaded.
 */
import { AtcError } from '../../errors.js';
import { ByteQueue } from '../byte-queue.js';
import type { CellBatch, CellColumn } from '../cell-column.js';
import { columnsOfRecords, layoutOf } from '../records/layout.js';
import { readRecords } from '../records/read.js';
import { readNpyHeader } from './header.js';

/** Arrays that cannot be streamed: of columns one after the other, and of archives. */
const MAX_WHOLE_BYTES = 1 << 30;

export interface NpyOptions {
  readonly path: string;
  /** Name of a single column. */
  readonly name: string;
  /** Names of the columns of a table. */
  readonly titles?: readonly string[];
}

export async function* readNpy(bytes: AsyncIterable<Uint8Array>, options: NpyOptions): AsyncGenerator<CellBatch> {
  const { path } = options;
  const queue = new ByteQueue(bytes);
  try {
    const { rows, layout, isByColumn } = await readNpyHeader(queue, options);
    if (!isByColumn) {
      yield* readRecords(queue, layout, path, rows);
      return;
    }
    const columns: CellColumn[] = [];
    for (const { title, type } of layout.fields) {
      const length = rows * type.bytes;
      requireHolding(length * layout.fields.length, path);
      const part = (await queue.take(length)).slice();
      if (part.length < length)
        throw new AtcError('CORRUPT', `${path} ends within column "${title}"`, { path, offset: queue.offset });
      columns.push(...columnsOfRecords(layoutOf([{ title, type }]), part, path, 0).columns);
    }
    if (rows > 0) yield { firstRow: 0, rows, columns };
  } finally {
    await queue.close();
  }
}

/** One array of an archive: `close.npy`. */
export interface NpzMember {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Arrays of one length are columns by the names of the members; a single array is read as a .npy file is. Scalars and
 * texts beside them (such as a list of names) are left out.
 */
export async function* readNpz(
  members: AsyncIterable<NpzMember>,
  { path, titles }: Omit<NpyOptions, 'name'>,
): AsyncGenerator<CellBatch> {
  const tables: CellBatch[][] = [];
  let held = 0;
  for await (const { name, bytes } of members) {
    const batches: CellBatch[] = [];
    const options = { path: `${path}:${name}`, name: name.replace(/\.npy$/, ''), titles };
    for await (const batch of readNpy(bytes, options)) {
      held += batch.rows * batch.columns.length * 8;
      requireHolding(held, path);
      batches.push(batch);
    }
    tables.push(batches);
  }
  yield* joined(tables, path);
}

function* joined(tables: readonly CellBatch[][], path: string): Generator<CellBatch> {
  const lengths = tables.map((batches) => batches.reduce((sum, { rows }) => sum + rows, 0));
  const longest = Math.max(0, ...lengths);
  const columns = tables.flatMap((batches, k) => (lengths[k] === longest ? joinBatches(batches) : []));
  const odd = lengths.findIndex((length) => length !== longest && length > 1);
  if (odd >= 0)
    throw new AtcError(
      'CORRUPT',
      `${path}: its arrays have ${longest} and ${lengths[odd]} rows; columns have one length`,
      { path },
    );
  if (longest > 0) yield { firstRow: 0, rows: longest, columns };
}

function joinBatches(batches: readonly CellBatch[]): CellColumn[] {
  return batches[0].columns.map((column, k): CellColumn => {
    const parts = batches.map((batch) => batch.columns[k].values);
    if (column.kind === 'text') return { ...column, values: (parts as (readonly (string | null)[])[]).flat() };
    const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts as Float64Array[]) {
      values.set(part, at);
      at += part.length;
    }
    return { ...column, values };
  });
}

function requireHolding(bytes: number, path: string): void {
  if (bytes <= MAX_WHOLE_BYTES) return;
  const what = `${path} has to be held whole and takes ${bytes} bytes, at most ${MAX_WHOLE_BYTES} are read`;
  throw new AtcError('UNSUPPORTED', `${what}; write it as Parquet, or as a structured array in C order`, { path });
}
