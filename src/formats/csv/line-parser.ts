/**
 * Lines of plain candles (ASCII, no quotes, a fixed number of cells) -> a batch, straight from the bytes. It takes only
 * what it is sure of; anything else is left, chunk by chunk, to the general parser, which also reports what is wrong.
 * Both give the same rows.
 */
import type { RowBatch } from '../batch.js';
import { MAX_EXACT, POWERS_OF_TEN } from '../table/decimal.js';
import { readNumber } from '../table/number-text.js';
import type { TableReader, TableShape } from '../table/table-reader.js';
import { TimeProblem } from '../time/time-reader.js';
import { asciiOf, twoDigits, withoutReturn } from './cell-bytes.js';
import { SymbolTable } from './symbol-table.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const DOT = 46;
const MINUS = 45;

/** What a cell is, besides the index of a number column (1 and more). */
const TIME = 0;
const SYMBOL = -1;
const SKIPPED = -2;
const CLOCK = -3;

export class LineParser {
  readonly #shape: TableShape;
  readonly #kinds: Int32Array;
  readonly #delimiter: number;
  readonly #symbolTable: SymbolTable | undefined;
  #columns: Float64Array[] = [];
  #symbols: string[] | undefined;
  #lines = new Uint32Array(0);
  #time = Number.NaN;
  /** The date that the last time began with, as yyyymmdd, and its beginning in UTC ms. */
  #date = -1;
  #dateMs = 0;
  /** Times of day are UTC and numbers have a point: both are read from their bytes. */
  readonly #isPlainTime: boolean;
  readonly #isPlainNumber: boolean;
  /** Times of day are those of a zone. */
  readonly #isZonedTime: boolean;
  readonly #reader: TableReader;

  constructor(reader: TableReader, delimiter: string) {
    this.#reader = reader;

    this.#shape = reader.shape;
    const { plan, time, numbers } = this.#shape;
    this.#kinds = new Int32Array(plan.titles.length).fill(SKIPPED);
    this.#kinds[plan.timeAt] = TIME;
    if (plan.clockAt >= 0) this.#kinds[plan.clockAt] = CLOCK;
    if (plan.symbolAt >= 0) this.#kinds[plan.symbolAt] = SYMBOL;
    plan.numbers.forEach(({ at }, k) => {
      this.#kinds[at] = k + 1;
    });
    this.#delimiter = delimiter.length === 1 ? delimiter.charCodeAt(0) : -1;
    this.#symbolTable = plan.symbolAt < 0 ? undefined : new SymbolTable();
    this.#symbols = plan.symbolAt < 0 ? undefined : [];
    this.#isPlainTime = time.isPlain && plan.clockAt < 0;
    this.#isPlainNumber = numbers.decimal === '.';
    this.#isZonedTime = !this.#isPlainTime && time.isZoned && plan.clockAt < 0;
  }

  /**
   * The rows of whole lines, the first of them line `firstLine`; undefined when there is a cell that this parser does
   * not take. The arrays are overwritten by the next call.
   */
  parse(bytes: Uint8Array, firstLine: number): { batch: RowBatch; lineCount: number } | undefined {
    const { time } = this.#shape;
    time.begin();
    const parsed = this.#parse(bytes, firstLine);
    if (parsed === undefined) time.rollBack();
    return parsed;
  }

  #parse(bytes: Uint8Array, firstLine: number): { batch: RowBatch; lineCount: number } | undefined {
    const kinds = this.#kinds;
    const delimiter = this.#delimiter;
    const isPlainNumber = this.#isPlainNumber;
    if (delimiter < 0) return undefined;
    const width = kinds.length;
    this.#reserve(Math.ceil(bytes.length / (2 * width)) + 1);
    const columns = this.#columns;
    const lines = this.#lines;
    const end = bytes.length;
    let line = firstLine;
    let row = 0;
    for (let at = 0; at < end; line += 1) {
      if (bytes[at] === LINE_FEED || (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED)) {
        at += bytes[at] === LINE_FEED ? 1 : 2;
        continue;
      }
      // Read when the whole line is known: of an hour that comes twice the symbol's row before decides.
      let timeFrom = -1;
      let timeTo = 0;
      let clockFrom = -1;
      let clockTo = 0;
      let clockMs = Number.NaN;
      for (let cell = 0; cell < width; cell += 1) {
        const kind = kinds[cell];
        const start = at;
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
          const isPlain = isPlainNumber && (byte === delimiter || byte === LINE_FEED || byte === CARRIAGE_RETURN);
          if (isPlain && count > 0 && digits < MAX_EXACT && scale <= 22) {
            const value = digits / POWERS_OF_TEN[scale];
            columns[kind][row] = isNegative ? -value : value;
          } else {
            at = this.#cellEnd(bytes, start);
            const parsed = at < 0 ? undefined : readNumber(asciiOf(bytes, start, at), this.#shape.numbers);
            if (parsed === undefined) return undefined;
            columns[kind][row] = parsed;
          }
        } else if (kind === TIME) {
          at = this.#isPlainTime ? this.#readTime(bytes, at) : this.#isZonedTime ? this.#readClock(bytes, at) : -1;
          if (at >= 0 && !this.#isPlainTime) {
            clockMs = this.#time;
          } else if (at < 0) {
            at = this.#cellEnd(bytes, start);
            if (at < 0) return undefined;
            timeFrom = start;
            timeTo = at;
          } else columns[0][row] = this.#time;
        } else {
          at = this.#cellEnd(bytes, at);
          if (at < 0) return undefined;
          if (kind === SYMBOL) {
            const symbol = this.#symbolTable!.find(bytes, start, withoutReturn(bytes, at));
            if (symbol === undefined) return undefined;
            this.#symbols![row] = symbol;
          } else if (kind === CLOCK) {
            clockFrom = start;
            clockTo = at;
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
      if (timeFrom >= 0) {
        const symbol = this.#symbols === undefined ? '' : this.#symbols[row];
        const clock = clockFrom < 0 ? undefined : asciiOf(bytes, clockFrom, withoutReturn(bytes, clockTo));
        const ms = this.#readText(asciiOf(bytes, timeFrom, withoutReturn(bytes, timeTo)), clock, symbol);
        if (ms === undefined) return undefined;
        columns[0][row] = ms;
      }
      if (!Number.isNaN(clockMs)) {
        const symbol = this.#symbols === undefined ? this.#reader.context.symbol : this.#symbols[row];
        const ms = this.#shape.time.ofClock(clockMs, symbol);
        if (ms === undefined) return undefined;
        columns[0][row] = ms;
      }
      lines[row] = line;
      row += 1;
    }
    const used = columns.map((column) => column.subarray(0, row));
    return {
      batch: this.#reader.finish(used, this.#symbols, lines.subarray(0, row), row),
      lineCount: line - firstLine,
    };
  }

  #readText(text: string, clock: string | undefined, symbol: string): number | undefined {
    try {
      return this.#shape.time.read(text.trim(), clock, symbol || this.#reader.context.symbol);
    } catch (error) {
      if (error instanceof TimeProblem) return undefined;
      throw error;
    }
  }

  /** Where the cell ends; -1 when it holds a quote or anything beyond ASCII. */
  #cellEnd(bytes: Uint8Array, from: number): number {
    let at = from;
    for (let byte = bytes[at]; byte !== this.#delimiter && byte !== LINE_FEED; byte = bytes[++at]) {
      if (byte === QUOTE || byte >= 128) return -1;
    }
    return at;
  }

  /** Reads the time into `#time` and returns where its cell ends, -1 when another parser has to read it. */
  #readTime(bytes: Uint8Array, start: number): number {
    let at = start;
    let byte = bytes[at];
    let whole = 0;
    while (byte >= 48 && byte <= 57) {
      whole = whole * 10 + (byte - 48);
      byte = bytes[++at];
      // The ms of a time in ns: its last digits are beyond what a double holds.
      if (at - start === 13) this.#time = whole;
    }
    const isEnd = byte === this.#delimiter || byte === LINE_FEED || byte === CARRIAGE_RETURN;
    if (!isEnd) return this.#readIso(bytes, start);
    const { time } = this.#shape;
    // Since September 2001; what has other lengths is read digit by digit by the general parser.
    switch (whole < 1e9 || bytes[start] === 48 ? 0 : at - start) {
      case 10:
        if (whole > MAX_SECONDS) return -1;
        this.#time = whole * 1000;
        time.note('s');
        return at;
      case 13:
        if (whole > MAX_SECONDS * 1e3) return -1;
        time.note('ms');
        return at;
      case 16:
        if (whole % 1000 !== 0 || whole > MAX_SECONDS * 1e6) return -1;
        this.#time = whole / 1000;
        time.note('us');
        return at;
      case 19:
        for (let k = start + 13; k < at; k += 1) if (bytes[k] !== 48) return -1;
        if (whole > MAX_SECONDS * 1e9) return -1;
        time.note('ns');
        return at;
      default:
        return -1;
    }
  }

  /** `yyyy-mm-dd hh:mm` or `yyyy-mm-dd hh:mm:ss`, as the clock of a zone shows it; -1 for any other form. */
  #readClock(bytes: Uint8Array, at: number): number {
    const next = this.#readIso(bytes, at, true);
    return next - at === 16 || next - at === 19 ? next : -1;
  }

  /**
   * `yyyy-mm-dd`, `yyyy-mm-dd hh:mm`, `yyyy-mm-dd hh:mm:ss`, with T or a space, with or without Z; -1 for any other
   * form.
   */
  #readIso(bytes: Uint8Array, at: number, isZoned = false): number {
    const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
    const month = twoDigits(bytes, at + 5);
    const day = twoDigits(bytes, at + 8);
    if (!(bytes[at + 4] === MINUS && bytes[at + 7] === MINUS)) return -1;
    const date = year * 10_000 + month * 100 + day;
    const { time } = this.#shape;
    if (date !== this.#date) {
      if (!(date >= 0)) return -1;
      const ms = this.#readText(asciiOf(bytes, at, at + 10), undefined, '');
      if (ms === undefined) return -1;
      this.#date = date;
      this.#dateMs = ms;
    }
    let next = at + 10;
    let seconds = 0;
    if (bytes[next] === 84 || bytes[next] === 32) {
      const hour = twoDigits(bytes, next + 1);
      const minute = twoDigits(bytes, next + 4);
      if (!(bytes[next + 3] === 58 && hour <= 23 && minute <= 59)) return -1;
      seconds = (hour * 60 + minute) * 60;
      next += 6;
      if (bytes[next] === 58) {
        const second = twoDigits(bytes, next + 1);
        if (!(second <= 59)) return -1;
        seconds += second;
        next += 3;
      }
      // A Z is read once by the general parser, which notes it.
      if (bytes[next] === 90 && !isZoned) next += 1;
    }
    if (bytes[next] !== this.#delimiter && bytes[next] !== LINE_FEED && bytes[next] !== CARRIAGE_RETURN) return -1;
    if (seconds !== 0 && !isZoned) time.note('times');
    this.#time = this.#dateMs + seconds * 1000;
    return next;
  }

  #reserve(rows: number): void {
    if (rows <= this.#lines.length) return;
    this.#columns = this.#shape.schema.map(() => new Float64Array(rows));
    this.#lines = new Uint32Array(rows);
  }
}

const MAX_SECONDS = 4_133_980_800;
