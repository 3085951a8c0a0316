/**
 * Parquet -> batches of columns, a row group at a time. hyparquet decodes the pages; what the numbers mean is decided
 * here, exactly.
 */
import { AtcError, isAtcError } from '../../errors.js';
import type { CellBatch } from '../cell-column.js';
import { loadOptional } from '../optional-package.js';
import { type ParquetValues, parquetColumn, physicalMetadata } from './columns.js';
import { parquetCompressors } from './compressors.js';

/** Random access to the bytes of one file. */
export interface ParquetBytes {
  readonly byteLength: number;
  read(offset: number, length: number): Uint8Array;
}

const ENCRYPTED_MAGIC = 'PARE';

/**
 * Columns of every row group. UNSUPPORTED for a missing package, encrypted files and nested columns; CORRUPT, with the
 * path, for damage and for numbers that no double holds.
 */
export async function* readParquet(bytes: ParquetBytes, path: string): AsyncGenerator<CellBatch> {
  try {
    if (String.fromCharCode(...bytes.read(0, Math.min(4, bytes.byteLength))) === ENCRYPTED_MAGIC) {
      throw new AtcError('UNSUPPORTED', `${path} is encrypted; write it without encryption`, { path, offset: 0 });
    }
    const hyparquet = await loadOptional('Parquet', ['hyparquet'], () => import('hyparquet'));
    const file = {
      byteLength: bytes.byteLength,
      slice: (start: number, end = bytes.byteLength) => new Uint8Array(bytes.read(start, end - start)).buffer,
    };
    const metadata = await hyparquet.parquetMetadataAsync(file, { geoparquet: false });
    const { physical, columns } = physicalMetadata(metadata, path);
    const options = {
      file,
      metadata: physical,
      compressors: await parquetCompressors(hyparquet.snappyUncompress),
      utf8: false,
      parsers: { timestampFromNanoseconds: (nanos: bigint) => nanos },
      geoparquet: false,
    };
    const { ranges } = await hyparquet.parquetScan(options);
    for (const { rowStart, rowEnd } of ranges) {
      const rows = rowEnd - rowStart;
      const batch = [];
      // A scan remembers the columns that it has decoded: one for each row group lets go of them.
      const scan = await hyparquet.parquetScan(options);
      for (const column of columns) {
        const values = await scan.readColumn({ column: column.name, rowStart, rowEnd });
        if (values.length !== rows)
          throw new Error(`column "${column.name}" has ${values.length} values in a row group of ${rows}`);
        batch.push(parquetColumn(column, values as ParquetValues, { path, title: column.name, firstRow: rowStart }));
      }
      yield { firstRow: rowStart, rows, columns: batch };
    }
  } catch (cause) {
    if (isAtcError(cause)) throw cause;
    throw new AtcError('CORRUPT', `${path} is not a whole Parquet file: ${(cause as Error).message}`, { path, cause });
  }
}
