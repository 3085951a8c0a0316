/** The seam between tables and the files of others: the settings and the data that a writer is given. */
import type { ColumnSchema } from '../../codec/codec.js';
import type { Columns } from '../../dtype.js';
import type { ParquetCompression } from './parquet-pages.js';

/** Where the bytes of one file go. */
export interface ByteSink {
  readonly path: string;
  /** Bytes written so far. */
  readonly byteLength: number;
  /** The bytes may be reused as soon as it returns. */
  write(bytes: Uint8Array): void;
  rewrite(offset: number, bytes: Uint8Array): void;
}

/** What is known of a file before its rows. */
export interface ExportSpec {
  /** `timestamp` first. */
  readonly schema: readonly ColumnSchema[];
  /** Symbols of the rows, in their order. */
  readonly symbols: readonly string[];
  /** Rows carry their symbol in a column of its own: several symbols go into one file. */
  readonly hasSymbolColumn: boolean;
  /** Of the timestamps: whole ms, whole µs (fractions of ms), or any doubles. */
  readonly times: 'ms' | 'us' | 'numbers';
  /** Of the pages of Parquet. */
  readonly compression?: ParquetCompression;
}

/**
 * Writes one file. Batches come in order, the rows of a symbol together; the arrays are reused after `write` is done.
 */
export interface TableWriter {
  write(symbol: string, length: number, columns: Columns): void | Promise<void>;
  finish(): void | Promise<void>;
}

/** A format that tables can be written in. */
export interface ExportFormat {
  readonly name: string;
  /** Ending of its files, with the dot. */
  readonly extension: string;
  /** Whether several symbols fit into one file. */
  readonly holdsSymbols: boolean;
  open(sink: ByteSink, spec: ExportSpec): Promise<TableWriter>;
}

/** Name of the column of symbols. */
export const SYMBOL_COLUMN = 'symbol';
