/** A report as plain data. */
import type { BacktestResult } from '../backtest/runner.js';
import { AtcError } from '../errors.js';
import { ReportRows } from './report-rows.js';
import type { ReportData } from './report-shape.js';
import { type SignalReport, signalReport } from './signal-report.js';
import type { SignalResult } from './signal-results.js';
import { SymbolRecord, type SymbolReport } from './symbol-record.js';

/**
 * Statistics, lines and trades of a backtest as plain data.
 *
 * @param result What `runBacktest` or `backtest` returned.
 * @param rows The sink that this run was given as `rows`.
 * @throws AtcError ARGUMENT where the sink did not see the symbols of the result.
 */
export function reportData(result: BacktestResult<unknown>, rows: ReportRows): ReportData;
/**
 * The same of signals that backtest-kit closed: each is taken with the whole account, in the order in which they end,
 * and the account is valued when one ends. `bars` are minutes in trades, and closed signals everywhere else.
 *
 * @param results What `Backtest.run` yielded; those that are not closed are passed over.
 * @throws AtcError ARGUMENT for a closed signal without prices, times or profit.
 */
export function reportData(results: readonly SignalResult[]): ReportData;
export function reportData(result: BacktestResult<unknown> | readonly SignalResult[], rows?: ReportRows): ReportData {
  return reportOf(result, rows).data;
}

/** The data, and the lines of a page. */
export function reportOf(result: BacktestResult<unknown> | readonly SignalResult[], rows?: ReportRows): SignalReport {
  if (isSignals(result)) return signalReport(result);
  if (!Array.isArray(result?.symbols) || !result.symbols.every((one) => typeof one?.symbol === 'string')) {
    throw new AtcError('ARGUMENT', 'a report needs the result of a backtest (an object with symbols)');
  }
  if (!(rows instanceof ReportRows)) {
    throw new AtcError('ARGUMENT', 'a report needs the ReportRows that the backtest was given as its option rows');
  }
  const { symbols, all, ...lines } = rows.collected();
  const reported = result.symbols.map(({ symbol, rows: count, firstMs, lastMs }) => {
    // A sink is not given what has no rows.
    const report = symbols.get(symbol) ?? (count === 0 ? emptyReport(symbol) : undefined);
    if (report === undefined) {
      throw new AtcError(
        'ARGUMENT',
        `the rows of ${symbol} were not seen: give one ReportRows as the option rows to the backtest that is reported`,
      );
    }
    return { symbol, rows: count, firstMs: time(firstMs), lastMs: time(lastMs), ...report };
  });
  const [only] = reported;
  const data = {
    version: 1 as const,
    strategy: result.strategy,
    rows: result.rows,
    symbols: reported,
    all: reported.length === 1 ? withoutTrades(only) : all,
    skipped: result.skipped,
  };
  return { data, lines };
}

export function isSignals(result: unknown): result is readonly SignalResult[] {
  return Array.isArray(result);
}

/** Of a symbol without rows: every figure that there is of nothing. */
function emptyReport(symbol: string): SymbolReport {
  const record = new SymbolRecord(symbol, 0, 2, 0);
  const { months } = record.sides.all.account;
  const lists = { trades: [], tradesLeftOut: 0, months: months.months(), years: months.years() };
  return { ...record.finish(), ...lists, curve: record.curve.curve() };
}

function withoutTrades({ statistics, curve, months, years, returns }: SymbolReport): ReportData['all'] {
  return { statistics, curve, months, years, returns };
}

function time(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
