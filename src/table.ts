/**
 * The seam between history on disk and the code that consumes it. Timestamps are UTC ms of a candle's open; ranges are
 * half-open.
 */
import type { Columns, TypedArray } from './dtype.js';

/** Files of history: `mapped`, one .npy file per column; `packed`, one compressed frame with all columns. */
export type DatasetLayout = 'mapped' | 'packed';

/** One row as applications have it. Every numeric field becomes a float64 column. */
export interface Candle {
  /** UTC ms of the open. */
  readonly timestamp: number;
  /** The only price that every candle has to have. */
  readonly close: number;
  readonly [field: string]: unknown;
}

/**
 * Candles of one symbol, oldest first: columns, one object after the other, or a list of rows as exchanges return them,
 * `[timestamp, open, high, low, close, volume]`.
 */
export type CandleSource = Columns | Iterable<Candle> | AsyncIterable<Candle> | readonly OhlcvTuple[];

/** A row as exchanges return it, ccxt's `fetchOHLCV` for one: `[timestamp, open, high, low, close, volume]`. */
export type OhlcvTuple = readonly [number, number, number, number, number, number | null | undefined];

/** Rows [start, start + length) of a table. The arrays are reused: they are valid until the next block is asked for. */
export interface TableBlock<Name extends string = string> {
  /** Index of its first row, counted from the table's first row. */
  readonly start: number;
  /** Rows in this block, at least 1. */
  readonly length: number;
  /** The columns asked for, each `length` long. */
  readonly columns: Record<Name, TypedArray>;
}

/** Rows by index, half-open; counted from the table's first row. */
export interface RowRange {
  /** First row, default 0. */
  readonly from?: number;
  /** Row after the last, default the table's length. */
  readonly to?: number;
}

/** Options of `toArrow`. */
export interface ToArrowOptions {
  /** Default: all. The timestamp is always there, and first. */
  readonly columns?: readonly string[];
  /**
   * The timestamp as `timestamp` (ms, UTC; a copy of that column, the default), or as the `numbers` it is, not copied.
   */
  readonly times?: 'timestamp' | 'numbers';
}

/** The shape of a table of apache-arrow, which is no part of these types. */
export interface ArrowTableLike {
  /** Rows. */
  readonly numRows: number;
  /** Record batches. */
  readonly batches: readonly unknown[];
  /** Names of the columns. */
  readonly schema: {
    /** In the order of the columns. */
    readonly fields: readonly {
      /** Name of the column. */
      readonly name: string;
    }[];
  };
}

/** The history of one symbol: equal-length columns in ascending order of `timestamp`. */
export interface CandleTable {
  /** As the source spells it. */
  readonly symbol: string;
  /** Rows. */
  readonly length: number;
  /** Column names in the order of the source; `timestamp` is among them. */
  readonly columns: readonly string[];
  /**
   * The whole column: a view over the map where there is one (no heap), decoded or read otherwise. Rows that lie in
   * several segments, because candles were added later, are joined into a copy; compaction makes them one again.
   */
  column(name: string): TypedArray;
  /** The rows whose timestamp lies in [fromMs, toMs), found by bisection. Shares everything with this table. */
  range(fromMs: number, toMs: number): CandleTable;
  /**
   * An Arrow table over the columns, which are not copied: of a mapped dataset they lie in the map, and are valid until
   * it is closed. It is a `Table` of apache-arrow, which has to be installed (UNSUPPORTED otherwise).
   */
  toArrow<Table = ArrowTableLike>(options?: ToArrowOptions): Promise<Table>;
  /** Rows in order, about 16,384 at a time. Memory stays at one block, however long the table is. */
  blocks<Name extends string>(names: readonly Name[], range?: RowRange): Iterable<TableBlock<Name>>;
}

/** The histories of several symbols. */
export interface Dataset {
  /** In the order in which they first appeared in the source. */
  readonly symbols: readonly string[];
  /** Throws ARGUMENT, with the nearest known name, for a symbol that is not there. */
  table(symbol: string): CandleTable;
  /**
   * Adds candles after the last one of a symbol, or a new symbol; all of them or none. Tables asked for before keep
   * their rows, tables asked for afterwards have the new ones. ARGUMENT for a candle that is not later or has other
   * columns.
   */
  append(symbol: string, candles: CandleSource): Promise<void>;
  /** Lets go of files and maps; views handed out before must not be used afterwards. */
  close(): void;
}
