/**
 * Batches of typed columns (Parquet, Arrow, numpy, DBN, …) -> batches of candles, by the same rules as tables of text.
 */
import type { RowBatch } from '../batch.js';
import { type CellBatch, type CellColumn, cellText, type TimeColumn } from '../cell-column.js';
import { fileDamage, optionNeeded } from '../damage.js';
import type { ReadContext, SourceFile } from '../format.js';
import { recogniseHeader } from '../presets.js';
import { TimeProblem } from '../time/time-reader.js';
import { readNumber } from './number-text.js';
import { shapeOfTable, TableReader } from './table-reader.js';
import { splitTickers } from './tickers.js';
import { keyOf } from './title-key.js';

/** Rows that the plan of the columns is made from. */
const SAMPLE_ROWS = 400;

/** The columns of a file, in candles. Throws CORRUPT or ARGUMENT naming row and column. */
export async function* readColumns(
  file: SourceFile,
  context: ReadContext,
  batches: AsyncIterable<CellBatch>,
): AsyncGenerator<RowBatch> {
  const readers = new Map<string, ColumnReader>();
  let isEmpty = true;
  for await (const batch of batches) {
    const tables = splitTickers(named(batch.columns, file, context), context.symbol);
    for (const { symbol, columns } of tables) {
      let reader = readers.get(symbol);
      if (reader === undefined) {
        const own = { ...context, symbol };
        readers.set(symbol, (reader = createReader(file, own, columns)));
        context.preset ??= own.preset;
      }
      if (batch.rows === 0) continue;
      const rows = reader.read({ ...batch, columns });
      yield tables.length > 1 ? { ...rows, hasSymbols: true } : rows;
    }
    isEmpty &&= batch.rows === 0;
  }
  if (isEmpty) throw fileDamage({ path: file.path }, 'the file has no rows');
}

/** With the names that `--columns` gives; `-` leaves a column out. */
function named(columns: readonly CellColumn[], file: SourceFile, { options }: ReadContext): readonly CellColumn[] {
  const given = columnNames(options.columns);
  if (given === undefined || columns.every(({ title }) => given.includes(title))) return columns;
  if (given.length !== columns.length) {
    const what =
      `--columns names ${given.length} columns where the file has ${columns.length}: ` +
      `${columns.map(({ title }) => title).join(', ')}`;
    throw optionNeeded({ path: file.path }, `${what}; "-" skips one`);
  }
  return columns.flatMap((column, k) => (given[k] === '-' ? [] : [{ ...column, title: given[k] }]));
}

/** `timestamp:int64,open` -> timestamp, open. */
export function columnNames(columns: string | readonly string[] | undefined): string[] | undefined {
  const list = typeof columns === 'string' ? columns.split(',') : columns;
  return list?.map((name) => name.split(':')[0].trim());
}

function createReader(file: SourceFile, context: ReadContext, columns: readonly CellColumn[]): ColumnReader {
  const titles = columns.map(({ title }) => title);
  const rows = Array.from({ length: Math.min(SAMPLE_ROWS, columns[0]?.values.length ?? 0) }, (_, row) =>
    columns.map((column) => cellText(column, row)),
  );
  if (context.preset === undefined) recogniseHeader(context, titles.map(keyOf), titles);
  const isNamed = context.options.columns !== undefined;
  return new ColumnReader(
    file,
    context,
    new TableReader(file, context, shapeOfTable(file, context, titles, rows, { isNamed, unit: 'row' })),
  );
}

class ColumnReader {
  readonly #file: SourceFile;
  readonly #context: ReadContext;
  readonly #table: TableReader;
  /** Overwritten by the next batch. */
  #lines = new Uint32Array(0);
  #ownTimes = new Float64Array(0);

  constructor(file: SourceFile, context: ReadContext, table: TableReader) {
    this.#file = file;
    this.#context = context;
    this.#table = table;
  }

  read(batch: CellBatch): RowBatch {
    const { plan, time } = this.#table.shape;
    const { rows, columns } = batch;
    time.begin();
    if (this.#lines.length < rows) {
      this.#lines = new Uint32Array(rows);
      this.#ownTimes = new Float64Array(rows);
    }
    const lines = this.#lines.subarray(0, rows);
    for (let row = 0; row < rows; row += 1) lines[row] = batch.firstRow + row + 1;
    const symbols = plan.symbolAt < 0 ? undefined : this.#symbols(columns[plan.symbolAt], lines);
    const clock = plan.clockAt < 0 ? undefined : columns[plan.clockAt];
    const times = this.#times(columns[plan.timeAt], clock, symbols, lines);
    const numbers = plan.numbers.map(({ at }) => this.#numbers(columns[at], lines));
    return this.#table.finish([times, ...numbers], symbols, lines, rows);
  }

  #symbols(column: CellColumn, lines: Uint32Array): string[] {
    const symbols = new Array<string>(lines.length);
    let before: string | null | undefined;
    let symbol = '';
    for (let row = 0; row < lines.length; row += 1) {
      const given = column.kind === 'text' ? column.values[row] : cellText(column, row);
      if (given !== before) {
        before = given;
        symbol = (given ?? '').trim();
      }
      if (symbol === '') throw fileDamage(this.#at(column, lines[row]), 'the cell is empty');
      symbols[row] = symbol;
    }
    return symbols;
  }

  #times(
    column: CellColumn,
    clock: CellColumn | undefined,
    symbols: readonly string[] | undefined,
    lines: Uint32Array,
  ): Float64Array {
    if (column.kind === 'time' && clock === undefined && !this.#isLocal(column)) {
      this.#noteTimes(column);
      const missing = column.values.findIndex((ms) => Number.isNaN(ms));
      if (missing >= 0) throw fileDamage(this.#at(column, lines[missing]), 'the time is missing');
      return column.values;
    }
    const times = this.#ownTimes.subarray(0, lines.length);
    for (let row = 0; row < times.length; row += 1) {
      // A fraction of a ms is no matter of zones.
      const fraction = column.kind === 'time' ? column.values[row] - Math.floor(column.values[row]) : 0;
      const text = cellText(column, row).trim();
      try {
        const daytime = clock === undefined ? undefined : cellText(clock, row);
        times[row] = this.#table.shape.time.read(text, daytime, symbols?.[row] ?? this.#context.symbol) + fraction;
      } catch (error) {
        if (!(error instanceof TimeProblem)) throw error;
        throw (error.needsOption ? optionNeeded : fileDamage)(this.#at(column, lines[row]), error.message);
      }
    }
    return times;
  }

  /** Times of a clock whose zone is not UTC. */
  #isLocal(column: TimeColumn): boolean {
    const { time } = this.#table.shape;
    return column.clock === 'local' && !time.isPlain && !time.rules.isDaily;
  }

  #noteTimes({ clock, unit }: TimeColumn): void {
    const { found } = this.#context;
    if (clock === 'date' || unit === 'days') found.times.add('dates');
    else found.times.add(unit);
    if (clock === 'utc') found.zone ??= 'UTC';
    else if (clock === 'local' && !this.#table.shape.time.rules.isDaily) this.#table.shape.time.noteZone();
  }

  #numbers(column: CellColumn, lines: Uint32Array): Float64Array {
    // Prices that are scaled are overwritten.
    if (column.kind !== 'text') return this.#table.shape.priceScale === 1 ? column.values : column.values.slice();
    return Float64Array.from(column.values, (text, row) => {
      const value = readNumber(text ?? '', this.#table.shape.numbers);
      if (value === undefined) throw fileDamage(this.#at(column, lines[row]), `"${text}" is not a number`);
      return value;
    });
  }

  #at({ title }: CellColumn, line: number) {
    return { path: this.#file.path, line, column: title, unit: 'row' as const };
  }
}
