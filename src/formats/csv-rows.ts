/** Cells of a CSV file, as Papa Parse finds them, to rows of candles. */
import { csvDamage } from './csv-damage.js';
import type { CsvHeader } from './csv-header.js';
import { parseNumber } from './decimal.js';
import { createTimeParser, type TimeParser } from './time.js';

/**
 * Rows of one piece. `columns[k]` are the numbers of `names[k]`; `names[0]` is `timestamp` (UTC ms). Arrays may be overwritten by the
 * next piece, and `symbols` may be longer than `length`.
 */
export interface CsvRows {
  readonly names: readonly string[];
  readonly length: number;
  readonly columns: readonly Float64Array[];
  /** Symbol of each row; undefined where the file has no symbol column. */
  readonly symbols: readonly string[] | undefined;
  /** Line of each row in the file, the first line is 1. */
  readonly lines: Uint32Array;
  /** Lines that were read, empty ones included. */
  readonly lineCount: number;
}

export class CellReader {
  private time: TimeParser | undefined;

  constructor(
    private readonly path: string,
    private readonly header: CsvHeader,
  ) {}

  /** Reads what the first time was like; undefined before it. */
  get parseTime(): TimeParser | undefined {
    return this.time;
  }

  /** The rows of `cells`, the first of which stands in `line`. `singleLines`: no cell holds a line break. */
  read(cells: readonly string[][], line: number, singleLines: boolean): CsvRows {
    const { header } = this;
    const capacity = cells.length;
    let next = line;
    const columns = header.names.map(() => new Float64Array(capacity));
    const symbols: string[] | undefined = header.symbolAt < 0 ? undefined : [];
    const lines = new Uint32Array(capacity);
    let length = 0;
    for (const row of cells) {
      const at = next;
      next += singleLines ? 1 : 1 + lineBreaksIn(row);
      if (isEmptyRow(row)) continue;
      if (row.length !== header.width) {
        throw csvDamage(this.path, at, `${row.length} cells where the header has ${header.width}`);
      }
      columns[0][length] = this.readTime(row[header.timeAt].trim(), at);
      for (let k = 0; k < header.numbersAt.length; k += 1) {
        const text = row[header.numbersAt[k]];
        const value = parseNumber(text);
        if (value === undefined) {
          const title = header.titles[header.numbersAt[k]];
          throw csvDamage(this.path, at, `"${shorten(text.trim())}" is not a number`, title);
        }
        columns[k + 1][length] = value;
      }
      symbols?.push(this.readSymbol(row[header.symbolAt].trim(), at));
      lines[length] = at;
      length += 1;
    }
    return {
      names: header.names,
      length,
      columns: columns.map((column) => column.subarray(0, length)),
      symbols,
      lines: lines.subarray(0, length),
      lineCount: next - line,
    };
  }

  private readTime(text: string, line: number): number {
    this.time ??= createTimeParser(text);
    const ms = this.time?.(text);
    if (ms === undefined) {
      const title = this.header.titles[this.header.timeAt];
      const allowed =
        'a whole number since 1970 (s, ms, µs or ns, whole ms) or an ISO date such as 2024-01-31 or 2024-01-31T09:30:00Z';
      throw csvDamage(
        this.path,
        line,
        `"${shorten(text)}" is not a time like the first one; allowed: ${allowed}`,
        title,
      );
    }
    return ms;
  }

  private readSymbol(text: string, line: number): string {
    if (text === '') {
      const title = this.header.titles[this.header.symbolAt];
      throw csvDamage(this.path, line, 'the cell is empty', title);
    }
    return text;
  }
}

export function isEmptyRow(row: readonly string[]): boolean {
  return row.length === 1 && row[0].trim() === '';
}

function lineBreaksIn(row: readonly string[]): number {
  let count = 0;
  for (const cell of row) for (const character of cell) if (character === '\n') count += 1;
  return count;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
