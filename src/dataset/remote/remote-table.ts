/** The history of one symbol of a remote dataset: like `CandleTable`, with promises. */
import { requireKnownOptions, requireSignal } from '../../arguments.js';
import { createArray, type TypedArray } from '../../dtype.js';
import { AtcError, shown } from '../../errors.js';
import { nearestHint } from '../../nearest.js';
import type { RowRange, TableBlock } from '../../table.js';
import type { SymbolReader } from './symbol-reader.js';

/** Rows of a table, and what stops the reading of them. */
export interface RemoteRowRange extends RowRange {
  /** Stops with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The history of one symbol on a server: equal-length columns in ascending order of `timestamp`. */
export class RemoteTable {
  /** As the source spells it. */
  readonly symbol: string;
  /** Rows. */
  readonly length: number;
  /** Column names in the order of the source; `timestamp` is among them. */
  readonly columns: readonly string[];
  readonly #reader: SymbolReader;
  readonly #first: number;

  /** @internal */
  constructor(reader: SymbolReader, first = 0, end = reader.entry.rows) {
    this.#reader = reader;
    this.#first = first;
    this.symbol = reader.entry.symbol;
    this.length = end - first;
    this.columns = reader.entry.columns.map(({ name }) => name);
  }

  /** A column, of all rows or of rows [from, to) of the table: only its own blocks are requested. */
  async column(name: string, { from = 0, to = this.length, signal }: RemoteRowRange = {}): Promise<TypedArray> {
    const [index] = this.#indexes([name]);
    this.#requireRows(from, to);
    requireSignal(signal, 'column');
    const out = createArray(this.#reader.entry.columns[index].dtype, to - from);
    const first = this.#first + from;
    const how = { signal, isStrict: true };
    for await (const block of this.#reader.read([index], first, this.#first + to, how)) {
      (out as Float64Array).set(block.columns[0] as Float64Array, block.from - first);
    }
    return out;
  }

  /** The rows whose timestamp lies in [fromMs, toMs). On a regular grid nothing is requested for it. */
  async range(fromMs: number | Date, toMs: number | Date, signal?: AbortSignal): Promise<RemoteTable> {
    const [from, to] = requireTimes(fromMs, toMs);
    requireSignal(signal, 'range');
    const [low, high] = await this.#reader.rowsBetween(from, to, [], signal);
    const clamp = (row: number) => Math.min(Math.max(row, this.#first), this.#first + this.length);
    return new RemoteTable(this.#reader, clamp(low), clamp(high));
  }

  /** Rows in order, a stored block or a part of one at a time; the arrays are the caller's own. */
  blocks<Name extends string>(
    names: readonly Name[],
    { from = 0, to = this.length, signal }: RemoteRowRange = {},
  ): AsyncGenerator<TableBlock<Name>> {
    const indexes = this.#indexes(names);
    this.#requireRows(from, to);
    requireSignal(signal, 'blocks');
    return this.#blocks(names, indexes, from, to, signal);
  }

  async *#blocks<Name extends string>(
    names: readonly Name[],
    indexes: readonly number[],
    from: number,
    to: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TableBlock<Name>> {
    for await (const block of this.#reader.read(indexes, this.#first + from, this.#first + to, { signal })) {
      // Not by assignment: a column may be called `__proto__`.
      const columns = Object.fromEntries(names.map((name, k) => [name, block.columns[k]])) as Record<Name, TypedArray>;
      yield { start: block.from - this.#first, length: block.to - block.from, columns };
    }
  }

  #indexes(names: readonly string[]): number[] {
    if (!Array.isArray(names)) {
      const advice = `name the columns, or pass columns of the table for all: ${this.columns.join(', ')}`;
      throw new AtcError('ARGUMENT', `blocks needs a list of column names, got ${shown(names)}; ${advice}`);
    }
    return names.map((name) => {
      const index = this.columns.indexOf(name);
      if (index >= 0) return index;
      throw new AtcError('ARGUMENT', `${this.symbol} has no column "${name}"${nearestHint(name, this.columns)}`);
    });
  }

  #requireRows(from: number, to: number): void {
    if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= this.length) return;
    throw new AtcError(
      'ARGUMENT',
      `rows ${shown(from)} to ${shown(to)} are not within the table's 0 to ${this.length}`,
    );
  }
}

/** Two times as UTC ms; ARGUMENT for what are none, or in the wrong order. */
export function requireTimes(from: unknown, to: unknown): [number, number] {
  const [fromMs, toMs] = Object.entries({ from, to }).map(([name, time]) => {
    const ms = time instanceof Date ? time.getTime() : time;
    if (typeof ms === 'number' && !Number.isNaN(ms)) return ms;
    throw new AtcError('ARGUMENT', `${name} must be UTC ms or a Date, got ${shown(time)}; Date.parse reads ISO text`);
  });
  if (fromMs <= toMs) return [fromMs, toMs];
  throw new AtcError('ARGUMENT', `from (${fromMs}) must not be after to (${toMs}); both are UTC ms`);
}

/** What `blocks` of a remote dataset takes. */
export interface RemoteBlockOptions<Name extends string = string> {
  /** Default: all columns. */
  readonly columns?: readonly Name[];
  /** First time, UTC ms or a Date. Default: the first candle. */
  readonly from?: number | Date;
  /** Time after the last, UTC ms or a Date. Default: all to the last candle. */
  readonly to?: number | Date;
  /** Stops with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The blocks of a symbol between two times. */
export async function* blocksBetween<Name extends string>(
  reader: SymbolReader,
  { columns, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, signal }: RemoteBlockOptions<Name>,
): AsyncGenerator<TableBlock<Name>> {
  const whole = new RemoteTable(reader);
  const names = columns ?? (whole.columns as readonly Name[]);
  // Checks names and signal.
  whole.blocks(names, { from: 0, to: 0, signal });
  const [fromMs, toMs] = requireTimes(from, to);
  const indexes = names.map((name) => whole.columns.indexOf(name));
  const [first, end] = await reader.rowsBetween(fromMs, toMs, indexes, signal);
  yield* new RemoteTable(reader, first, Math.max(first, end)).blocks(names, { signal });
}

/** ARGUMENT for options of `blocks` that there are not. */
export function requireBlockOptions(options: unknown): void {
  requireKnownOptions(options, ['columns', 'from', 'to', 'signal'], 'blocks');
}
