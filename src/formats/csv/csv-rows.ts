/** Cells of a CSV file, as Papa Parse finds them, to batches of rows. */
import type { RowBatch } from '../batch.js';
import { fileDamage } from '../damage.js';
import type { TableReader } from '../table/table-reader.js';

/** Lines that say where a file came from, behind its rows. */
const FOOTER = /^"?(?:downloaded from|source:|data provided|©|copyright|\(c\)|end of file|#)/i;

/**
 * A reader of a table, and the cells of a row that are its columns; several of them where tables stand side by side.
 */
export interface TablePart {
  readonly reader: TableReader;
  readonly at?: readonly number[];
}

export class CellReader {
  readonly #path: string;
  readonly #width: number;
  readonly #parts: readonly TablePart[];
  /** Repeated where files were joined: skipped. */
  readonly #titles: readonly string[] | undefined;

  constructor(path: string, width: number, parts: readonly TablePart[], titles: readonly string[] | undefined) {
    this.#path = path;
    this.#width = width;
    this.#parts = parts;
    this.#titles = titles;
  }

  /** Batches of the rows of `cells`, the first of which stands in `line`. `singleLines`: no cell holds a line break. */
  read(cells: readonly string[][], line: number, singleLines: boolean): { batches: RowBatch[]; lineCount: number } {
    let next = line;
    const rows: string[][] = [];
    const lines: number[] = [];
    for (const row of cells) {
      const at = next;
      next += singleLines ? 1 : 1 + lineBreaksIn(row);
      if (isEmptyRow(row) || (row.length < this.#width && FOOTER.test(row[0].trim())) || this.#isHeader(row)) continue;
      if (row.length !== this.#width) {
        // What is wrong in a line before this one is reported first.
        for (const { reader, at: cellsOf } of rows.length === 0 ? [] : this.#parts)
          reader.read(sourceOf(rows, lines, cellsOf));
        throw fileDamage({ path: this.#path, line: at }, `${row.length} cells where the header has ${this.#width}`);
      }
      rows.push(row);
      lines.push(at);
    }
    const batches =
      rows.length === 0 ? [] : this.#parts.map((part) => part.reader.read(sourceOf(rows, lines, part.at)));
    const areSeveral = batches.length > 1;
    return {
      batches: areSeveral ? batches.map((batch) => ({ ...batch, hasSymbols: true })) : batches,
      lineCount: next - line,
    };
  }

  #isHeader(row: readonly string[]): boolean {
    const titles = this.#titles;
    return (
      titles !== undefined &&
      row[0] === titles[0] &&
      row.length === titles.length &&
      row.every((cell, k) => cell === titles[k])
    );
  }
}

function sourceOf(rows: readonly string[][], lines: readonly number[], at: readonly number[] | undefined) {
  return {
    rows: rows.length,
    cell: at === undefined ? (row: number, k: number) => rows[row][k] : (row: number, k: number) => rows[row][at[k]],
    lineOf: (row: number) => lines[row],
  };
}

export function isEmptyRow(row: readonly string[]): boolean {
  return row.length === 1 && row[0].trim() === '';
}

function lineBreaksIn(row: readonly string[]): number {
  let count = 0;
  for (const cell of row) for (const character of cell) if (character === '\n') count += 1;
  return count;
}
