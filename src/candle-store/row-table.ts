/**
 * Rows of one shape in memory, sorted by timestamp, each timestamp once: of a journal (growing) or one block of a
 * segment.
 */
import { bisect } from '../bisect.js';
import { OHLCV_SHAPE, type RowShape, type StoredCandle } from './row-shape.js';

const FIRST_CAPACITY = 64;

export class RowTable {
  /** One array per name of the shape; only the first `length` elements count. */
  columns: Float64Array[];
  length: number;
  readonly #timeColumn: number;
  /** Where the last look-up ended: candles are asked for in order, so the next one is usually behind it. */
  #hint = 0;

  /** Takes over `columns`, which hold `length` rows in ascending order. */
  constructor(
    readonly shape: RowShape,
    columns?: Float64Array[],
    length = columns?.[0].length ?? 0,
  ) {
    this.columns = columns ?? shape.map(() => new Float64Array(FIRST_CAPACITY));
    this.length = length;
    this.#timeColumn = shape.indexOf('timestamp');
  }

  /** Ascending; valid until the next insert. */
  get timestamps(): Float64Array {
    return this.columns[this.#timeColumn];
  }

  get first(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : this.timestamps[0];
  }

  get last(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.timestamps[this.length - 1];
  }

  /** The row of a timestamp, or -1. */
  find(timestamp: number): number {
    const times = this.timestamps;
    const next = this.#hint + 1;
    if (next < this.length && times[next] === timestamp) return (this.#hint = next);
    const row = this.lowerBound(timestamp);
    return row < this.length && times[row] === timestamp ? (this.#hint = row) : -1;
  }

  /** A fresh object for a row. */
  candle(row: number): StoredCandle {
    const columns = this.columns;
    if (this.shape === OHLCV_SHAPE) {
      return {
        timestamp: columns[0][row],
        open: columns[1][row],
        high: columns[2][row],
        low: columns[3][row],
        close: columns[4][row],
        volume: columns[5][row],
      };
    }
    const candle: Record<string, number> = {};
    for (let column = 0; column < columns.length; column++) candle[this.shape[column]] = columns[column][row];
    return candle as StoredCandle;
  }

  /** Adds a row unless its timestamp is there: the first one wins. `values[offset + i]` is the value of column i. */
  insert(values: Float64Array, offset = 0): boolean {
    const timestamp = values[offset + this.#timeColumn];
    const row = timestamp > this.last ? this.length : this.lowerBound(timestamp);
    if (row < this.length && this.timestamps[row] === timestamp) return false;
    this.#reserve(this.length + 1);
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i];
      if (row < this.length) column.copyWithin(row + 1, row, this.length);
      column[row] = values[offset + i];
    }
    this.length++;
    return true;
  }

  /** Adds rows that stand one after the other, each one unless its timestamp is there. */
  insertRows(values: Float64Array): void {
    const width = this.columns.length;
    if (!this.#isAhead(values)) {
      for (let offset = 0; offset < values.length; offset += width) this.insert(values, offset);
      return;
    }
    const first = this.length;
    const rows = values.length / width;
    this.#reserve(first + rows);
    for (let i = 0; i < width; i++) {
      const column = this.columns[i];
      for (let row = 0, at = i; row < rows; row++, at += width) column[first + row] = values[at];
    }
    this.length += rows;
  }

  /** First row at or after a time. */
  lowerBound(timestamp: number): number {
    const times = this.timestamps;
    return bisect(0, this.length, (row) => times[row] >= timestamp);
  }

  /** True when the rows ascend, and begin behind the last one. */
  #isAhead(values: Float64Array): boolean {
    let before = this.last;
    for (let at = this.#timeColumn; at < values.length; at += this.columns.length) {
      if (!(values[at] > before)) return false;
      before = values[at];
    }
    return true;
  }

  #reserve(rows: number): void {
    if (rows <= this.columns[0].length) return;
    let capacity = Math.max(FIRST_CAPACITY, this.columns[0].length);
    while (capacity < rows) capacity *= 2;
    this.columns = this.columns.map((column) => {
      const larger = new Float64Array(capacity);
      larger.set(column);
      return larger;
    });
  }
}

/**
 * One table of the rows of several of the same shape. Where a timestamp is in more than one of them, or in `taken`, the
 * earlier table wins; `taken` grows by what was used when it is given.
 */
export function mergeTables(tables: readonly RowTable[], taken?: Set<number>): RowTable {
  const { shape } = tables[0];
  const total = tables.reduce((sum, table) => sum + table.length, 0);
  const gathered = shape.map((_, column) => {
    const values = new Float64Array(total);
    let at = 0;
    for (const table of tables) {
      values.set(table.columns[column].subarray(0, table.length), at);
      at += table.length;
    }
    return values;
  });
  const times = gathered[shape.indexOf('timestamp')];
  let ascending = taken === undefined;
  for (let row = 1; ascending && row < total; row++) ascending = times[row] > times[row - 1];
  if (ascending) return new RowTable(shape, gathered, total);
  // A stable sort: equal timestamps stay in the order of their tables.
  const order = Uint32Array.from({ length: total }, (_, row) => row).sort((a, b) => times[a] - times[b] || a - b);
  const chosen = order.filter((row, i) => (i === 0 || times[row] !== times[order[i - 1]]) && !taken?.has(times[row]));
  if (taken !== undefined) for (const row of chosen) taken.add(times[row]);
  const columns = gathered.map((values) => Float64Array.from(chosen, (row) => values[row]));
  return new RowTable(shape, columns, chosen.length);
}
