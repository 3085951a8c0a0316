/**
 * The one implementation of CandleTable; where the rows come from (heap, map, packed file) stands behind ColumnSource.
 */

import { requireKnownOptions, requireNames, requireOneOf } from '../arguments.js';
import { BLOCK_ROWS } from '../codec/codec.js';
import { createArray, type Dtype, type TypedArray } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { ArrowTableLike, CandleTable, RowRange, TableBlock, ToArrowOptions } from '../table.js';

/** Rows of one symbol, however they are stored. Row numbers are those of the whole history. */
export interface ColumnSource {
  readonly symbol: string;
  readonly length: number;
  readonly schema: readonly { readonly name: string; readonly dtype: Dtype }[];
  /** Rows [from, to) of a column: zero-copy where the layout allows it. */
  view(column: number, from: number, to: number): TypedArray;
  /** Copies rows [from, from + rows) of several columns into arrays of exactly that length. */
  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void;
  /**
   * End of the block that holds a row: rows [row, blockEnd(row)) are cheap to read together. At most BLOCK_ROWS away.
   */
  blockEnd(row: number): number;
  /** First row in [0, length] whose timestamp is at least `ms`, without reading more than it takes to bisect. */
  lowerBound(ms: number): number;
}

/**
 * Debug switch: ATC_POISON_BLOCKS=1 overwrites a block's arrays before the next one, so that retained references show.
 */
const POISON_VARIABLE = 'ATC_POISON_BLOCKS';

export class SourcedTable implements CandleTable {
  readonly symbol: string;
  readonly columns: readonly string[];
  readonly length: number;
  readonly #source: ColumnSource;
  readonly #first: number;
  readonly #end: number;

  constructor(source: ColumnSource, first = 0, end = source.length) {
    this.#source = source;
    this.#first = first;
    this.#end = end;

    this.symbol = source.symbol;
    this.columns = source.schema.map((column) => column.name);
    this.length = end - first;
  }

  async toArrow<Table = ArrowTableLike>(options: ToArrowOptions = {}): Promise<Table> {
    requireKnownOptions(options, ['columns', 'times'], 'toArrow');
    if (options.columns !== undefined) requireNames(options.columns, 'toArrow: columns');
    requireOneOf(options.times, ['timestamp', 'numbers'], 'toArrow: times');
    const { arrowTable } = await import('./arrow-table.js');
    return (await arrowTable(this, options)) as Table;
  }

  column(name: string): TypedArray {
    return this.#source.view(this.#indexOf(name), this.#first, this.#end);
  }

  range(fromMs: number, toMs: number): CandleTable {
    for (const [name, ms] of Object.entries({ from: fromMs, to: toMs }) as [string, unknown][]) {
      if (typeof ms === 'number' || ms instanceof Date) continue;
      throw new AtcError('ARGUMENT', `range: ${name} must be UTC ms, got ${shown(ms)}; Date.parse reads ISO text`);
    }
    if (!(fromMs <= toMs)) {
      throw new AtcError('ARGUMENT', `range: from (${fromMs}) must not be after to (${toMs}); both are UTC ms`);
    }
    const clamp = (row: number) => Math.min(Math.max(row, this.#first), this.#end);
    return new SourcedTable(this.#source, clamp(this.#source.lowerBound(fromMs)), clamp(this.#source.lowerBound(toMs)));
  }

  blocks<Name extends string>(names: readonly Name[], range: RowRange = {}): Generator<TableBlock<Name>> {
    if (!Array.isArray(names)) {
      const advice = `name the columns, or pass columns of the table for all: ${this.columns.join(', ')}`;
      throw new AtcError('ARGUMENT', `blocks needs a list of column names, got ${shown(names)}; ${advice}`);
    }
    requireKnownOptions(range, ['from', 'to'], 'blocks');
    const { from = 0, to = this.length } = range;
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > this.length || from > to) {
      throw new AtcError('ARGUMENT', `blocks: rows ${from} to ${to} are not within the table's 0 to ${this.length}`);
    }
    return this.#rows(
      names,
      names.map((name) => this.#indexOf(name)),
      from,
      to,
    );
  }

  *#rows<Name extends string>(
    names: readonly Name[],
    indexes: readonly number[],
    from: number,
    to: number,
  ): Generator<TableBlock<Name>> {
    const end = this.#first + to;
    const buffers = indexes.map((index) =>
      createArray(this.#source.schema[index].dtype, Math.min(BLOCK_ROWS, to - from)),
    );
    const poisoned = process.env[POISON_VARIABLE] === '1';
    for (let row = this.#first + from; row < end; ) {
      // Aligned to the blocks of packed files, so that none is decoded twice.
      const rows = Math.min(end, this.#source.blockEnd(row)) - row;
      const arrays = buffers.map((buffer) => (buffer.length === rows ? buffer : buffer.subarray(0, rows)));
      this.#source.readInto(indexes, row, arrays);
      // Not by assignment: a column may be called `__proto__`.
      const columns = Object.fromEntries(names.map((name, k) => [name, arrays[k]])) as Record<Name, TypedArray>;
      yield { start: row - this.#first, length: rows, columns };
      if (poisoned) for (const buffer of buffers) new Uint8Array(buffer.buffer).fill(0xff);
      row += rows;
    }
  }

  #indexOf(name: string): number {
    const index = this.columns.indexOf(name);
    if (index < 0) {
      throw new AtcError('ARGUMENT', `${this.symbol} has no column ${shown(name)}${nearestHint(name, this.columns)}`);
    }
    return index;
  }
}

/** `blockEnd` of sources whose blocks are all full. */
export function fullBlockEnd(row: number): number {
  return (Math.floor(row / BLOCK_ROWS) + 1) * BLOCK_ROWS;
}
