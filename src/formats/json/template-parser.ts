/**
 * Records written like a template -> a batch, straight from the bytes: no text and no object is made of them. It takes
 * only what it is sure of; the first record that is written in another way, or has a value of another kind, stops it,
 * and JSON.parse goes on from there. Both give the same rows.
 */
import type { RowBatch } from '../batch.js';
import { ByteTimes, endsOf } from '../table/byte-times.js';
import { asciiOf, readDecimal } from '../table/cell-bytes.js';
import { readNumber } from '../table/number-text.js';
import { SymbolTable } from '../table/symbol-table.js';
import type { TableReader, TableShape } from '../table/table-reader.js';
import { TimeProblem } from '../time/time-reader.js';
import { isShortInteger, isStrict } from './number-bytes.js';
import { type RecordTemplate, skipValue } from './record-template.js';

const LINE_FEED = 10;
const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;

const NUMBER_ENDS = endsOf(9, LINE_FEED, 13, 32, COMMA, CLOSE_ARRAY, 125);
const STRING_ENDS = endsOf(QUOTE);
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
/** Keeps its digits as text. */
const LONG_INTEGER = /^-?\d{16,}$/;

/** What a value is, besides the index of a number column (1 and more). */
const TIME = 0;
const SYMBOL = -1;
const SKIPPED = -2;
const CLOCK = -3;

export interface TemplateRows {
  readonly batch: RowBatch | undefined;
  /** Where the first record begins that was not taken, or where the array is closed. */
  readonly at: number;
  /** Number of the next record. */
  readonly next: number;
  /** The bytes end within the record at `at`; otherwise it is one that this parser does not take. */
  readonly isCut: boolean;
}

export class TemplateParser {
  readonly #table: TableReader;
  readonly #shape: TableShape;
  readonly #kinds: Int32Array;
  readonly #between: Uint8Array;
  readonly #betweenEnds: Int32Array;
  readonly #times: ByteTimes;
  readonly #symbolTable = new SymbolTable();
  readonly #hasSymbols: boolean;
  readonly #isPlainNumber: boolean;
  readonly #isLines: boolean;
  /** Number columns that the template has no value for. */
  readonly #absent: readonly number[];
  #columns: Float64Array[] = [];
  #symbols: string[] = [];
  #lines = new Uint32Array(0);
  /** The text that `#text` has found. */
  #from = 0;
  #to = 0;
  /** Where a record stopped. */
  #stop = 0;

  /** `cellOf`: the cell of a row that the value at a path is, -1 for none. `isLines`: one record a line. */
  constructor(
    table: TableReader,
    template: RecordTemplate,
    cellOf: (path: readonly string[]) => number,
    isLines: boolean,
  ) {
    this.#table = table;
    this.#shape = table.shape;
    this.#isLines = isLines;
    const { plan, time, numbers } = table.shape;
    const kindOf = new Map<number, number>(plan.numbers.map(({ at }, k) => [at, k + 1]));
    kindOf.set(plan.timeAt, TIME);
    if (plan.clockAt >= 0) kindOf.set(plan.clockAt, CLOCK);
    if (plan.symbolAt >= 0) kindOf.set(plan.symbolAt, SYMBOL);
    this.#kinds = Int32Array.from(template.paths, (path) => kindOf.get(cellOf(path)) ?? SKIPPED);
    this.#absent = plan.numbers.flatMap((_, k) => (this.#kinds.includes(k + 1) ? [] : [k + 1]));
    this.#between = Buffer.concat(template.between);
    let end = 0;
    this.#betweenEnds = Int32Array.from(template.between, ({ length }) => (end += length));
    this.#hasSymbols = plan.symbolAt >= 0;
    this.#times = new ByteTimes(time, plan.clockAt >= 0);
    this.#isPlainNumber = numbers.decimal === '.';
  }

  /** Whether every record has what a row must have. */
  get isComplete(): boolean {
    return this.#kinds.includes(TIME) && (!this.#hasSymbols || this.#kinds.includes(SYMBOL));
  }

  /**
   * Records of [from, end); `bytes[end]` is no part of them and a control character. `first`: number of the first. The
   * arrays are overwritten by the next call.
   */
  parse(bytes: Uint8Array, from: number, end: number, first: number): TemplateRows {
    const shortest = this.#between.length + this.#kinds.length;
    this.#reserve(Math.ceil((end - from) / shortest) + 1);
    this.#shape.time.begin();
    const lines = this.#lines;
    let number = first;
    let row = 0;
    let at = from;
    let isCut = false;
    for (;;) {
      let start = at;
      for (; bytes[start] <= 32 && start < end; start += 1)
        if (this.#isLines && bytes[start] === LINE_FEED) number += 1;
      at = start;
      if (at >= end || bytes[at] === CLOSE_ARRAY) {
        isCut = at >= end;
        break;
      }
      const next = this.#record(bytes, at, row);
      const after = next < 0 ? -1 : this.#separator(bytes, next, end);
      if (after < 0) {
        isCut = (next < 0 ? this.#stop : next) >= end || after === CUT;
        break;
      }
      lines[row] = number;
      row += 1;
      if (!this.#isLines) number += 1;
      at = after;
    }
    return { batch: row === 0 ? undefined : this.#batch(row), at, next: number, isCut };
  }

  /** Where the next record may begin; the line feed is counted there. */
  #separator(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    if (this.#isLines) {
      while (bytes[at] === 32 || bytes[at] === 13) at += 1;
      return bytes[at] === LINE_FEED || at >= end ? at : -1;
    }
    while (bytes[at] <= 32 && at < end) at += 1;
    if (at >= end) return CUT;
    if (bytes[at] === COMMA) return at + 1;
    return bytes[at] === CLOSE_ARRAY ? at : -1;
  }

  #batch(rows: number): RowBatch {
    const used = this.#columns.map((column) => column.subarray(0, rows));
    for (const k of this.#absent) used[k].fill(Number.NaN);
    return this.#table.finish(used, this.#hasSymbols ? this.#symbols : undefined, this.#lines.subarray(0, rows), rows);
  }

  /** Reads a record into `row`; returns where it ends, -1 (and `#stop`) where it is not written like the template. */
  #record(bytes: Uint8Array, start: number, row: number): number {
    const kinds = this.#kinds;
    const between = this.#between;
    const betweenEnds = this.#betweenEnds;
    let at = start;
    let k = 0;
    // Read when the whole record is known: of an hour that comes twice the symbol's row before decides.
    let time: string | undefined;
    let clock: string | undefined;
    let clockMs = Number.NaN;
    for (let value = 0; ; value += 1) {
      for (const to = betweenEnds[value]; k < to; k += 1, at += 1) {
        if (bytes[at] !== between[k]) return this.#stopAt(at);
      }
      if (value === kinds.length) break;
      const kind = kinds[value];
      const from = at;
      if (kind > 0) at = this.#number(bytes, at, kind, row);
      else if (kind === SKIPPED) {
        // What was null in the template may have values of its own now.
        if (bytes[at] === OPEN_OBJECT) return this.#stopAt(at);
        at = skipValue(bytes, at);
      } else if (kind === TIME) {
        const quote = bytes[at] === QUOTE ? 1 : 0;
        at = this.#times.read(bytes, from + quote, quote === 1 ? STRING_ENDS : NUMBER_ENDS);
        if (at >= 0) {
          at += quote;
          if (this.#times.isLocal) clockMs = this.#times.ms;
          else this.#columns[0][row] = this.#times.ms;
        } else {
          at = this.#text(bytes, from);
          if (at >= 0) time = this.#valueText(bytes, from);
          if (at >= 0 && time === undefined) return this.#stopAt(from);
        }
      } else {
        at = this.#text(bytes, from);
        if (at < 0) return -1;
        if (kind === CLOCK) {
          clock = this.#valueText(bytes, from);
          if (clock === undefined) return this.#stopAt(from);
        } else {
          if (bytes[from] !== QUOTE && !isShortInteger(bytes, from, at)) return this.#stopAt(from);
          const symbol = this.#symbolTable.find(bytes, this.#from, this.#to);
          if (symbol === undefined) return this.#stopAt(from);
          this.#symbols[row] = symbol;
        }
      }
      if (at < 0) return kind === SKIPPED ? this.#stopAt(Number.POSITIVE_INFINITY) : -1;
    }
    const symbol = this.#hasSymbols ? this.#symbols[row] : this.#table.context.symbol;
    let ms: number | undefined;
    if (time !== undefined) ms = this.#readTime(time, clock, symbol);
    else if (!Number.isNaN(clockMs)) ms = this.#shape.time.ofClock(clockMs, symbol);
    else return at;
    if (ms === undefined) return this.#stopAt(start);
    this.#columns[0][row] = ms;
    return at;
  }

  #stopAt(at: number): -1 {
    this.#stop = at;
    return -1;
  }

  /** A number, one in quotes, or a missing one. */
  #number(bytes: Uint8Array, from: number, column: number, row: number): number {
    const byte = bytes[from];
    const quote = byte === QUOTE ? 1 : 0;
    const at = from + quote;
    const isDigits = bytes[at] === MINUS || (bytes[at] >= ZERO && bytes[at] <= NINE);
    if (isDigits && (quote === 0 || this.#isPlainNumber)) {
      const end = readDecimal(bytes, at, this.#columns[column], row);
      if (end >= 0 && quote === 1 && bytes[end] === QUOTE) return end + 1;
      if (end >= 0 && quote === 0 && NUMBER_ENDS[bytes[end]] === 1 && isStrict(bytes, at, end)) return end;
    }
    const end = this.#text(bytes, from);
    if (end < 0) return -1;
    const text = asciiOf(bytes, this.#from, this.#to);
    let value: number | undefined;
    if (quote === 1) value = readNumber(text, this.#shape.numbers);
    else if (text === 'null' || text === 'NaN') value = Number.NaN;
    else if (JSON_NUMBER.test(text)) {
      value = LONG_INTEGER.test(text) ? readNumber(text, this.#shape.numbers) : Number(text);
    }
    if (value === undefined) return this.#stopAt(from);
    this.#columns[column][row] = value;
    return end;
  }

  /** The text that the value found last has for a table: `1e9` is `1000000000`. Undefined for `null` and the like. */
  #valueText(bytes: Uint8Array, from: number): string | undefined {
    const text = asciiOf(bytes, this.#from, this.#to);
    if (bytes[from] === QUOTE || LONG_INTEGER.test(text)) return text;
    return JSON_NUMBER.test(text) ? String(Number(text)) : undefined;
  }

  /** A string without escapes, or a number, of ASCII: its text is [#from, #to). Returns where the value ends. */
  #text(bytes: Uint8Array, from: number): number {
    let at = from;
    if (bytes[at] === QUOTE) {
      for (let byte = bytes[++at]; byte !== QUOTE; byte = bytes[++at]) {
        if (!(byte >= 32 && byte < 128 && byte !== BACKSLASH)) return this.#stopAt(at);
      }
      this.#from = from + 1;
      this.#to = at;
      return at + 1;
    }
    while (NUMBER_ENDS[bytes[at]] !== 1 && bytes[at] > 32 && bytes[at] < 128) at += 1;
    this.#from = from;
    this.#to = at;
    return NUMBER_ENDS[bytes[at]] === 1 ? at : this.#stopAt(at);
  }

  #readTime(text: string, clock: string | undefined, symbol: string): number | undefined {
    try {
      return this.#shape.time.read(text.trim(), clock, symbol);
    } catch (error) {
      if (error instanceof TimeProblem) return undefined;
      throw error;
    }
  }

  #reserve(rows: number): void {
    if (rows <= this.#lines.length) return;
    this.#columns = this.#shape.schema.map(() => new Float64Array(rows));
    this.#lines = new Uint32Array(rows);
  }
}

/** The bytes end behind a record, before it is known what follows. */
const CUT = -2;
