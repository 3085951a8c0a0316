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

/** Rows [from, to) of a batch, as views. */
export function sliceRows(batch: RowBatch, from: number, to: number): RowBatch {
  if (from === 0 && to === batch.rows) return batch;
  return {
    ...batch,
    rows: to - from,
    columns: batch.columns.map((column) => column.subarray(from, to)),
    symbolAt: (row) => batch.symbolAt(from + row),
    locationOf: (row) => batch.locationOf(from + row),
  };
}

/** Whether the batches have the same columns, so that their rows can be compared. */
export function haveSameColumns(one: Pick<RowBatch, 'schema'>, other: Pick<RowBatch, 'schema'>): boolean {
  if (one.schema === other.schema) return true;
  return (
    one.schema.length === other.schema.length &&
    one.schema.every(({ name, dtype }, k) => name === other.schema[k].name && dtype === other.schema[k].dtype)
  );
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
