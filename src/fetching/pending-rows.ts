/** Rows that are fetched and in the journal, and not in the dataset yet. */
import { OHLCV_SHAPE } from '../candle-store/row-shape.js';
import { mergeTables, RowTable } from '../candle-store/row-table.js';

/** Where the pages of one claim go: they come in order, so that rows are added at the end. */
export interface RowLane {
  table: RowTable;
}

export class PendingRows {
  readonly #lanes = new Set<RowLane>();
  /** Rows that are being moved into the dataset; they count until that is done. */
  #moving: RowTable[] = [];

  openLane(): RowLane {
    const lane = { table: new RowTable(OHLCV_SHAPE) };
    this.#lanes.add(lane);
    return lane;
  }

  get length(): number {
    let rows = 0;
    for (const { table } of this.#lanes) rows += table.length;
    return rows;
  }

  /** The row of a time, as six values. */
  find(ms: number): Float64Array | undefined {
    for (const table of [...this.#moving, ...[...this.#lanes].map((lane) => lane.table)]) {
      const row = table.find(ms);
      if (row >= 0) return Float64Array.from(table.columns, (column) => column[row]);
    }
    return undefined;
  }

  /** All rows as columns in ascending order; those that come meanwhile wait for the next time. */
  beginMove(): Record<string, Float64Array> {
    this.#moving = [...this.#lanes].map(({ table }) => table).filter(({ length }) => length > 0);
    for (const lane of this.#lanes) {
      if (lane.table.length > 0) lane.table = new RowTable(OHLCV_SHAPE);
    }
    return columnsOf(this.#moving);
  }

  /** The rows are in the dataset, or are to wait again. */
  endMove(isDone: boolean): void {
    if (!isDone) for (const table of this.#moving) this.#lanes.add({ table });
    this.#moving = [];
  }
}

function columnsOf(tables: readonly RowTable[]): Record<string, Float64Array> {
  const merged = mergeTables(tables.length > 0 ? tables : [new RowTable(OHLCV_SHAPE)]);
  return Object.fromEntries(OHLCV_SHAPE.map((name, k) => [name, merged.columns[k].subarray(0, merged.length)]));
}
