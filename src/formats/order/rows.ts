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
  const { lines } = batch;
  return {
    ...batch,
    rows: rows.length,
    columns,
    lines: lines && Uint32Array.from(rows, (row) => lines[row]),
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
    lines: batch.lines?.subarray(from, to),
    symbolAt: (row) => batch.symbolAt(from + row),
    locationOf: (row) => batch.locationOf(from + row),
  };
}

/** The last row first; the batch's own arrays are turned round, so that it is of no use any more. */
export function turnRound(batch: RowBatch): RowBatch {
  const last = batch.rows - 1;
  return {
    ...batch,
    columns: batch.columns.map((column) => column.subarray(0, batch.rows).reverse()),
    lines: batch.lines?.subarray(0, batch.rows).reverse(),
    symbolAt: (row) => batch.symbolAt(last - row),
    locationOf: (row) => batch.locationOf(last - row),
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

/** Lines of all rows; 0 where there are none. Of the batch itself where it has them. */
export function linesOf({ lines, rows, locationOf }: RowBatch): Uint32Array {
  return lines?.subarray(0, rows) ?? Uint32Array.from({ length: rows }, (_, row) => locationOf(row).line ?? 0);
}

/** A copy that stays when the arrays of the batch are overwritten. */
export function copyBatch(batch: RowBatch): RowBatch {
  const { rows, schema, timestampAt, isMixed } = batch;
  const symbols = isMixed ? symbolsOf(batch) : undefined;
  const lines = linesOf(batch).slice();
  const first = rows > 0 ? batch.locationOf(0) : { text: '' };
  const symbol = isMixed || rows === 0 ? '' : batch.symbolAt(0);
  return {
    ...{ rows, schema, timestampAt, isMixed },
    columns: batch.columns.map((column) => column.slice(0, rows)),
    lines: lines.slice(),
    symbolAt: symbols === undefined ? () => symbol : (row) => symbols[row],
    locationOf: (row) => locationAt(first, lines[row]),
  };
}

/** Not within `copyBatch`: the closures of the copy would hold the batch in memory. */
function symbolsOf(batch: RowBatch): string[] {
  return Array.from({ length: batch.rows }, (_, row) => batch.symbolAt(row));
}

type Location = ReturnType<RowBatch['locationOf']>;

/** The same location in another line. */
export function locationAt(location: Location, line: number): Location {
  return { ...location, line, text: location.text.replace(/: (line|row) \d+/, `: $1 ${line}`) };
}
