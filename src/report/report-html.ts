/** A report as one HTML file that needs no network. */
import type { BacktestResult } from '../backtest/runner.js';
import { htmlFile } from './html-file.js';
import { pageData } from './page-data.js';
import { reportData } from './report-data.js';
import type { ReportRows } from './report-rows.js';

/** What a page is made of. */
export interface ReportHtmlOptions {
  /** The sink that the backtest was given as `rows`. */
  readonly rows: ReportRows;
  /** Heading and title of the page. Default: the strategy and its symbol, or the number of symbols. */
  readonly title?: string;
}

/**
 * One self-contained HTML file: charts, tables and every figure of `reportData`. Names from the data are text in it,
 * never markup.
 *
 * @throws AtcError ARGUMENT as `reportData` does, and for a title that is no string.
 */
export function reportHtml(result: BacktestResult<unknown>, options: ReportHtmlOptions): string {
  const data = reportData(result, options?.rows);
  const { symbols, strategy } = data;
  const { title = `${strategy}: ${symbols.length === 1 ? symbols[0].symbol : `${symbols.length} symbols`}` } = options;
  return htmlFile(title, pageData(data, options.rows.collected()));
}
