/** One run of an export: its tables, its progress, its report. */
import { Turns } from '../../io/turns.js';
import type { ExportTable } from './export-table.js';

/** One file that was written. */
export interface ExportedFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** What `exportDataset` wrote. */
export interface ExportReport {
  readonly format: string;
  readonly files: readonly ExportedFile[];
  readonly rows: number;
  readonly bytes: number;
}

interface Watched {
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: number, share?: number) => void;
}

/** Counts rows over all files, and gives turns to the event loop. */
export class ExportJob {
  readonly #turns: Turns;
  readonly #total: number;
  #rows = 0;

  constructor(
    readonly tables: readonly ExportTable[],
    private readonly options: Watched,
  ) {
    this.#turns = new Turns(options.signal);
    this.#total = tables.reduce((sum, { sourceRows }) => sum + sourceRows, 0);
  }

  async step(rows: number): Promise<void> {
    const { signal, onRows } = this.options;
    signal?.throwIfAborted();
    this.#rows += rows;
    onRows?.(this.#rows, Math.min(1, this.#rows / Math.max(1, this.#total)));
    if (this.#turns.due) await this.#turns.take();
  }
}
