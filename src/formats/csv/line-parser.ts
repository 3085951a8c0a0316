/**
 * Lines of candles (ASCII, a fixed number of cells, quoted or not) -> a batch, straight from the bytes. It takes only
 * what it is sure of; anything else is left, chunk by chunk, to the general parser, which also reports what is wrong.
 * Both give the same rows.
 */
import type { RowBatch } from '../batch.js';
import { ByteTimes, type CellEnds, endsOf } from '../table/byte-times.js';
import { asciiOf, readDecimal, withoutReturn } from '../table/cell-bytes.js';
import { readNumber } from '../table/number-text.js';
import { SymbolTable } from '../table/symbol-table.js';
import type { TableReader, TableShape } from '../table/table-reader.js';
import { TimeProblem } from '../time/time-reader.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;

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
  readonly #times: ByteTimes;
  /** Bytes behind a cell, and behind one in quotes. */
  readonly #ends: CellEnds;
  readonly #quotedEnds: CellEnds = endsOf(QUOTE);
  readonly #isPlainNumber: boolean;
  readonly #reader: TableReader;
  #columns: Float64Array[] = [];
  #symbols: string[] | undefined;
  #lines = new Uint32Array(0);
  /** The text of the cell that `#cellEnd` has found, without its quotes. */
  #from = 0;
  #to = 0;
  /** Line feeds within the quoted cells of the line at hand. */
  #innerLines = 0;

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
    this.#isPlainNumber = numbers.decimal === '.';
    this.#times = new ByteTimes(time, plan.clockAt >= 0);
    this.#ends = endsOf(Math.max(0, this.#delimiter), LINE_FEED, CARRIAGE_RETURN);
  }

  /**
   * The rows of whole lines, the first of them line `firstLine`; undefined when there is a cell that this parser does
   * not take. The arrays are overwritten by the next call.
   */
  parse(bytes: Uint8Array, firstLine: number): { batch: RowBatch; lineCount: number } | undefined {
    const { time } = this.#shape;
    time.begin();
    const parsed = this.#delimiter < 0 ? undefined : this.#parse(bytes, firstLine);
    if (parsed === undefined) time.rollBack();
    return parsed;
  }

  #parse(bytes: Uint8Array, firstLine: number): { batch: RowBatch; lineCount: number } | undefined {
    const kinds = this.#kinds;
    const delimiter = this.#delimiter;
    const isPlainNumber = this.#isPlainNumber;
    const times = this.#times;
    const ends = this.#ends;
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
      this.#innerLines = 0;
      for (let cell = 0; cell < width; cell += 1) {
        const kind = kinds[cell];
        const start = at;
        const quote = bytes[at] === QUOTE ? 1 : 0;
        if (kind > 0) {
          // The last byte is a line feed, so that what reads on always ends.
          at = isPlainNumber ? readDecimal(bytes, start + quote, columns[kind], row) : -1;
          if (at >= 0 && quote === 1) at = bytes[at] === QUOTE ? at + 1 : -1;
          if (at < 0 || ends[bytes[at]] !== 1) {
            at = this.#cellEnd(bytes, start);
            const text = at < 0 ? undefined : asciiOf(bytes, this.#from, withoutReturn(bytes, this.#to));
            const parsed = text === undefined ? undefined : readNumber(text, this.#shape.numbers);
            if (parsed === undefined) return undefined;
            columns[kind][row] = parsed;
          }
        } else if (kind === TIME) {
          at = times.read(bytes, start + quote, quote === 1 ? this.#quotedEnds : ends);
          if (at >= 0) {
            at += quote;
            if (times.isLocal) clockMs = times.ms;
            else columns[0][row] = times.ms;
          } else {
            at = this.#cellEnd(bytes, start);
            if (at < 0) return undefined;
            timeFrom = this.#from;
            timeTo = this.#to;
          }
        } else {
          at = this.#cellEnd(bytes, start);
          if (at < 0) return undefined;
          if (kind === SYMBOL) {
            const symbol = this.#symbolTable!.find(bytes, this.#from, withoutReturn(bytes, this.#to));
            if (symbol === undefined) return undefined;
            this.#symbols![row] = symbol;
          } else if (kind === CLOCK) {
            clockFrom = this.#from;
            clockTo = this.#to;
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
      line += this.#innerLines;
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

  /**
   * Where the cell ends; its text is [#from, #to). -1 when it holds anything beyond ASCII, a quote within, or the bytes
   * end within it.
   */
  #cellEnd(bytes: Uint8Array, start: number): number {
    let at = start;
    if (bytes[at] !== QUOTE) {
      for (let byte = bytes[at]; byte !== this.#delimiter && byte !== LINE_FEED; byte = bytes[++at]) {
        if (byte === QUOTE || byte >= 128) return -1;
      }
      this.#from = start;
      this.#to = at;
      return at;
    }
    for (let byte = bytes[++at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte === LINE_FEED) this.#innerLines += 1;
      if (byte >= 128 || at >= bytes.length) return -1;
    }
    this.#from = start + 1;
    this.#to = at;
    // A doubled quote, or something behind the cell.
    return this.#ends[bytes[at + 1]] === 1 ? at + 1 : -1;
  }

  #reserve(rows: number): void {
    if (rows <= this.#lines.length) return;
    this.#columns = this.#shape.schema.map(() => new Float64Array(rows));
    this.#lines = new Uint32Array(rows);
  }
}
