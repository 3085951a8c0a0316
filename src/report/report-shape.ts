/** What a report holds. */
import type { BacktestResult } from '../backtest/runner.js';
import type { SymbolReport } from './symbol-record.js';

/** One symbol of a report. */
export interface ReportSymbol extends SymbolReport {
  /** As the dataset spells it. */
  readonly symbol: string;
  /** Bars that were run. */
  readonly rows: number;
  /** UTC ms; null for a symbol without rows. */
  readonly firstMs: number | null;
  /** The last bar, inclusive. */
  readonly lastMs: number | null;
}

/** Everything that a report shows. JSON: no NaN, no functions; `null` where there is no number. */
export interface ReportData {
  /** Of this shape. */
  readonly version: 1;
  /** Its name. */
  readonly strategy: string;
  /** Bars that were run. */
  readonly rows: number;
  /** In the order of the result. */
  readonly symbols: readonly ReportSymbol[];
  /** All symbols as one account, valued daily; of a single symbol its own figures. */
  readonly all: Omit<SymbolReport, 'trades' | 'tradesLeftOut'>;
  /** Symbols with fewer rows than the strategy needs. */
  readonly skipped: BacktestResult<unknown>['skipped'];
}
