/** Histories held in the heap: what most systems do, and what the other layouts are compared with. */
import { MAX_TIME_MS, requireSymbol, timeProblem } from '../arguments.js';
import { bisect } from '../bisect.js';
import { type Columns, createArray, dtypeOf, isTypedArray, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { batchesOfSymbol, type RowBatch, requireColumns, requireWholeTimes } from '../formats/batch.js';
import { orderProblem, secondsProblem } from '../formats/row-times.js';
import { nearestHint } from '../nearest.js';
import type { CandleSource, CandleTable, Dataset } from '../table.js';
import { type BlockSink, type GroupSchema, groupBySymbol } from './grouping.js';
import { type ColumnSource, fullBlockEnd, SourcedTable } from './sourced-table.js';

/**
 * A table over columns that are already in memory; they are not copied. ARGUMENT for a symbol that is no text, and for
 * columns without a `timestamp` in UTC ms that ascends from row to row.
 */
export function memoryTable(symbol: string, columns: Columns): CandleTable {
  return new SourcedTable(memorySource(symbol, columns));
}

function memorySource(symbol: string, columns: Columns): ColumnSource {
  requireSymbol(symbol, 'memoryTable');
  requireColumns(symbol, columns);
  const names = Object.keys(columns);
  const arrays = Object.values(columns);
  const times = columns.timestamp as Float64Array | undefined;
  if (times === undefined) {
    throw new AtcError(
      'ARGUMENT',
      `${symbol}: a table needs a column "timestamp" (UTC ms)${nearestHint('timestamp', names)}`,
    );
  }
  for (const [name, values] of Object.entries(columns)) {
    if (!isTypedArray(values)) {
      throw new AtcError('ARGUMENT', `${symbol}: column "${name}" is not a typed array such as Float64Array`);
    }
    if (values.length !== times.length) {
      throw new AtcError(
        'ARGUMENT',
        `${symbol}: column "${name}" has ${values.length} rows, "timestamp" ${times.length}`,
      );
    }
  }
  requireWholeTimes(symbol, columns);
  requireAscending(symbol, times);
  return {
    symbol,
    length: times.length,
    schema: names.map((name, k) => ({ name, dtype: dtypeOf(arrays[k])! })),
    view: (column, from, to) => arrays[column].subarray(from, to),
    readInto: (indexes, from, targets) => {
      for (let k = 0; k < indexes.length; k += 1) copyRows(arrays[indexes[k]], from, targets[k]);
    },
    blockEnd: fullBlockEnd,
    lowerBound: (ms) => bisect(0, times.length, (row) => Number(times[row]) >= ms),
  };
}

/** Ranges are bisected, and figures divide by time: rows in another order would be found wrong without a word. */
function requireAscending(symbol: string, times: TypedArray): void {
  let before = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < times.length; row += 1) {
    const ms = Number(times[row]);
    if (ms > before && Math.abs(ms) <= MAX_TIME_MS) {
      before = ms;
      continue;
    }
    const what = timeProblem(times[row]) ?? orderProblem(ms, before);
    throw new AtcError('ARGUMENT', `row ${row} of ${symbol}: ${what}`);
  }
  const problem = secondsProblem(times);
  if (problem !== undefined) throw new AtcError('ARGUMENT', `${symbol}: ${problem}`);
}

function copyRows(from: TypedArray, start: number, target: TypedArray): void {
  // Same dtype on both sides by construction; TypeScript cannot see the correlation.
  (target as Float64Array).set(from.subarray(start, start + target.length) as Float64Array);
}

export class MemoryDataset implements Dataset {
  readonly #tables: Map<string, CandleTable>;

  constructor(tables: Iterable<CandleTable>) {
    this.#tables = new Map([...tables].map((table) => [table.symbol, table]));
  }

  get symbols(): readonly string[] {
    return [...this.#tables.keys()];
  }

  table(symbol: string): CandleTable {
    const table = this.#tables.get(symbol);
    if (table === undefined) {
      throw new AtcError('ARGUMENT', `no symbol "${symbol}" in this dataset${nearestHint(symbol, this.symbols)}`);
    }
    return table;
  }

  async append(symbol: string, candles: CandleSource): Promise<void> {
    const sink = new MemorySink();
    // Both through the same checks: equal columns, ascending times.
    await groupBySymbol(this.#followedBy(symbol, candles), sink);
    for (const table of sink.finish().#tables.values()) this.#tables.set(symbol, table);
  }

  async *#followedBy(symbol: string, candles: CandleSource): AsyncGenerator<RowBatch> {
    const present = this.#tables.get(symbol);
    if (present !== undefined) {
      const columns = Object.fromEntries(present.columns.map((name) => [name, present.column(name)]));
      yield* batchesOfSymbol(symbol, columns);
    }
    yield* batchesOfSymbol(symbol, candles);
  }

  close(): void {}
}

/** Collects grouped blocks in the heap. */
export class MemorySink implements BlockSink {
  readonly #groups = new Map<string, { schema: GroupSchema; rows: number; blocks: TypedArray[][] }>();

  writeBlock(symbol: string, schema: GroupSchema, rows: number, columns: readonly TypedArray[]): void {
    let group = this.#groups.get(symbol);
    if (group === undefined) this.#groups.set(symbol, (group = { schema, rows: 0, blocks: [] }));
    group.rows += rows;
    group.blocks.push(columns.map((column) => column.slice()));
  }

  /** The blocks are let go as each symbol is joined, so that at most one symbol is there twice. */
  finish(): MemoryDataset {
    const tables: CandleTable[] = [];
    for (const [symbol, { schema, rows, blocks }] of this.#groups) {
      const columns = schema.map(({ name, dtype }, k) => {
        const joined = createArray(dtype, rows);
        let at = 0;
        for (const block of blocks) {
          (joined as Float64Array).set(block[k] as Float64Array, at);
          at += block[k].length;
        }
        return [name, joined] as const;
      });
      blocks.length = 0;
      // Not by assignment: a column may be called `__proto__`.
      tables.push(memoryTable(symbol, Object.fromEntries(columns)));
    }
    return new MemoryDataset(tables);
  }
}
