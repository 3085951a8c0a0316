/** Candles of any shape in memory, by timestamp: the rows of a journal. The first candle of a timestamp wins. */
import { type RowShape, type StoredCandle, shapeId } from './row-shape.js';
import { RowTable } from './row-table.js';

export class RowSet {
  readonly #tables = new Map<string, RowTable>();
  /** JSON text by timestamp, of candles that are not numbers alone. */
  readonly documents = new Map<number, string>();

  get tables(): RowTable[] {
    return [...this.#tables.values()];
  }

  get length(): number {
    let rows = this.documents.size;
    for (const table of this.#tables.values()) rows += table.length;
    return rows;
  }

  has(timestamp: number): boolean {
    for (const table of this.#tables.values()) if (table.find(timestamp) >= 0) return true;
    return this.documents.has(timestamp);
  }

  get(timestamp: number): StoredCandle | undefined {
    for (const table of this.#tables.values()) {
      const row = table.find(timestamp);
      if (row >= 0) return table.candle(row);
    }
    const text = this.documents.get(timestamp);
    return text === undefined ? undefined : (JSON.parse(text) as StoredCandle);
  }

  timestamps(): number[] {
    const tables = this.tables.flatMap((table) => [...table.timestamps.subarray(0, table.length)]);
    return [...tables, ...this.documents.keys()];
  }

  /** Rows of a shape, row after row; those whose timestamp is known are left out. */
  insertRows(shape: RowShape, values: Float64Array): void {
    const table = this.#tableOf(shape);
    const timeColumn = shape.indexOf('timestamp');
    if (this.#tables.size === 1 && this.documents.size === 0) {
      table.insertRows(values);
      return;
    }
    for (let offset = 0; offset < values.length; offset += shape.length) {
      if (!this.has(values[offset + timeColumn])) table.insert(values, offset);
    }
  }

  insertDocument(timestamp: number, text: string): void {
    if (!this.has(timestamp)) this.documents.set(timestamp, text);
  }

  #tableOf(shape: RowShape): RowTable {
    const id = shapeId(shape);
    let table = this.#tables.get(id);
    if (table === undefined) this.#tables.set(id, (table = new RowTable(shape)));
    return table;
  }
}
