/** A report as plain data. */
import type { BacktestResult } from '../backtest/runner.js';
import { AtcError } from '../errors.js';
import { ReportRows } from './report-rows.js';
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

/**
 * Statistics, lines and trades of a backtest as plain data.
 *
 * @param result What `runBacktest` or `backtest` returned.
 * @param rows The sink that this run was given as `rows`.
 * @throws AtcError ARGUMENT where the sink did not see the symbols of the result.
 */
export function reportData(result: BacktestResult<unknown>, rows: ReportRows): ReportData {
  if (!Array.isArray(result?.symbols)) {
    throw new AtcError('ARGUMENT', 'a report needs the result of a backtest (an object with symbols)');
  }
  if (!(rows instanceof ReportRows)) {
    throw new AtcError('ARGUMENT', 'a report needs the ReportRows that the backtest was given as its option rows');
  }
  const { symbols, all } = rows.collected();
  const reported = result.symbols.map(({ symbol, rows: count, firstMs, lastMs }) => {
    const report = symbols.get(symbol);
    if (report === undefined) {
      throw new AtcError(
        'ARGUMENT',
        `the rows of ${symbol} were not seen: give one ReportRows as the option rows to the backtest that is reported`,
      );
    }
    return { symbol, rows: count, firstMs: time(firstMs), lastMs: time(lastMs), ...report };
  });
  const [only] = reported;
  return {
    version: 1,
    strategy: result.strategy,
    rows: result.rows,
    symbols: reported,
    all: reported.length === 1 ? withoutTrades(only) : all,
    skipped: result.skipped,
  };
}

function withoutTrades({ statistics, curve, months, years, returns }: SymbolReport): ReportData['all'] {
  return { statistics, curve, months, years, returns };
}

function time(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
