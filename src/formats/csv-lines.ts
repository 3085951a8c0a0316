/**
 * Lines of plain candles (ASCII, no quotes, a fixed number of cells) -> rows, straight from the bytes. It takes only what it is sure of;
 * anything else is left, piece by piece, to the general parser, which also says what is wrong. Both give the same rows.
 */
import type { CsvHeader } from './csv-header.js';
import type { CsvRows } from './csv-rows.js';
import { MAX_EXACT, POWERS_OF_TEN, parseNumber } from './decimal.js';
import { SymbolTable } from './symbol-table.js';
import type { TimeParser } from './time.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const DOT = 46;
const MINUS = 45;

/** What a cell is, besides the index of a number column (1 and more). */
const TIME = 0;
const SYMBOL = -1;
const SKIPPED = -2;

export class LineParser {
  private readonly kinds: Int32Array;
  private readonly delimiter: number;
  private readonly symbolTable: SymbolTable | undefined;
  private columns: Float64Array[] = [];
  private symbols: string[] | undefined;
  private lines = new Uint32Array(0);
  private time = Number.NaN;
  /** The date that the last time began with, as yyyymmdd, and its beginning in UTC ms. */
  private date = -1;
  private dateMs = 0;

  constructor(
    private readonly header: CsvHeader,
    private readonly parseTime: TimeParser,
  ) {
    this.kinds = new Int32Array(header.width).fill(SKIPPED);
    this.kinds[header.timeAt] = TIME;
    if (header.symbolAt >= 0) this.kinds[header.symbolAt] = SYMBOL;
    header.numbersAt.forEach((cell, k) => {
      this.kinds[cell] = k + 1;
    });
    this.delimiter = header.delimiter.length === 1 ? header.delimiter.charCodeAt(0) : -1;
    this.symbolTable = header.symbolAt < 0 ? undefined : new SymbolTable();
    this.symbols = header.symbolAt < 0 ? undefined : [];
  }

  /**
   * The rows of whole lines, the first of them line `firstLine`; undefined when there is a cell that this parser does not take. The arrays are
   * overwritten by the next call.
   */
  parse(bytes: Uint8Array, firstLine: number): CsvRows | undefined {
    const { kinds, delimiter } = this;
    if (delimiter < 0) return undefined;
    const width = kinds.length;
    this.reserve(Math.ceil(bytes.length / (2 * width)) + 1);
    const { columns, lines } = this;
    const end = bytes.length;
    let line = firstLine;
    let row = 0;
    for (let at = 0; at < end; line += 1) {
      if (bytes[at] === LINE_FEED || (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED)) {
        at += bytes[at] === LINE_FEED ? 1 : 2;
        continue;
      }
      for (let cell = 0; cell < width; cell += 1) {
        const kind = kinds[cell];
        const start = at;
        let value = Number.NaN;
        if (kind > 0) {
          // Plain decimals are read here, in the loop; the last byte is a line feed, so that it always ends.
          const isNegative = bytes[at] === MINUS;
          if (isNegative) at += 1;
          const digitsAt = at;
          let digits = 0;
          let byte = bytes[at];
          while (byte >= 48 && byte <= 57) {
            digits = digits * 10 + (byte - 48);
            byte = bytes[++at];
          }
          let count = at - digitsAt;
          let scale = 0;
          if (byte === DOT) {
            const fractionAt = ++at;
            byte = bytes[at];
            while (byte >= 48 && byte <= 57) {
              digits = digits * 10 + (byte - 48);
              byte = bytes[++at];
            }
            scale = at - fractionAt;
            count += scale;
          }
          const isPlain = byte === delimiter || byte === LINE_FEED || byte === CARRIAGE_RETURN;
          if (isPlain && count > 0 && digits < MAX_EXACT && scale <= 22) {
            value = digits / POWERS_OF_TEN[scale];
            columns[kind][row] = isNegative ? -value : value;
          } else {
            at = this.cellEnd(bytes, at);
            const parsed = at < 0 ? undefined : parseNumber(asciiOf(bytes, start, at));
            if (parsed === undefined) return undefined;
            columns[kind][row] = parsed;
          }
        } else if (kind === TIME) {
          at = this.readTime(bytes, at);
          if (at < 0) return undefined;
          columns[0][row] = this.time;
        } else {
          at = this.cellEnd(bytes, at);
          if (at < 0) return undefined;
          if (kind === SYMBOL) {
            // A carriage return before the line feed is white space of the last cell.
            const stop = bytes[at] === LINE_FEED && bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at;
            const symbol = this.symbolTable!.find(bytes, start, stop);
            if (symbol === undefined) return undefined;
            this.symbols![row] = symbol;
          }
        }
        if (bytes[at] === CARRIAGE_RETURN) {
          if (bytes[at + 1] !== LINE_FEED) return undefined;
          at += 1;
        }
        // The last cell ends its line, and no other does.
        if (bytes[at] !== (cell === width - 1 ? LINE_FEED : delimiter)) return undefined;
        at += 1;
      }
      lines[row] = line;
      row += 1;
    }
    return {
      names: this.header.names,
      length: row,
      columns: columns.map((column) => column.subarray(0, row)),
      symbols: this.symbols,
      lines: lines.subarray(0, row),
      lineCount: line - firstLine,
    };
  }

  /** Where the cell ends; -1 when it holds a quote or anything beyond ASCII. */
  private cellEnd(bytes: Uint8Array, from: number): number {
    let at = from;
    for (let byte = bytes[at]; byte !== this.delimiter && byte !== LINE_FEED; byte = bytes[++at]) {
      if (byte === QUOTE || byte >= 128) return -1;
    }
    return at;
  }

  /** Reads the time into `time` and returns where its cell ends, -1 when it is not understood. */
  private readTime(bytes: Uint8Array, start: number): number {
    const { kind, below } = this.parseTime;
    let at = start;
    let byte = bytes[at];
    if (kind === 's' || kind === 'ms') {
      let whole = 0;
      while (byte >= 48 && byte <= 57) {
        whole = whole * 10 + (byte - 48);
        byte = bytes[++at];
      }
      if (byte === this.delimiter && at > start && whole < below) {
        this.time = kind === 's' ? whole * 1000 : whole;
        return at;
      }
    } else if (kind === 'iso') {
      at = this.readIso(bytes, start);
      if (at > 0) return at;
      at = start;
    }
    at = this.cellEnd(bytes, at);
    const ms = at < 0 ? undefined : this.parseTime(asciiOf(bytes, start, at).trim());
    if (ms === undefined) return -1;
    this.time = ms;
    return at;
  }

  /** `yyyy-mm-dd`, `yyyy-mm-dd hh:mm`, `yyyy-mm-dd hh:mm:ss`, with T or a space, with or without Z; 0 for any other form. */
  private readIso(bytes: Uint8Array, at: number): number {
    const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
    const month = twoDigits(bytes, at + 5);
    const day = twoDigits(bytes, at + 8);
    if (!(bytes[at + 4] === MINUS && bytes[at + 7] === MINUS)) return 0;
    const date = year * 10_000 + month * 100 + day;
    if (date !== this.date) {
      if (!(date >= 0)) return 0;
      const ms = this.parseTime(asciiOf(bytes, at, at + 10));
      if (ms === undefined) return 0;
      this.date = date;
      this.dateMs = ms;
    }
    let next = at + 10;
    let seconds = 0;
    if (bytes[next] === 84 || bytes[next] === 32) {
      const hour = twoDigits(bytes, next + 1);
      const minute = twoDigits(bytes, next + 4);
      if (!(bytes[next + 3] === 58 && hour <= 23 && minute <= 59)) return 0;
      seconds = (hour * 60 + minute) * 60;
      next += 6;
      if (bytes[next] === 58) {
        const second = twoDigits(bytes, next + 1);
        if (!(second <= 59)) return 0;
        seconds += second;
        next += 3;
      }
      if (bytes[next] === 90) next += 1;
    }
    if (bytes[next] !== this.delimiter) return 0;
    this.time = this.dateMs + seconds * 1000;
    return next;
  }

  private reserve(rows: number): void {
    if (rows <= this.lines.length) return;
    this.columns = this.header.names.map(() => new Float64Array(rows));
    this.lines = new Uint32Array(rows);
  }
}

/** NaN for anything but two digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 48;
  const ones = bytes[at + 1] - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += String.fromCharCode(bytes[at]);
  return text;
}
