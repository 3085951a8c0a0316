/** Only the rows of a span of time. */
import type { RowBatch } from '../batch.js';
import { pickRows } from './rows.js';

/** UTC ms; no bound where it is undefined. */
export interface TimeRange {
  readonly from?: number;
  /** Not included. */
  readonly to?: number;
}

/** Rows of the range; the batches as they are where no bound is given. `range` is asked with the first batch. */
export async function* inRange(batches: AsyncIterable<RowBatch>, range: () => TimeRange): AsyncGenerator<RowBatch> {
  let bounds: TimeRange | undefined;
  for await (const batch of batches) {
    bounds ??= range();
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = bounds;
    if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) {
      yield batch;
      continue;
    }
    const times = batch.columns[batch.timestampAt];
    const rows: number[] = [];
    for (let row = 0; row < batch.rows; row += 1) {
      const ms = Number(times[row]);
      if (ms >= from && ms < to) rows.push(row);
    }
    if (rows.length > 0) yield rows.length === batch.rows ? batch : pickRows(batch, rows);
  }
}
