/** A report as one HTML file that needs no network. */
import type { BacktestResult } from '../backtest/runner.js';
import { AtcError } from '../errors.js';
import { PAGE_LICENCE, PAGE_SCRIPT, PAGE_STYLE } from './page.generated.js';
import { pageData, scriptJson } from './page-data.js';
import { reportData } from './report-data.js';
import type { ReportRows } from './report-rows.js';

/** What a page is made of. */
export interface ReportHtmlOptions {
  /** The sink that the backtest was given as `rows`. */
  readonly rows: ReportRows;
  /** Heading and title of the page. Default: the strategy and its symbol, or the number of symbols. */
  readonly title?: string;
}

/** Nothing but what the file holds may be loaded or run. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

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
  if (typeof title !== 'string') {
    throw new AtcError('ARGUMENT', `title must be a string, got ${String(title)}`, { key: 'title' });
  }
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main id="report"><noscript>This report needs scripts; they are in this file.</noscript></main>',
    `<script type="application/json" id="data">${scriptJson(pageData(data, options.rows.collected()))}</script>`,
    `<!--\n${PAGE_LICENCE}\n-->`,
    `<script>${PAGE_SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
