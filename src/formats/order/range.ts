/** Only the rows of a span of time. */
import type { RowBatch } from '../batch.js';
import { pickRows } from './rows.js';

/** Rows of [from, to), UTC ms; the batches as they are where no bound is given. */
export async function* inRange(
  batches: AsyncIterable<RowBatch>,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<RowBatch> {
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) {
    yield* batches;
    return;
  }
  for await (const batch of batches) {
    const times = batch.columns[batch.timestampAt];
    const rows: number[] = [];
    for (let row = 0; row < batch.rows; row += 1) {
      const ms = Number(times[row]);
      if (ms >= from && ms < to) rows.push(row);
    }
    if (rows.length > 0) yield rows.length === batch.rows ? batch : pickRows(batch, rows);
  }
}
