/**
 * Shapes of the tables that other libraries hold in memory. They are recognised by their methods; none of the libraries
 * is needed.
 */

import type { ArrowTableLike } from '../table.js';

/** A DataFrame of nodejs-polars. */
export interface PolarsFrameLike {
  /** Rows. */
  readonly height: number;
  /** The frame as an Arrow file. */
  writeIPC(): Uint8Array;
}

/** A table of arquero. */
export interface ArqueroTableLike {
  /** In the order of the columns. */
  columnNames(): string[];
  /** The values of one column. */
  array(name: string): ArrayLike<unknown>;
}

/** What `runAndReadAll` of @duckdb/node-api gives. */
export interface DuckDbResultLike {
  /** In the order of the columns. */
  columnNames(): string[];
  /** The values, one array per column. */
  getColumns(): readonly ArrayLike<unknown>[];
}

/** A table in memory of Arrow, polars, arquero or DuckDB, or the bytes of an Arrow file or stream. */
export type FrameSource = ArrowTableLike | PolarsFrameLike | ArqueroTableLike | DuckDbResultLike | Uint8Array;

/** Whether a source is such a table; bytes count as well. */
export function isFrameSource(source: unknown): source is FrameSource {
  if (ArrayBuffer.isView(source)) return Object.prototype.toString.call(source) === '[object Uint8Array]';
  if (typeof source !== 'object' || source === null) return false;
  const has = (name: string) => typeof (source as Record<string, unknown>)[name] === 'function';
  if (has('writeIPC') || (has('columnNames') && (has('array') || has('getColumns')))) return true;
  return 'batches' in source && 'schema' in source && 'numRows' in source;
}
