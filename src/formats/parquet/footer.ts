/** The footer of a Parquet file, and what it says of the columns without decoding a page. */
import type { FileMetaData } from 'hyparquet';
import { AtcError } from '../../errors.js';
import type { ColumnRange, Outline } from '../format.js';
import { loadOptional } from '../optional-package.js';
import type { ParquetBytes } from './scratch.js';

const ENCRYPTED_MAGIC = 'PARE';

/** UNSUPPORTED for a missing package and for encrypted files; an Error for damage. */
export async function readFooter(bytes: ParquetBytes, path: string) {
  if (String.fromCharCode(...bytes.read(0, Math.min(4, bytes.byteLength))) === ENCRYPTED_MAGIC) {
    throw new AtcError('UNSUPPORTED', `${path} is encrypted; write it without encryption`, { path, offset: 0 });
  }
  const hyparquet = await loadOptional('Parquet', ['hyparquet'], () => import('hyparquet'));
  const file = {
    byteLength: bytes.byteLength,
    slice: (start: number, end = bytes.byteLength) => new Uint8Array(bytes.read(start, end - start)).buffer,
  };
  return { hyparquet, metadata: await hyparquet.parquetMetadataAsync(file, { geoparquet: false }) };
}

/** Titles, and the least and largest values of each column where every row group has them. */
export async function outlineParquet(bytes: ParquetBytes, path: string): Promise<Outline> {
  const { metadata } = await readFooter(bytes, path);
  const [, ...elements] = metadata.schema;
  return {
    titles: elements.map(({ name }) => name),
    rangeOf: (title) =>
      rangeOf(
        metadata,
        elements.findIndex(({ name }) => name === title),
      ),
  };
}

/** Texts that are longer may have been cut by their writer. */
const MAX_TEXT = 16;

function rangeOf({ row_groups }: FileMetaData, column: number): ColumnRange | undefined {
  let range: ColumnRange | undefined;
  for (const group of row_groups) {
    const { min_value: min, max_value: max } = group.columns[column]?.meta_data?.statistics ?? {};
    if (!isValue(min) || !isValue(max)) return undefined;
    range = {
      min: range === undefined || min < range.min ? min : range.min,
      max: range === undefined || max > range.max ? max : range.max,
    };
  }
  return range;
}

function isValue(value: unknown): value is ColumnRange['min'] {
  if (typeof value === 'string') return value.length <= MAX_TEXT;
  return value instanceof Date || typeof value === 'number' || typeof value === 'bigint';
}
