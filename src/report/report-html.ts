/** A report as one HTML file that needs no network. */

import { requireOptions } from '../arguments.js';
import type { BacktestResult } from '../backtest/runner.js';
import { shown } from '../errors.js';
import { htmlFile, type PageOptions } from './html-file.js';
import { pageData } from './page-data.js';
import { isSignals, reportOf } from './report-data.js';
import type { ReportRows } from './report-rows.js';
import type { SignalResult } from './signal-results.js';

/** What a page is made of. */
export interface ReportHtmlOptions extends PageOptions {
  /** The sink that the backtest was given as `rows`. */
  readonly rows: ReportRows;
}

/**
 * One self-contained HTML file: charts, tables and every figure of `reportData`. Names from the data are text in it,
 * never markup.
 *
 * @throws AtcError ARGUMENT as `reportData` does, and for a title that is no string.
 */
export function reportHtml(result: BacktestResult<unknown>, options: ReportHtmlOptions): string;
/** The same of what `Backtest.run` of backtest-kit yielded. */
export function reportHtml(results: readonly SignalResult[], options?: PageOptions): string;
export function reportHtml(
  result: BacktestResult<unknown> | readonly SignalResult[],
  options: Partial<ReportHtmlOptions> = {},
): string {
  requireOptions(options, 'reportHtml');
  const { data, lines } = reportOf(result, options.rows);
  const { symbols, strategy } = data;
  const {
    title = `${typeof strategy === 'string' ? strategy : shown(strategy)}: ${symbols.length === 1 ? symbols[0].symbol : `${symbols.length} symbols`}`,
  } = options;
  return htmlFile(title, pageData(data, lines, isSignals(result) ? 'signals' : 'bars'));
}
