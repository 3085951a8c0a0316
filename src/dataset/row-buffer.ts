/** Rows gathered one run after another, in columns that grow up to one block. */
import { BLOCK_ROWS, type ColumnSchema } from '../codec/codec.js';
import { bytesOf, itemSize, type TypedArray, viewAs } from '../dtype.js';

/** Starts small and grows: thousands of short symbols stay small. */
const FIRST_CAPACITY = 16;

/** Memory of buffers that have grown out of it or were written: the next one of that size takes it. */
export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  bytes = 0;

  take(size: number): ArrayBuffer {
    const found = this.#free.get(size)?.pop();
    if (found === undefined) return new ArrayBuffer(size);
    this.bytes -= size;
    return found;
  }

  give(buffer: ArrayBuffer): void {
    if (this.bytes + buffer.byteLength > MAX_POOLED_BYTES) return;
    const free = this.#free.get(buffer.byteLength);
    if (free === undefined) this.#free.set(buffer.byteLength, [buffer]);
    else free.push(buffer);
    this.bytes += buffer.byteLength;
  }
}

/** Many symbols grow at the same time: their garbage would be several times what they hold. */
const MAX_POOLED_BYTES = 4 << 20;

export class RowBuffer {
  rows = 0;
  /** Memory that the columns take. */
  bytes = 0;
  #columns: TypedArray[];
  #capacity = FIRST_CAPACITY;
  readonly #schema: readonly ColumnSchema[];
  readonly #pool: BufferPool;

  constructor(schema: readonly ColumnSchema[], pool = new BufferPool()) {
    this.#schema = schema;
    this.#pool = pool;
    this.#columns = this.#allocate();
  }

  get isFull(): boolean {
    return this.rows === BLOCK_ROWS;
  }

  /** Rows that it has memory for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes that it would grow by to take so many more rows. */
  growthFor(rows: number): number {
    let capacity = this.#capacity;
    while (capacity < this.rows + rows && capacity < BLOCK_ROWS) capacity *= 2;
    return (this.bytes / this.#capacity) * (Math.min(capacity, BLOCK_ROWS) - this.#capacity);
  }

  /** Copies rows [from, to) as far as there is room, whole elements so that bits stay; returns how many. */
  take(columns: readonly TypedArray[], from: number, to: number): number {
    const count = Math.min(to - from, BLOCK_ROWS - this.rows);
    while (this.rows + count > this.#capacity) this.#grow();
    for (let k = 0; k < this.#columns.length; k += 1) {
      (this.#columns[k] as Float64Array).set(columns[k].subarray(from, from + count) as Float64Array, this.rows);
    }
    this.rows += count;
    return count;
  }

  /**
   * The same for one row of numbers that JavaScript has made, where no NaN carries a payload: copying bits costs more
   * than the rows when symbols alternate. There must be room.
   */
  takeNumbers(columns: readonly Float64Array[], row: number): void {
    if (this.rows === this.#capacity) this.#grow();
    const own = this.#columns as Float64Array[];
    for (let k = 0; k < own.length; k += 1) own[k][this.rows] = columns[k][row];
    this.rows += 1;
  }

  /** The first `rows` so far, default all; the arrays are overwritten by what is taken after `clear`. */
  content(rows = this.rows): readonly TypedArray[] {
    return rows === this.#capacity ? this.#columns : this.#columns.map((column) => column.subarray(0, rows));
  }

  clear(): void {
    this.rows = 0;
  }

  /** Forgets the rows before `row`. */
  dropUntil(row: number): void {
    if (row < this.rows) for (const column of this.#columns) column.copyWithin(0, row, this.rows);
    this.rows -= row;
  }

  /** Forgets the rows and gives the memory back. */
  shrink(): void {
    this.rows = 0;
    this.#capacity = FIRST_CAPACITY;
    this.#giveBack();
    this.#columns = this.#allocate();
  }

  #allocate(): TypedArray[] {
    const rowBytes = this.#schema.reduce((sum, { dtype }) => sum + itemSize(dtype), 0);
    this.bytes = this.#capacity * rowBytes;
    // One for all columns: thousands of buffers are many allocations. The capacity aligns every one of them.
    const buffer = this.#pool.take(this.bytes);
    let offset = 0;
    return this.#schema.map(({ dtype }) => {
      const column = viewAs(dtype, buffer, offset, this.#capacity);
      offset += column.byteLength;
      return column;
    });
  }

  #grow(): void {
    const filled = this.#columns;
    this.#capacity = Math.min(this.#capacity * 2, BLOCK_ROWS);
    this.#columns = this.#allocate();
    filled.forEach((column, k) => {
      bytesOf(this.#columns[k]).set(bytesOf(column));
    });
    this.#pool.give(filled[0].buffer as ArrayBuffer);
  }

  #giveBack(): void {
    if (this.#columns.length > 0) this.#pool.give(this.#columns[0].buffer as ArrayBuffer);
  }
}
