/** One run of an export: its tables, its progress, its report. */
import type { ParquetCompression } from '../../formats/export/parquet-pages.js';
import { Turns } from '../../io/turns.js';
import type { ExportTable } from './export-table.js';

/** One file that was written. */
export interface ExportedFile {
  /** As it was asked for, or below the directory that was. */
  readonly path: string;
  /** Rows in this file. */
  readonly rows: number;
  /** Size of this file. */
  readonly bytes: number;
}

/** What `exportDataset` wrote. */
export interface ExportReport {
  /** Name of the format. */
  readonly format: string;
  /** In the order in which they were written. */
  readonly files: readonly ExportedFile[];
  /** Rows of all files. */
  readonly rows: number;
  /** Size of all files. */
  readonly bytes: number;
}

interface JobOptions {
  readonly compression?: ParquetCompression;
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: number, share?: number) => void;
}

/** Counts rows over all files, and gives turns to the event loop. */
export class ExportJob {
  readonly #turns: Turns;
  readonly #total: number;
  #rows = 0;
  readonly #options: JobOptions;

  constructor(
    readonly tables: readonly ExportTable[],
    options: JobOptions,
  ) {
    this.#options = options;

    this.#turns = new Turns(options.signal);
    this.#total = tables.reduce((sum, { sourceRows }) => sum + sourceRows, 0);
  }

  get compression(): ParquetCompression | undefined {
    return this.#options.compression;
  }

  async step(rows: number): Promise<void> {
    const { signal, onRows } = this.#options;
    signal?.throwIfAborted();
    this.#rows += rows;
    onRows?.(this.#rows, Math.min(1, this.#rows / Math.max(1, this.#total)));
    if (this.#turns.due) await this.#turns.take();
  }
}
