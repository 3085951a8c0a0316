/**
 * CSV -> rows of candles, piece by piece. Plain lines are read from their bytes (csv-lines.ts); for the others Papa Parse finds the cells
 * (quotes, delimiters, byte order mark), and csv-header.ts and csv-rows.ts give them their meaning. Either way it is said exactly where
 * something is wrong, and numbers are rounded correctly, so that shortest round-trip decimals give back the original doubles.
 */
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import { csvDamage } from './csv-damage.js';
import { type CsvHeader, readHeader } from './csv-header.js';
import { LineParser } from './csv-lines.js';
import { CellReader, type CsvRows, isEmptyRow } from './csv-rows.js';
import { PIECE_BYTES, WholeLines } from './whole-lines.js';

/** A line, or a quoted cell, longer than this is taken for a line feed or a quote that is missing. */
const MAX_ROW_BYTES = 1 << 20;

/** The first piece, which the general parser reads to learn what the columns are. */
const FIRST_PIECE_BYTES = 1 << 14;

export interface CsvOptions {
  /** Named in errors. */
  readonly path: string;
  /** Columns that must be there besides the time, default `['close']`. */
  readonly required?: readonly string[];
}

/** Parses a file that arrives in pieces cut anywhere. Throws CORRUPT naming path, line and column. */
export async function* parseCandleCsv(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { path, required = ['close'] }: CsvOptions,
): AsyncGenerator<CsvRows> {
  const reader = new CsvReader(path, required);
  const lines = new WholeLines();
  for await (const whole of pieces) {
    for (let at = 0; at < whole.length; ) {
      const count = reader.isReady ? PIECE_BYTES : FIRST_PIECE_BYTES;
      const complete = lines.add(whole.subarray(at, at + count));
      at += count;
      const rows = complete && reader.readLines(complete);
      if (rows !== undefined && rows.length > 0) yield rows;
      if (lines.length > MAX_ROW_BYTES) reader.refuseEndlessLine();
    }
  }
  const rows = reader.readRest(lines.rest());
  if (rows !== undefined && rows.length > 0) yield rows;
  reader.end();
}

class CsvReader {
  private header: CsvHeader | undefined;
  private cells: CellReader | undefined;
  private lineParser: LineParser | undefined;
  /** The line that is read next. */
  line = 1;
  private rowCount = 0;
  /** Lines that end within a quoted cell. */
  private open = '';
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(
    readonly path: string,
    private readonly required: readonly string[],
  ) {}

  /** The columns and the form of the times are known: plain lines can be read from their bytes. */
  get isReady(): boolean {
    return this.cells?.parseTime !== undefined;
  }

  /** Rows of complete lines; none while a quoted cell is open. */
  readLines(bytes: Uint8Array): CsvRows | undefined {
    if (this.open === '' && this.isReady) {
      this.lineParser ??= new LineParser(this.header!, this.cells!.parseTime!);
      const rows = this.lineParser.parse(bytes, this.line);
      if (rows !== undefined) return this.count(rows);
    }
    const text = this.open + this.decode(bytes);
    const rows = this.read(text, false);
    this.open = rows === undefined ? text : '';
    if (this.open.length > MAX_ROW_BYTES) return this.read(text, true);
    return rows;
  }

  readRest(bytes: Uint8Array): CsvRows | undefined {
    return this.read(this.open + this.decode(bytes), true);
  }

  refuseEndlessLine(): never {
    const what = `the line is longer than ${MAX_ROW_BYTES} bytes; lines must end with a line feed`;
    throw csvDamage(this.path, this.line, what);
  }

  private decode(bytes: Uint8Array): string {
    try {
      return this.decoder.decode(bytes);
    } catch (cause) {
      const message = `${this.path} is not UTF-8 text; convert it to UTF-8 first`;
      throw new AtcError('CORRUPT', message, { path: this.path, cause });
    }
  }

  /** Rows of complete lines, or undefined when a quoted cell is still open at their end and `last` is false. */
  private read(given: string, last: boolean): CsvRows | undefined {
    if (given === '') return undefined;
    const isQuoted = given.includes('"');
    // A line ends where its line feed is, as the header has shown; a carriage return before it is white space of the last cell. Behind a
    // quote white space would be damage, so there it goes first. (Guessing anew would depend on where the text was cut.)
    const newline = this.header === undefined ? undefined : '\n';
    const text = isQuoted && newline !== undefined ? given.replace(/\r(?=\n|$)/g, '') : given;
    const { parse } = requireNow<typeof import('papaparse')>('papaparse');
    const parsed = parse<string[]>(text, { delimiter: this.header?.delimiter ?? '', newline });
    const openQuote = parsed.errors.find((error) => error.type === 'Quotes');
    if (openQuote !== undefined) {
      if (!last) return undefined;
      const line = this.line + (openQuote.row ?? 0);
      throw csvDamage(this.path, line, 'a quoted cell is not closed or has text after its quote');
    }
    const cells = parsed.data;
    // After the last line break Papa Parse sees one more, empty row.
    if (cells.length > 0 && isEmptyRow(cells[cells.length - 1]) && text.endsWith('\n')) cells.pop();
    let at = 0;
    if (this.header === undefined) {
      while (at < cells.length && isEmptyRow(cells[at])) {
        at += 1;
        this.line += 1;
      }
      if (at === cells.length) return undefined;
      this.header = readHeader(cells[at], parsed.meta.delimiter, this.required, this);
      this.cells = new CellReader(this.path, this.header);
      at += 1;
      this.line += 1;
    }
    return this.count(this.cells!.read(at === 0 ? cells : cells.slice(at), this.line, !isQuoted));
  }

  end(): void {
    if (this.header === undefined) {
      throw new AtcError(
        'CORRUPT',
        `${this.path}: the file is empty; a header line and at least one candle are needed`,
        {
          path: this.path,
        },
      );
    }
    if (this.rowCount === 0) throw csvDamage(this.path, this.line, 'the file has a header but no candles');
  }

  private count(rows: CsvRows): CsvRows {
    this.line += rows.lineCount;
    this.rowCount += rows.length;
    return rows;
  }
}
