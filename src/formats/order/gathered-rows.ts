/** Rows of one symbol picked out of batches in which symbols alternate, as one batch of its own. */
import type { RowBatch } from '../batch.js';
import { locationAt } from './rows.js';

const FIRST_CAPACITY = 8;

export class GatheredRows {
  #rows = 0;
  #columns: Float64Array[];
  #lines = new Uint32Array(FIRST_CAPACITY);
  readonly #shape: Pick<RowBatch, 'schema' | 'timestampAt' | 'hasSymbols'>;
  readonly #location: ReturnType<RowBatch['locationOf']>;

  /** The columns, and the file, are those of this batch. */
  constructor(
    readonly symbol: string,
    { schema, timestampAt, hasSymbols, locationOf }: RowBatch,
  ) {
    this.#shape = { schema, timestampAt, hasSymbols };
    this.#location = locationOf(0);
    this.#columns = schema.map(() => new Float64Array(FIRST_CAPACITY));
  }

  /** Returns the bytes that it grew by. The columns of a batch of several symbols are doubles. */
  add(batch: RowBatch, row: number): number {
    const at = this.#rows;
    const isNew = at === 0;
    const isFull = at === this.#lines.length;
    if (isFull) this.#grow();
    const columns = batch.columns as readonly Float64Array[];
    for (let k = 0; k < columns.length; k += 1) this.#columns[k][at] = columns[k][row];
    this.#lines[at] = batch.lines?.[row] ?? batch.locationOf(row).line ?? 0;
    this.#rows += 1;
    if (isNew) return FIRST_CAPACITY * this.#rowBytes;
    return isFull ? at * this.#rowBytes : 0;
  }

  batch(): RowBatch {
    const rows = this.#rows;
    const lines = this.#lines.subarray(0, rows);
    return {
      ...this.#shape,
      rows,
      columns: this.#columns.map((column) => column.subarray(0, rows)),
      lines,
      isMixed: false,
      symbolAt: () => this.symbol,
      locationOf: (row) => locationAt(this.#location, lines[row]),
    };
  }

  get #rowBytes(): number {
    return 8 * this.#columns.length + 4;
  }

  #grow(): void {
    const capacity = 2 * this.#lines.length;
    const lines = new Uint32Array(capacity);
    lines.set(this.#lines);
    this.#lines = lines;
    this.#columns = this.#columns.map((column) => {
      const larger = new Float64Array(capacity);
      larger.set(column);
      return larger;
    });
  }
}
