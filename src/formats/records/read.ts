/** Rows of fixed length from bytes that arrive in chunks. */
import { AtcError } from '../../errors.js';
import type { ByteQueue } from '../byte-queue.js';
import type { CellBatch } from '../cell-column.js';
import { columnsOfRecords, type RecordLayout } from './layout.js';

const BATCH_BYTES = 1 << 19;

/** CORRUPT where the bytes end within a row, or after fewer rows than `rows`. */
export async function* readRecords(
  queue: ByteQueue,
  layout: RecordLayout,
  path: string,
  rows = Number.POSITIVE_INFINITY,
): AsyncGenerator<CellBatch> {
  const rowsAtOnce = Math.max(1, Math.floor(BATCH_BYTES / layout.rowBytes));
  for (let row = 0; row < rows; ) {
    const start = queue.offset;
    const wanted = Math.min(rowsAtOnce, rows - row) * layout.rowBytes;
    const bytes = await queue.take(wanted);
    if (bytes.length % layout.rowBytes !== 0 || (bytes.length < wanted && rows !== Number.POSITIVE_INFINITY)) {
      const what = `${path} ends within a row: its rows have ${layout.rowBytes} bytes`;
      throw new AtcError('CORRUPT', what, { path, offset: start + bytes.length });
    }
    if (bytes.length === 0) return;
    const batch = columnsOfRecords(layout, bytes, path, row);
    yield batch;
    row += batch.rows;
  }
}
