/** Entry point `atc-memory/report`. */
export type { AccountStatistics } from './account.js';
export type { Curve } from './curve.js';
export type { Drawdown } from './drawdowns.js';
export type { PageOptions } from './html-file.js';
export type { PeriodReturn } from './periods.js';
export { reportData } from './report-data.js';
export { type ReportHtmlOptions, reportHtml } from './report-html.js';
export { ReportRows, type ReportRowsOptions } from './report-rows.js';
export type { ReportData, ReportSymbol } from './report-shape.js';
export type { Histogram } from './returns.js';
export type { SignalProfit, SignalResult } from './signal-results.js';
export { type StudySource, studyHtml } from './study-html.js';
export type { ReportFigures, SideStatistics, SymbolReport } from './symbol-record.js';
export type { Trade, TradeSide, TradeStatistics } from './trades.js';
export {
  type WalkForwardPageOptions,
  type WalkForwardSource,
  walkForwardHtml,
} from './walk-forward-html.js';
