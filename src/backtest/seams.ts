/** The seams of a backtest: what is run over a history, and where its rows go. */

import type { Columns } from '../dtype.js';
import type { CandleTable, TableBlock } from '../table.js';

/** One strategy's state over one symbol. Fed block by block, in order; never sees more than a block at a time. */
export interface StrategyRun<Summary> {
  /**
   * Consumes a block and returns the per-row results, as long as the block; they go to a sink or nowhere and may be
   * reused by the next call. A column `signal` is taken for the position wanted from that bar's close on, by its sign.
   */
  push(block: TableBlock): Columns;
  /** Called once, after the last block. Plain data: it may have to cross a thread. */
  finish(): Summary;
  /** Called after that and waited for: time to write down what was computed. */
  settle?(): Promise<void>;
}

/** How a worker thread rebuilds the same strategy: `(await import(module))[factory](...parameters)`. */
export interface StrategyReference {
  /** URL of a module that a worker can import, such as `import.meta.url` of a compiled file. */
  readonly module: string;
  /** Name of the exported function that returns the strategy. */
  readonly factory: string;
  /** Plain data. */
  readonly parameters: readonly unknown[];
}

/** What is run over history. It holds no state itself: the state of a symbol is in the run that `start` returns. */
export interface Strategy<Summary> {
  /** Stands in results and messages. */
  readonly name: string;
  /** To be changed with anything that changes signals: machines of a fleet must have the same one. Default 1. */
  readonly version?: string | number;
  /**
   * Columns it reads; only these and `close`, for the statistics, are decoded (and `timestamp` where rows are written).
   */
  readonly columns: readonly string[];
  /** Symbols with fewer rows are skipped and listed in the result. Default 1. */
  readonly minimumRows?: number;
  /** Without one the strategy runs on the calling thread only. */
  readonly reference?: StrategyReference;
  /**
   * With several workers the calling thread is one of them, as it is the only one without; the others start when there
   * is enough work and a core is free. For strategies whose `push` returns soon and that never end the
   * process. Default false: all symbols run on threads, so that one that hangs can be aborted, and one whose thread
   * ends is tried again.
   */
  readonly sharesCallingThread?: boolean;
  /** State over one symbol; `table` is for its name and length, the rows come through `push`. */
  start(table: CandleTable): StrategyRun<Summary>;
  /**
   * Instead of `start`, where something has to be waited for: a cache that may have the results of this very history.
   */
  prepare?(table: CandleTable): Promise<StrategyRun<Summary>>;
}

/** Receives per-row results; the arrays are reused after it returns. */
export interface RowSink {
  /** `rows` belong to the rows of `block`, in order. A promise is waited for before the next block. */
  write(symbol: string, block: TableBlock, rows: Columns): void | Promise<void>;
}

/**
 * Something that runs a whole backtest over a source: the seam of `withMemoryMapping` for services that take their
 * input by path.
 */
export interface BacktestProvider<Options, Result> {
  /** `source`: a dataset directory or files of history. */
  run(source: string | readonly string[], options?: Options): Promise<Result>;
}
