/**
 * Parquet -> batches of columns, page by page. hyparquet decodes the pages; what the numbers mean is decided here,
 * exactly.
 */
import { AtcError, isAtcError } from '../../errors.js';
import type { CellBatch } from '../cell-column.js';
import { ColumnStream, PageSpill } from './column-stream.js';
import { physicalMetadata } from './columns.js';
import { parquetCompressors } from './compressors.js';
import { readFooter } from './footer.js';
import { loadPageTools } from './pages.js';
import { PageScratch, type ParquetBytes } from './scratch.js';

/**
 * Columns of every row group, some rows at a time. UNSUPPORTED for a missing package, encrypted files and nested
 * columns; CORRUPT, with the path, for damage and for numbers that no double holds.
 */
export async function* readParquet(bytes: ParquetBytes, path: string): AsyncGenerator<CellBatch> {
  try {
    const { hyparquet, metadata } = await readFooter(bytes, path);
    const { physical, columns } = physicalMetadata(metadata, path);
    const scratch = new PageScratch();
    const source = {
      ...{ bytes, scratch },
      metadata: physical,
      tree: hyparquet.parquetSchema(physical),
      compressors: await parquetCompressors(hyparquet.snappyUncompress, scratch),
      tools: await loadPageTools(),
    };
    let firstRow = 0;
    for (const group of physical.row_groups) {
      const rows = Number(group.num_rows);
      const spill = new PageSpill();
      try {
        const streams = columns.map(
          (column, k) => new ColumnStream(column, group.columns[k], source, { path, firstRow, rows, spill }),
        );
        for (let done = 0; done < rows; ) {
          const count = Math.min(...streams.map((stream) => stream.left()));
          yield { firstRow: firstRow + done, rows: count, columns: streams.map((stream) => stream.take(count)) };
          done += count;
        }
      } finally {
        spill.close();
      }
      firstRow += rows;
    }
  } catch (cause) {
    if (isAtcError(cause)) throw cause;
    throw new AtcError('CORRUPT', `${path} is not a whole Parquet file: ${(cause as Error).message}`, { path, cause });
  }
}
