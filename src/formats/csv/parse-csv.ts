/**
 * CSV -> batches of rows, chunk by chunk. Plain lines are read from their bytes (line-parser.ts); for the others Papa
 * Parse finds the cells (quotes, line breaks in them), and table-reader.ts gives them their meaning. Numbers are
 * rounded correctly, so that shortest round-trip decimals give back the original doubles.
 */
import { requireNow } from '../../require-now.js';
import type { RowBatch } from '../batch.js';
import { fileDamage } from '../damage.js';
import type { ReadContext, SourceFile } from '../format.js';
import { shapeOfTable, TableReader } from '../table/table-reader.js';
import { CellReader, isEmptyRow, type TablePart } from './csv-rows.js';
import { type CsvShape, inspectCsv } from './header.js';
import { LineParser } from './line-parser.js';
import { CHUNK_BYTES, WholeLines } from './whole-lines.js';

/** A line, or a quoted cell, longer than this is taken for a line feed or a quote that is missing. */
const MAX_ROW_BYTES = 1 << 20;

/** Batches of a file. Throws CORRUPT or ARGUMENT naming path, line and column. */
export async function* parseCsv(file: SourceFile, context: ReadContext): AsyncGenerator<RowBatch> {
  const reader = new CsvReader(file, context);
  const lines = new WholeLines();
  for await (const whole of file.bytes()) {
    for (let at = 0; at < whole.length; ) {
      const complete = lines.add(whole.subarray(at, at + CHUNK_BYTES));
      at += CHUNK_BYTES;
      if (complete !== undefined) yield* reader.readLines(complete);
      if (lines.length > MAX_ROW_BYTES) reader.refuseEndlessLine();
    }
  }
  yield* reader.readRest(lines.rest());
  reader.end();
}

class CsvReader {
  readonly #path: string;
  readonly #shape: CsvShape;
  readonly #cells: CellReader;
  readonly #parser: LineParser | undefined;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** The line that is read next. */
  #line = 1;
  #rowCount = 0;
  /** Lines as old programs of Macintosh end them: none is found. */
  readonly #hasOnlyReturns: boolean;
  /** Lines that end within a quoted cell. */
  #open = '';

  constructor(file: SourceFile, context: ReadContext) {
    this.#path = file.path;
    this.#hasOnlyReturns = file.head.includes(13) && !file.head.includes(10);
    this.#shape = inspectCsv(file, context, this.#headOf(file.head));
    const { titles, rows, groups, headerLine: line, isNamed, delimiter } = this.#shape;
    const isPerfect = rows.filter((row) => row.length === titles.length);
    const parts: TablePart[] = (groups ?? [undefined]).map((group) => {
      const own = group === undefined ? titles : group.at.map((at) => titles[at]);
      const sample = group === undefined ? isPerfect : isPerfect.map((row) => group.at.map((at) => row[at]));
      const named = group === undefined ? context : { ...context, symbol: group.symbol };
      return {
        reader: new TableReader(file, named, shapeOfTable(file, context, own, sample, { isNamed, line })),
        at: group?.at,
      };
    });
    const header = line === undefined || groups !== undefined ? undefined : titles;
    this.#cells = new CellReader(file.path, titles.length, parts, header);
    if (groups === undefined) this.#parser = new LineParser(parts[0].reader, delimiter);
  }

  /** Rows of complete lines; none while a quoted cell is open. */
  readLines(given: Uint8Array): readonly RowBatch[] {
    const bytes = this.#withoutPreamble(given);
    if (bytes.length === 0) return [];
    if (this.#open === '' && this.#parser !== undefined) {
      const parsed = this.#parser.parse(bytes, this.#line);
      if (parsed !== undefined) return this.#count([parsed.batch], parsed.lineCount);
    }
    const text = this.#open + this.#decode(bytes);
    const batches = this.#read(text, false);
    this.#open = batches === undefined ? text : '';
    if (this.#open.length > MAX_ROW_BYTES) return this.#read(text, true)!;
    return batches ?? [];
  }

  readRest(bytes: Uint8Array): readonly RowBatch[] {
    return this.#read(this.#open + this.#decode(this.#withoutPreamble(bytes)), true) ?? [];
  }

  refuseEndlessLine(): never {
    const what = `the line is longer than ${MAX_ROW_BYTES} bytes; lines must end with a line feed`;
    throw fileDamage({ path: this.#path, line: this.#line }, what);
  }

  end(): void {
    if (this.#rowCount > 0) return;
    const what = this.#hasOnlyReturns
      ? 'its lines end with carriage returns alone; save it with line feeds'
      : 'the file has a header but no candles';
    throw fileDamage({ path: this.#path, line: this.#line }, what);
  }

  /** Whole lines of the first bytes; all of them where the file is no longer. */
  #headOf(head: Uint8Array): string {
    const end = head.lastIndexOf(10);
    return this.#decode(end > 0 && head.length >= HEAD_BYTES ? head.subarray(0, end + 1) : head).replace(/^\ufeff/, '');
  }

  /** Lines before the first row are skipped where they stand. */
  #withoutPreamble(bytes: Uint8Array): Uint8Array {
    let at = 0;
    while (this.#line <= this.#shape.skipLines) {
      const end = bytes.indexOf(10, at);
      if (end < 0) return bytes.subarray(bytes.length);
      at = end + 1;
      this.#line += 1;
    }
    // A file without a header may begin with a mark.
    if (this.#line === 1 && at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    return at === 0 ? bytes : bytes.subarray(at);
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      const what = 'the file is not UTF-8 text; say its encoding (--encoding latin1, utf-16le or utf-16be)';
      throw fileDamage({ path: this.#path }, what, cause);
    }
  }

  /** Rows of complete lines, or undefined when a quoted cell is still open at their end and `last` is false. */
  #read(given: string, last: boolean): readonly RowBatch[] | undefined {
    if (given === '') return undefined;
    const isQuoted = given.includes('"');
    // A carriage return before a line feed is white space of the last cell. Behind a quote white space would be damage,
    // so there it goes first.
    const text = isQuoted ? given.replace(/\r(?=\n|$)/g, '') : given;
    const { parse } = requireNow<typeof import('papaparse')>('papaparse');
    const parsed = parse<string[]>(text, { delimiter: this.#shape.delimiter, newline: '\n' });
    const openQuote = parsed.errors.find((error) => error.type === 'Quotes');
    if (openQuote !== undefined) {
      if (!last) return undefined;
      const line = this.#line + (openQuote.row ?? 0);
      throw fileDamage({ path: this.#path, line }, 'a quoted cell is not closed or has text after its quote');
    }
    const cells = parsed.data;
    // After the last line break Papa Parse sees one more, empty row.
    if (cells.length > 0 && isEmptyRow(cells[cells.length - 1]) && text.endsWith('\n')) cells.pop();
    const { batches, lineCount } = this.#cells.read(cells, this.#line, !isQuoted);
    return this.#count(batches, lineCount);
  }

  #count(batches: readonly RowBatch[], lineCount: number): readonly RowBatch[] {
    this.#line += lineCount;
    for (const { rows } of batches) this.#rowCount += rows;
    return batches.filter(({ rows }) => rows > 0);
  }
}

/** What a source file's head holds; where it is shorter it is the whole file. */
const HEAD_BYTES = 1 << 16;
