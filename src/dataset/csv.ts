/**
 * CSV -> rows of candles, piece by piece. Plain lines are read from their bytes (csv-lines.ts); for the others Papa Parse finds the cells
 * (quotes, delimiters, byte order mark), and this file gives them their meaning and says exactly where something is wrong.
 * Numbers are rounded correctly, so that shortest round-trip decimals give back the original doubles.
 */
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import { LineParser } from './csv-lines.js';
import { parseNumber } from './decimal.js';
import { createTimeParser, type TimeParser } from './time.js';

/** Header names that are taken for the time of a candle's open, in order of preference. Compared in lower case. */
const TIME_NAMES = ['timestamp', 'time', 'datetime', 'date', 'open_time', 'opentime', 'ts'];
const SYMBOL_NAMES = ['symbol', 'ticker', 'pair'];
/** Short header names of exchanges' exports. */
const ALIASES: Readonly<Record<string, string>> = {
  o: 'open',
  h: 'high',
  l: 'low',
  c: 'close',
  v: 'volume',
  vol: 'volume',
};
/** A line, or a quoted cell, longer than this is taken for a line feed or a quote that is missing. */
const MAX_ROW_BYTES = 1 << 20;

/** Bytes parsed at a time: short enough to stay in the processor's cache, long enough that the calls do not show. */
const PIECE_BYTES = 1 << 18;
/** The first piece, which the general parser reads to learn what the columns are. */
const FIRST_PIECE_BYTES = 1 << 14;

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
}

export interface CsvHeader {
  readonly names: readonly string[];
  readonly width: number;
  readonly timeAt: number;
  readonly symbolAt: number;
  /** Cell of each number column after the timestamp, and what the file calls it. */
  readonly numbersAt: readonly number[];
  readonly titles: readonly string[];
  readonly delimiter: string;
}

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

/** Cuts pieces after their last line feed; what follows it waits for the next piece. */
class WholeLines {
  private buffer = new Uint8Array(PIECE_BYTES);
  /** Bytes that wait. */
  length = 0;
  private handedOut = 0;

  /** The complete lines so far, valid until the next call; undefined when there is no line feed in the piece. */
  add(piece: Uint8Array): Uint8Array | undefined {
    this.settle();
    if (this.length + piece.length > this.buffer.length) {
      const larger = new Uint8Array(2 * (this.length + piece.length));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(piece, this.length);
    const before = this.length;
    this.length += piece.length;
    const lineFeed = piece.lastIndexOf(10);
    if (lineFeed < 0) return undefined;
    this.handedOut = before + lineFeed + 1;
    this.length -= this.handedOut;
    return this.buffer.subarray(0, this.handedOut);
  }

  /** What follows the last line feed. */
  rest(): Uint8Array {
    this.settle();
    return this.buffer.subarray(0, this.length);
  }

  /** Moves what waits to the front, where the lines handed out before were. */
  private settle(): void {
    if (this.handedOut === 0) return;
    this.buffer.copyWithin(0, this.handedOut, this.handedOut + this.length);
    this.handedOut = 0;
  }
}

class CsvReader {
  private header: CsvHeader | undefined;
  private parseTime: TimeParser | undefined;
  private lineParser: LineParser | undefined;
  private line = 1;
  private rowCount = 0;
  /** Lines that end within a quoted cell. */
  private open = '';
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(
    private readonly path: string,
    private readonly required: readonly string[],
  ) {}

  /** The columns and the form of the times are known: plain lines can be read from their bytes. */
  get isReady(): boolean {
    return this.header !== undefined && this.parseTime !== undefined;
  }

  /** Rows of complete lines; none while a quoted cell is open. */
  readLines(bytes: Uint8Array): CsvRows | undefined {
    if (this.open === '' && this.isReady) {
      this.lineParser ??= new LineParser(this.header!, this.parseTime!);
      const rows = this.lineParser.parse(bytes, this.line);
      if (rows !== undefined) {
        this.line += rows.lineCount;
        this.rowCount += rows.length;
        return rows;
      }
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
    this.fail(`the line is longer than ${MAX_ROW_BYTES} bytes; lines must end with a line feed`, this.line);
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
      this.fail('a quoted cell is not closed or has text after its quote', this.line + (openQuote.row ?? 0));
    }
    const cells = parsed.data;
    // After the last line break Papa Parse sees one more, empty row.
    if (cells.length > 0 && isEmptyRow(cells[cells.length - 1]) && text.endsWith('\n')) cells.pop();
    const singleLines = !isQuoted;
    let at = 0;
    if (this.header === undefined) {
      while (at < cells.length && isEmptyRow(cells[at])) {
        at += 1;
        this.line += 1;
      }
      if (at === cells.length) return undefined;
      this.header = this.readHeader(cells[at], parsed.meta.delimiter);
      at += 1;
      this.line += 1;
    }
    return this.readRows(this.header, cells, at, singleLines);
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
    if (this.rowCount === 0) this.fail('the file has a header but no candles', this.line);
  }

  private readHeader(cells: readonly string[], delimiter: string): CsvHeader {
    const titles = cells.map((cell) => cell.trim());
    const keys = titles.map((title) => {
      const key = title.toLowerCase();
      return Object.hasOwn(ALIASES, key) ? ALIASES[key] : key;
    });
    const found = `found: ${titles.map((title) => `"${title}"`).join(', ')}`;
    const timeAt = keys.indexOf(TIME_NAMES.find((name) => keys.includes(name)) ?? '');
    if (timeAt < 0) this.fail(`no time column; one of ${TIME_NAMES.join(', ')} is needed, ${found}`, this.line);
    const symbolAt = keys.indexOf(SYMBOL_NAMES.find((name) => keys.includes(name)) ?? '');
    const numbersAt = keys.flatMap((key, at) => (at === timeAt || at === symbolAt || key === '' ? [] : [at]));
    const names = ['timestamp', ...numbersAt.map((at) => keys[at])];
    for (const name of this.required) {
      if (!names.includes(name)) this.fail(`no column "${name}" in the header, ${found}`, this.line, name);
    }
    const repeated = names.find((name, at) => names.indexOf(name) !== at);
    if (repeated !== undefined) this.fail(`two columns are called "${repeated}"; rename one`, this.line, repeated);
    return { names, width: cells.length, timeAt, symbolAt, numbersAt, titles, delimiter };
  }

  private readRows(header: CsvHeader, cells: readonly string[][], first: number, singleLines: boolean): CsvRows {
    const capacity = cells.length - first;
    const columns = header.names.map(() => new Float64Array(capacity));
    const symbols: string[] | undefined = header.symbolAt < 0 ? undefined : [];
    const lines = new Uint32Array(capacity);
    let length = 0;
    for (let at = first; at < cells.length; at += 1) {
      const row = cells[at];
      const line = this.line;
      this.line += singleLines ? 1 : 1 + lineBreaksIn(row);
      if (isEmptyRow(row)) continue;
      if (row.length !== header.width) {
        this.fail(`${row.length} cells where the header has ${header.width}`, line);
      }
      columns[0][length] = this.readTime(header, row[header.timeAt].trim(), line);
      for (let k = 0; k < header.numbersAt.length; k += 1) {
        const text = row[header.numbersAt[k]];
        const value = parseNumber(text);
        if (value === undefined) {
          const title = header.titles[header.numbersAt[k]];
          this.fail(`"${shorten(text.trim())}" is not a number`, line, title);
        }
        columns[k + 1][length] = value;
      }
      symbols?.push(this.readSymbol(header, row[header.symbolAt].trim(), line));
      lines[length] = line;
      length += 1;
    }
    this.rowCount += length;
    return {
      names: header.names,
      length,
      columns: columns.map((column) => column.subarray(0, length)),
      symbols,
      lines: lines.subarray(0, length),
    };
  }

  private readTime(header: CsvHeader, text: string, line: number): number {
    this.parseTime ??= createTimeParser(text);
    const ms = this.parseTime?.(text);
    if (ms === undefined) {
      const title = header.titles[header.timeAt];
      const allowed =
        'a whole number since 1970 (s, ms, µs or ns, whole ms) or an ISO date such as 2024-01-31 or 2024-01-31T09:30:00Z';
      this.fail(`"${shorten(text)}" is not a time like the first one; allowed: ${allowed}`, line, title);
    }
    return ms;
  }

  private readSymbol(header: CsvHeader, text: string, line: number): string {
    if (text === '') {
      const title = header.titles[header.symbolAt];
      this.fail('the cell is empty', line, title);
    }
    return text;
  }

  private fail(what: string, line: number, column?: string): never {
    const where = column === undefined ? `line ${line}` : `line ${line}, column "${column}"`;
    throw new AtcError('CORRUPT', `${this.path}: ${where}: ${what}`, { path: this.path, line, column });
  }
}

function isEmptyRow(row: readonly string[]): boolean {
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
