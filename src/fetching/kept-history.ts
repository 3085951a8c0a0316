/** What `keepHistory` returns: the dataset, open, and what the fetch has come to. */

import { OHLCV_SHAPE } from '../candle-store/row-shape.js';
import type { DirectoryDataset } from '../dataset/directory-dataset.js';
import { memoryTable } from '../dataset/memory.js';
import { AtcError } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { CandleTable } from '../table.js';
import type { ChangedCandle } from './changes.js';
import type { Span } from './span-set.js';

/** One symbol of a fetch. */
export interface FetchedSymbol {
  /** As it was asked for. */
  readonly symbol: string;
  /** Candles in the dataset. */
  readonly rows: number;
  /** Of those, new with this fetch. */
  readonly added: number;
  /** Candles that came with other values than those that are stored. */
  readonly changed: number;
}

/** What a fetch has come to. */
export interface FetchReport {
  /** In the order in which they were asked for. */
  readonly symbols: readonly FetchedSymbol[];
  /** Requests sent, repeated ones included. */
  readonly requests: number;
  /** Of those, the repeated ones. */
  readonly repeated: number;
  /**
   * Candles that the source gave with other values than before: the first 100 of each symbol. The first values stay.
   */
  readonly changed: readonly ChangedCandle[];
}

/** A history that was fetched, open; close it. */
export class KeptHistory implements FetchReport {
  readonly symbols: readonly FetchedSymbol[];
  readonly requests: number;
  readonly repeated: number;
  readonly changed: readonly ChangedCandle[];
  readonly #range: Span;

  /** Made by `keepHistory`. */
  constructor(
    /** All symbols of the directory, those of other fetches included. */
    readonly dataset: DirectoryDataset,
    range: Span,
    report: FetchReport,
  ) {
    this.#range = range;
    this.symbols = report.symbols;
    this.requests = report.requests;
    this.repeated = report.repeated;
    this.changed = report.changed;
  }

  /** Where the dataset is: for `openHistory`, `openDataset` and every command of `atc`. */
  get directory(): string {
    return this.dataset.directory;
  }

  /**
   * The candles of [since, until) of a symbol; without a name, of the only one. Empty when the source has none.
   * ARGUMENT for a symbol that was not asked for.
   */
  table(symbol?: string): CandleTable {
    const names = this.symbols.map((one) => one.symbol);
    const name = symbol ?? (names.length === 1 ? names[0] : undefined);
    if (name === undefined || !names.includes(name)) {
      const wanted = name === undefined ? 'several symbols were fetched: name one of' : `"${name}" was not fetched:`;
      throw new AtcError('ARGUMENT', `table: ${wanted} ${names.join(', ')}${nearestHint(name ?? '', names)}`);
    }
    if (this.dataset.symbols.includes(name)) return this.dataset.table(name).range(...this.#range);
    return memoryTable(name, Object.fromEntries(OHLCV_SHAPE.map((column) => [column, new Float64Array(0)])));
  }

  /** Lets go of files and maps; tables must not be used afterwards. */
  close(): void {
    this.dataset.close();
  }
}
