/**
 * Rows in any order -> a dataset in the order of time, each row once. Only order and repetitions are mended; no value
 * is changed.
 */
import type { ColumnSchema } from '../../codec/codec.js';
import { type Columns, createArray, type TypedArray } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import type { RowBatch } from '../../formats/batch.js';
import { pickRows } from '../../formats/order/rows.js';
import { type WriteDatasetOptions, writeDataset } from '../dataset.js';

/** Rows have to be held to be put in order. */
const MAX_HELD_BYTES = 2 ** 30;

interface Held {
  readonly schema: readonly ColumnSchema[];
  readonly batches: RowBatch[];
  rows: number;
}

export class RowMender {
  readonly #symbols = new Map<string, Held>();
  #bytes = 0;

  /** ARGUMENT for columns that differ within a symbol, UNSUPPORTED for more rows than can be held. */
  add(batch: RowBatch): void {
    const rowsOf = new Map<string, number[]>();
    for (let row = 0; row < batch.rows; row += 1) {
      const symbol = batch.symbolAt(row);
      const rows = rowsOf.get(symbol);
      if (rows === undefined) rowsOf.set(symbol, [row]);
      else rows.push(row);
    }
    for (const [symbol, rows] of rowsOf) {
      let held = this.#symbols.get(symbol);
      if (held === undefined) this.#symbols.set(symbol, (held = { schema: batch.schema, batches: [], rows: 0 }));
      const names = (schema: Held['schema']) => schema.map(({ name }) => name).join();
      if (names(held.schema) !== names(batch.schema)) {
        throw new AtcError(
          'ARGUMENT',
          `${symbol}: its files have different columns (${names(held.schema)}; ${names(batch.schema)})`,
        );
      }
      held.batches.push(pickRows(batch, rows));
      held.rows += rows.length;
    }
    this.#bytes += batch.rows * batch.schema.length * 8;
    if (this.#bytes > MAX_HELD_BYTES) {
      throw new AtcError(
        'UNSUPPORTED',
        'more than 1 GiB of rows cannot be put in order at once; mend it in parts (--from, --to)',
      );
    }
  }

  /**
   * Writes the dataset and says what was mended. ARGUMENT without a directory, and for different rows of one time
   * without `duplicates`.
   */
  async write(out: string | undefined, options: WriteDatasetOptions): Promise<string[]> {
    if (out === undefined)
      throw new AtcError('ARGUMENT', 'a source is mended into a new dataset: name its directory with out (--out)');
    const fixed: string[] = [];
    const mended = [...this.#symbols].map(([symbol, held]) => {
      const { columns, texts } = mend(symbol, held, options.duplicates);
      fixed.push(...texts.map((text) => `${symbol}: ${text}`));
      return { symbol, columns };
    });
    const { signal, layout, durability } = options;
    const dataset = await writeDataset(out, mended, { signal, layout, durability });
    dataset.close();
    return fixed;
  }
}

function mend(
  symbol: string,
  { schema, batches, rows }: Held,
  keep: 'first' | 'last' | undefined,
): { columns: Columns; texts: string[] } {
  const joined = schema.map(({ dtype }, k) => {
    const column = createArray(dtype, rows);
    let at = 0;
    for (const batch of batches) {
      (column as Float64Array).set(batch.columns[k] as Float64Array, at);
      at += batch.rows;
    }
    return column;
  });
  const times = joined[schema.findIndex(({ name }) => name === 'timestamp')];
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  let moved = 0;
  for (let row = 1; row < rows; row += 1) if (times[row] < times[row - 1]) moved += 1;
  // Rows of one time stay in the order of the source.
  if (moved > 0) order.sort((a, b) => Number(times[a]) - Number(times[b]) || a - b);
  const taken: number[] = [];
  let [equal, different] = [0, 0];
  for (const row of order) {
    const last = taken[taken.length - 1];
    if (last === undefined || times[last] !== times[row]) {
      taken.push(row);
    } else if (isSameRow(joined, last, row)) {
      equal += 1;
    } else {
      if (keep === undefined) {
        const what = `${symbol}: there are different rows of ${new Date(Number(times[row])).toISOString()}`;
        throw new AtcError(
          'ARGUMENT',
          `${what}; which of them is right is not for a program to say: --duplicates first or last`,
        );
      }
      different += 1;
      if (keep === 'last') taken[taken.length - 1] = row;
    }
  }
  const texts = [
    ...(moved > 0 ? [`rows put in the order of time (${moved} went back)`] : []),
    ...(equal > 0 ? [`${equal} rows that were there twice taken once`] : []),
    ...(different > 0 ? [`${different} other rows of the same time left out (the ${keep} stays)`] : []),
  ];
  const columns = Object.fromEntries(schema.map(({ name }, k) => [name, pick(joined[k], taken)]));
  return { columns, texts };
}

function isSameRow(columns: readonly TypedArray[], a: number, b: number): boolean {
  return columns.every((column) => Object.is(column[a], column[b]));
}

function pick(column: TypedArray, rows: readonly number[]): TypedArray {
  const picked = (column as Float64Array).slice(0, rows.length);
  for (let k = 0; k < rows.length; k += 1) picked[k] = (column as Float64Array)[rows[k]];
  return picked;
}
