/** Parts of batches. */
import { createArray, dtypeOf, type TypedArray } from '../../dtype.js';
import type { RowBatch } from '../batch.js';

/** Rows `rows` of a batch, in that order, copied. */
export function pickRows(batch: RowBatch, rows: ArrayLike<number>): RowBatch {
  const columns = batch.columns.map((column) => {
    const picked = createArray(dtypeOf(column)!, rows.length) as Float64Array;
    for (let k = 0; k < rows.length; k += 1) picked[k] = (column as Float64Array)[rows[k]];
    return picked as TypedArray;
  });
  return {
    ...batch,
    rows: rows.length,
    columns,
    symbolAt: (row) => batch.symbolAt(rows[row]),
    locationOf: (row) => batch.locationOf(rows[row]),
  };
}

/** A copy that stays when the arrays of the batch are overwritten. */
export function copyBatch(batch: RowBatch): RowBatch {
  const symbols = batch.isMixed ? Array.from({ length: batch.rows }, (_, row) => batch.symbolAt(row)) : undefined;
  const lines = Uint32Array.from({ length: batch.rows }, (_, row) => batch.locationOf(row).line ?? 0);
  const first = batch.rows > 0 ? batch.locationOf(0) : { text: '' };
  const symbol = batch.isMixed || batch.rows === 0 ? '' : batch.symbolAt(0);
  return {
    ...batch,
    columns: batch.columns.map((column) => column.slice()),
    symbolAt: symbols === undefined ? () => symbol : (row) => symbols[row],
    locationOf: (row) => locationAt(first, lines[row]),
  };
}

type Location = ReturnType<RowBatch['locationOf']>;

/** The same location in another line. */
export function locationAt(location: Location, line: number): Location {
  return { ...location, line, text: location.text.replace(/: (line|row) \d+/, `: $1 ${line}`) };
}
