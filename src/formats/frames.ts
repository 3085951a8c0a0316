/**
 * Tables that other libraries hold in memory -> candles: Arrow, arquero, polars, DuckDB, known by their shape, so that
 * none is needed here.
 */
import type { RecordBatch } from 'apache-arrow';
import { isTypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { arrowColumns } from './arrow/columns.js';
import { readArrow } from './arrow/read.js';
import type { RowBatch, SymbolColumns } from './batch.js';
import { type CellBatch, type CellColumn, decimalsOf, numbersOf, type TimeUnit, timesOf } from './cell-column.js';
import type { ReadContext } from './format.js';
import type { FrameSource, PolarsFrameLike } from './frame-source.js';
import type { ImportOptions } from './options.js';
import { presetNamed } from './presets.js';
import { readColumns } from './table/read-columns.js';

const PATH = 'table';
/** Stands for the symbol until a column or the options name it. */
const UNNAMED = '\0';

/** Batches of candles, by the same rules as files. ARGUMENT where no column and no option names the symbol. */
export async function* batchesOfFrame(source: FrameSource, options: ImportOptions = {}): AsyncGenerator<RowBatch> {
  const preset = options.as === undefined ? undefined : presetNamed(options.as);
  const context: ReadContext = {
    options,
    preset,
    name: PATH,
    folders: [],
    facts: {},
    symbol: options.symbol ?? UNNAMED,
    found: { title: 'table', times: new Set(), notes: new Set() },
  };
  const file = { path: PATH, name: PATH, folders: [], depth: 0, head: new Uint8Array(0), bytes: async function* () {} };
  for await (const batch of readColumns(file, context, cellsOf(source))) {
    if (batch.rows > 0 && batch.symbolAt(0) === UNNAMED) {
      throw new AtcError(
        'ARGUMENT',
        'the table has no column "symbol": say whose candles they are with the option symbol',
      );
    }
    yield batch;
  }
}

/** The same as columns of each symbol, run by run. */
export async function* columnsOfFrame(source: FrameSource, options: ImportOptions = {}): AsyncGenerator<SymbolColumns> {
  for await (const batch of batchesOfFrame(source, options)) {
    for (let row = 0; row < batch.rows; ) {
      const symbol = batch.symbolAt(row);
      let end = row + 1;
      while (end < batch.rows && batch.symbolAt(end) === symbol) end += 1;
      const entries = batch.schema.map(({ name }, k) => [name, batch.columns[k].subarray(row, end)] as const);
      yield { symbol, columns: Object.fromEntries(entries) };
      row = end;
    }
  }
}

async function* cellsOf(source: FrameSource): AsyncGenerator<CellBatch> {
  if (source instanceof Uint8Array || ArrayBuffer.isView(source)) {
    yield* readArrow(once(source as Uint8Array), PATH);
  } else if (isPolars(source)) {
    // polars: its own bytes keep the types that its arrays of values lose.
    yield* readArrow(once(source.writeIPC()), PATH);
  } else if ('batches' in source) {
    let firstRow = 0;
    for (const batch of source.batches as readonly RecordBatch[]) {
      yield { firstRow, rows: batch.numRows, columns: arrowColumns(batch, { path: PATH, firstRow }) };
      firstRow += batch.numRows;
    }
  } else {
    const names = source.columnNames();
    const values = 'getColumns' in source ? source.getColumns() : names.map((name) => source.array(name));
    const columns = names.map((name, k) => columnOf(name, values[k]));
    yield { firstRow: 0, rows: columns[0]?.values.length ?? 0, columns };
  }
}

/** Its frames are proxies, which do not list what they have. */
function isPolars(source: FrameSource): source is PolarsFrameLike {
  return typeof (source as Partial<PolarsFrameLike>).writeIPC === 'function';
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Properties under which the values of DuckDB hold times. */
const TIME_FIELDS: readonly (readonly [field: string, unit: TimeUnit])[] = [
  ['micros', 'us'],
  ['milliseconds', 'ms'],
  ['millis', 'ms'],
  ['seconds', 's'],
  ['nanoseconds', 'ns'],
  ['nanos', 'ns'],
  ['days', 'days'],
];

/** A column of values of JavaScript, by the first that is there. */
function columnOf(title: string, values: ArrayLike<unknown>): CellColumn {
  const location = { path: PATH, title, firstRow: 0 };
  const isValid = (row: number) => values[row] !== null && values[row] !== undefined;
  if (isTypedArray(values)) return { kind: 'number', title, values: numbersOf(values as Float64Array, location) };
  const first = Array.prototype.find.call(values, (value) => value !== null && value !== undefined);
  if (first === undefined || ['number', 'bigint', 'boolean'].includes(typeof first)) {
    return { kind: 'number', title, values: numbersOf(values as ArrayLike<number>, location, isValid) };
  }
  if (Object.prototype.toString.call(first) === '[object Date]') {
    const ms = Float64Array.from(values as ArrayLike<Date>, (value) =>
      value === null || value === undefined ? Number.NaN : value.getTime(),
    );
    return { kind: 'time', title, values: ms, clock: 'utc', unit: 'ms' };
  }
  if (typeof first === 'string') {
    return {
      kind: 'text',
      title,
      values: Array.from(values, (value) => (value === null || value === undefined ? null : String(value))),
    };
  }
  if (typeof first === 'object' && 'scale' in first && 'value' in first) {
    const decimals = values as ArrayLike<{ readonly value: bigint; readonly scale: number }>;
    return {
      kind: 'number',
      title,
      values: decimalsOf((row) => decimals[row].value, values.length, Number(first.scale), location, isValid),
    };
  }
  const time = TIME_FIELDS.find(([field]) => field in (first as object));
  if (time === undefined)
    throw new AtcError('UNSUPPORTED', `column "${title}" holds values that are no numbers, times or text`, {
      column: title,
    });
  const [field, unit] = time;
  const counts = Array.from(values, (value) => (value as Record<string, bigint> | null)?.[field] ?? 0n);
  const clock = unit === 'days' ? 'date' : String((first as object).constructor.name).includes('TZ') ? 'utc' : 'local';
  return { kind: 'time', title, values: timesOf(counts, unit, location, isValid), clock, unit };
}
