/** The seams of a backtest: where history comes from, what is run over it, where rows go. */

import type { CandleTable, TableBlock } from '../dataset/table.js';
import type { Columns } from '../dtype.js';

/** One strategy's state over one symbol. Fed block by block, in order; never sees more than a block at a time. */
export interface StrategyRun<Summary> {
  /** Consumes a block and returns the per-row results (same length as the block), which go to a sink or nowhere. */
  push(block: TableBlock): Columns;
  /** Called once, after the last block. */
  finish(): Summary;
}

export interface Strategy<Summary> {
  readonly name: string;
  /** Columns it reads; only these are decoded. */
  readonly columns: readonly string[];
  start(table: CandleTable): StrategyRun<Summary>;
}

/** Receives per-row results; the arrays are reused after it returns. */
export interface RowSink {
  write(symbol: string, block: TableBlock, rows: Columns): void | Promise<void>;
}
