/**
 * The rows of one column of a row group, as many at a time as are asked for. Some writers make pages of a million rows:
 * such a page is put aside on disk once it is decoded, so that no more than one of them is in memory, however many
 * columns there are.
 */
import { bytesOf } from '../../dtype.js';
import { SpillFile } from '../../io/spill-file.js';
import type { CellColumn } from '../cell-column.js';
import { type ParquetColumn, parquetColumn } from './columns.js';
import { type Chunk, type PageSource, pagesOf } from './pages.js';

/** Rows of a batch; longer pages are put aside. */
const MAX_ROWS = 1 << 16;

/** The pages of one row group that are put aside. */
export class PageSpill {
  #file: SpillFile | undefined;

  /** Returns where they are. */
  add(values: Float64Array): number {
    this.#file ??= new SpillFile();
    return this.#file.append(bytesOf(values));
  }

  read(at: number, rows: number): Float64Array {
    const values = new Float64Array(rows);
    this.#file?.read(at, bytesOf(values));
    return values;
  }

  close(): void {
    this.#file?.close();
  }
}

export interface StreamRange {
  readonly path: string;
  /** Of the row group, in the file. */
  readonly firstRow: number;
  /** Of the row group. */
  readonly rows: number;
  readonly spill: PageSpill;
}

export class ColumnStream {
  readonly #column: ParquetColumn;
  readonly #range: StreamRange;
  readonly #source: PageSource;
  readonly #pages: ReturnType<typeof pagesOf>;
  /** What is left of the page: some rows in memory, and those that are on disk. */
  #part: CellColumn | undefined;
  #taken = 0;
  #waiting: { readonly at: number; readonly rows: number }[] = [];
  /** Rows of the pages so far. */
  #before = 0;

  constructor(column: ParquetColumn, chunk: Chunk, source: PageSource, range: StreamRange) {
    this.#column = column;
    this.#range = range;
    this.#source = source;
    this.#pages = pagesOf(chunk, column, range.rows, source);
  }

  /** Rows that can be taken at once: 1 and more. */
  left(): number {
    while (this.#part === undefined || this.#taken === this.#part.values.length) {
      const next = this.#waiting.shift();
      this.#part = next === undefined ? this.#nextPage() : this.#withValues(this.#range.spill.read(next.at, next.rows));
      this.#taken = 0;
    }
    return this.#part.values.length - this.#taken;
  }

  take(rows: number): CellColumn {
    const part = this.#part!;
    const [from, to] = [this.#taken, this.#taken + rows];
    this.#taken = to;
    if (from === 0 && to === part.values.length) return part;
    return part.kind === 'text'
      ? { ...part, values: part.values.slice(from, to) }
      : { ...part, values: part.values.subarray(from, to) };
  }

  #nextPage(): CellColumn {
    const next = this.#pages.next();
    if (next.done === true) throw new Error(`column "${this.#column.name}" ends before its row group`);
    const { path, firstRow, spill } = this.#range;
    const location = { path, title: this.#column.name, firstRow: firstRow + this.#before };
    const page = parquetColumn(this.#column, next.value, location);
    const rows = page.values.length;
    this.#before += rows;
    if (page.kind === 'text') return page;
    if (rows <= MAX_ROWS) {
      return this.#source.scratch.holds(page.values) ? { ...page, values: page.values.slice() } : page;
    }
    const at = spill.add(page.values);
    for (let row = 0; row < rows; row += MAX_ROWS) {
      const start = at + row * Float64Array.BYTES_PER_ELEMENT;
      this.#waiting.push({ at: start, rows: Math.min(MAX_ROWS, rows - row) });
    }
    return { ...page, values: page.values.slice(0, 0) };
  }

  #withValues(values: Float64Array): CellColumn {
    return { ...this.#part!, values } as CellColumn;
  }
}
