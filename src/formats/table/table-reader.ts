/** Rows of cells of any format -> batches of candles: one way to name columns, read times, numbers and symbols. */
import type { ColumnSchema } from '../../codec/codec.js';
import type { RowBatch } from '../batch.js';
import { fileDamage, type LineUnit, locationText, optionNeeded } from '../damage.js';
import type { ReadContext, SourceFile } from '../format.js';
import { shorten, TimeProblem, type TimeReader } from '../time/time-reader.js';
import { type ColumnPlan, planColumns } from './column-plan.js';
import { isInfinite, isMissing, type NumberRules, numberHint, provesThousands, readNumber } from './number-text.js';
import { deriveMid, doubledColumn, findTrade, missingColumn } from './table-shape.js';
import { createTimeReader } from './time-rules.js';

/** Some rows as cells: text, number, bigint, Date, null or undefined for a missing one. */
export interface CellSource {
  readonly rows: number;
  cell(row: number, at: number): unknown;
  /** Line of a text file or number of the row, from 1. */
  lineOf(row: number): number;
}

/** Parts of a table that both its readers (of cells, and of plain lines) need. */
export interface TableShape {
  readonly plan: ColumnPlan;
  readonly time: TimeReader;
  readonly numbers: NumberRules;
  readonly schema: readonly ColumnSchema[];
  /** Divisor of prices; 1 for none. */
  readonly priceScale: number;
  /**
   * Further columns (index in `plan.numbers`) that have no number in the first rows: text in them is left out, not
   * refused.
   */
  readonly unproven: readonly number[];
  /** What locations count. */
  readonly unit: LineUnit;
}

export interface TableOptions {
  /** Titles were named by the user or the preset. */
  readonly isNamed?: boolean;
  /** Line of the titles, for refusals. */
  readonly line?: number;
  /** What `lineOf` counts, default lines. */
  readonly unit?: LineUnit;
}

/** What the columns of a table are. `rows`: its first rows as text. Refuses a table without a time or a price. */
export function shapeOfTable(
  file: SourceFile,
  context: ReadContext,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  { isNamed = false, line, unit = 'line' }: TableOptions = {},
): TableShape {
  const { options, preset, found } = context;
  const whole = planColumns(titles, rows, { renames: preset?.renames, isNamed, hasRealVolume: context.hasRealVolume });
  const plan = preset?.rows === 'trades' ? findTrade(whole) : whole;
  const missing = missingColumn(plan, preset);
  if (missing !== undefined) throw fileDamage({ path: file.path, line, column: missing.column, unit }, missing.what);
  const doubled = isNamed ? undefined : doubledColumn(plan, rows);
  if (doubled !== undefined) throw optionNeeded({ path: file.path, line, column: doubled.column, unit }, doubled.what);
  for (const title of plan.leftOut) found.notes.add(`column "${title}" left out: no numbers`);
  if (plan.isTickVolume) {
    found.isTickVolume = true;
    found.notes.add('volume is the number of ticks: the other volume is 0');
  }
  const decimal = options.decimal ?? '.';
  const isGrouped = options.decimal !== undefined || provesThousands(cellsOf(plan, rows));
  const priceScale = context.facts.priceScale ?? preset?.priceScale ?? scaleOfFirst(plan, rows);
  const names = ['timestamp', ...plan.numbers.map(({ name }) => name)];
  return {
    plan,
    time: createTimeReader(context, plan, rows),
    numbers: { decimal, isGrouped },
    schema: names.map((name) => ({ name, dtype: 'float64' })),
    priceScale,
    unit,
    unproven: plan.numbers.flatMap(({ at, name }, k) =>
      CORE.has(name) || rows.some((row) => !isMissing(row[at] ?? '')) ? [] : [k],
    ),
  };
}

function* cellsOf({ numbers }: ColumnPlan, rows: readonly (readonly string[])[]): Generator<string> {
  for (const row of rows) for (const { at } of numbers) yield row[at] ?? '';
}

/** Prices that a feed of Databento has as whole numbers of 1e-9. */
function scaleOfFirst({ titles, numbers }: ColumnPlan, rows: readonly (readonly string[])[]): number {
  const isFeed = ['ts_event', 'rtype'].every((title) => titles.includes(title));
  const priceAt = numbers.find(({ name }) => name === 'close' || name === 'price')?.at ?? -1;
  const first = rows.find((row) => /^-?\d{1,18}$/.test(row[priceAt] ?? ''));
  return isFeed && first !== undefined && rows.every((row) => /^-?\d*$/.test(row[priceAt] ?? '')) ? 1e9 : 1;
}

export class TableReader {
  readonly #path: string;
  readonly #symbol: string;
  /** Extra columns that have held no number yet, by index: text in them is left out instead of refused. */
  readonly #unproven: Set<number>;

  constructor(
    file: SourceFile,
    readonly context: ReadContext,
    readonly shape: TableShape,
  ) {
    this.#path = file.path;
    this.#symbol = context.symbol;
    this.#unproven = new Set(shape.unproven);
  }

  /** The rows, each checked. Throws CORRUPT or ARGUMENT naming line and column. */
  read(cells: CellSource): RowBatch {
    const { plan, schema, time } = this.shape;
    const columns = schema.map(() => new Float64Array(cells.rows));
    const symbols: string[] | undefined = plan.symbolAt < 0 ? undefined : [];
    const lines = new Uint32Array(cells.rows);
    time.begin();
    for (let row = 0; row < cells.rows; row += 1) {
      const line = cells.lineOf(row);
      lines[row] = line;
      const symbol = plan.symbolAt < 0 ? this.#symbol : this.#readSymbol(cells.cell(row, plan.symbolAt), line);
      symbols?.push(symbol);
      const clock = plan.clockAt < 0 ? undefined : textOf(cells.cell(row, plan.clockAt));
      columns[0][row] = this.#readTime(cells.cell(row, plan.timeAt), clock, symbol, line);
      for (let k = 0; k < plan.numbers.length; k += 1) {
        const cell = cells.cell(row, plan.numbers[k].at);
        columns[k + 1][row] = typeof cell === 'number' ? cell : this.#readCell(cell, k, line);
      }
    }
    return this.finish(columns, symbols, lines, cells.rows);
  }

  /** A batch of columns in the order of the schema, however they were read. */
  finish(columns: Float64Array[], given: readonly string[] | undefined, lines: Uint32Array, rows: number): RowBatch {
    const { plan, schema, priceScale, unit } = this.shape;
    if (priceScale !== 1) {
      plan.numbers.forEach(({ name }, k) => {
        if (!SCALED.test(name)) return;
        const column = columns[k + 1];
        for (let row = 0; row < rows; row += 1) column[row] /= priceScale;
      });
    }
    const title = plan.titles[plan.timeAt];
    const path = this.#path;
    // Most files of a column of symbols have long runs of each.
    const isOne = given === undefined || isUniform(given, rows);
    const symbol = given === undefined || rows === 0 ? this.#symbol : given[0];
    const symbols = isOne ? undefined : given;
    const batch: RowBatch = {
      rows,
      schema,
      columns,
      timestampAt: 0,
      symbolAt: symbols === undefined ? () => symbol : (row) => symbols[row],
      isMixed: symbols !== undefined,
      hasSymbols: given !== undefined,
      lines,
      locationOf: (row) => {
        const location = { path, line: lines[row], column: title };
        return { text: locationText({ ...location, unit }), ...location };
      },
    };
    return deriveMid(batch);
  }

  #readSymbol(cell: unknown, line: number): string {
    const text = textOf(cell).trim();
    if (text === '') throw fileDamage(this.#at(this.shape.plan.symbolAt, line), 'the cell is empty');
    return text;
  }

  #readTime(cell: unknown, clock: string | undefined, symbol: string, line: number): number {
    if (cell instanceof Date && !Number.isNaN(cell.getTime())) return cell.getTime();
    try {
      return this.shape.time.read(textOf(cell).trim(), clock, symbol);
    } catch (error) {
      if (!(error instanceof TimeProblem)) throw error;
      const make = error.needsOption ? optionNeeded : fileDamage;
      throw make(this.#at(this.shape.plan.timeAt, line), error.message);
    }
  }

  #readCell(cell: unknown, k: number, line: number): number {
    const text = textOf(cell);
    const value = readNumber(text, this.shape.numbers);
    if (value === undefined) {
      if (this.#unproven.has(k) && !isInfinite(text)) {
        this.context.found.notes.add(
          `column "${this.shape.plan.titles[this.shape.plan.numbers[k].at]}" holds text: read as missing`,
        );
        return Number.NaN;
      }
      const what = `"${shorten(text.trim())}" is not a number${numberHint(text, this.shape.numbers)}`;
      throw fileDamage(this.#at(this.shape.plan.numbers[k].at, line), what);
    }
    if (!Number.isNaN(value)) this.#unproven.delete(k);
    return value;
  }

  #at(column: number, line: number) {
    return { path: this.#path, line, column: this.shape.plan.titles[column], unit: this.shape.unit };
  }
}

function isUniform(symbols: readonly string[], rows: number): boolean {
  for (let row = 1; row < rows; row += 1) if (symbols[row] !== symbols[0]) return false;
  return true;
}

const CORE = new Set(['open', 'high', 'low', 'close', 'volume', 'price', 'amount']);
const SCALED = /^((bid|ask)_)?(open|high|low|close)$|^price$/;

/** A cell as text; integers beyond 2^53 keep their digits. */
export function textOf(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString();
  return String(cell);
}
