/**
 * Timestamps of a few rows of a table: a run needs four of them, and decoding the column for those would be a third of
 * all decoding.
 */
import { BLOCK_ROWS } from '../codec/codec.js';
import type { CandleTable } from '../table.js';

/**
 * UTC ms of each row, NaN for a row that is NaN or not there. Reads the blocks that hold the rows, a short table once.
 */
export function timesOfRows(table: CandleTable, rows: readonly number[]): number[] {
  const known = new Map<number, number>();
  if (table.length <= BLOCK_ROWS) collect(table, 0, table.length, rows, known);
  for (const row of rows)
    if (row >= 0 && row < table.length && !known.has(row)) collect(table, row, row + 1, [row], known);
  return rows.map((row) => known.get(row) ?? Number.NaN);
}

function collect(table: CandleTable, from: number, to: number, rows: readonly number[], known: Map<number, number>) {
  for (const { start, length, columns } of table.blocks(['timestamp'], { from, to })) {
    for (const row of rows) {
      if (row >= start && row < start + length) known.set(row, Number(columns.timestamp[row - start]));
    }
  }
}
