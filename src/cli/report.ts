/** Results of a backtest as text. */
import type { MeasuredRun } from './measured-run.js';
import { escapeLine } from './output.js';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatPercent,
  formatRatio,
  formatTable,
  formatTime,
  wrap,
} from './text.js';

export interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  readonly run: MeasuredRun;
}

/** Symbols listed one by one; more are in --json. */
const LISTED_SYMBOLS = 20;
const TREND_NAMES = new Map([
  [1, 'up'],
  [0, 'flat'],
  [-1, 'down'],
]);

/** Rows below which the memory of Node and of the code is most of what a run takes. */
const SMALL_ROWS = 300_000;

export function reportOf(runs: readonly MeasuredRun[]): string {
  const [run] = runs;
  const table = storageTable([{ name: run.result.storage.layout, flags: [], run }], 0);
  return [table, ...versionLine(run), '', resultTable(run)].join('\n');
}

/** What `--as-of` takes to run it again on the same bits. */
function versionLine({ result }: MeasuredRun): string[] {
  const { version } = result.storage;
  if (version === undefined) return [];
  const name = version.snapshot === undefined ? '' : `snapshot "${version.snapshot}", `;
  return [`history: ${name}generation ${version.generation}, content ${version.snapshotId}`];
}

/** `emptyBytes`: peak memory of a process that does nothing. */
export function compareReport(ways: readonly Way[], emptyBytes: number, identical: boolean): string {
  const { rows } = ways[0].run.result;
  const small =
    `${formatNumber(rows, 'row')} are a small history: there is too little to save, and opening files costs more than ` +
    'it gains. The difference begins at some hundred thousand rows.';
  return [
    storageTable(ways, emptyBytes),
    ...versionLine(ways[0].run),
    ...(emptyBytes > 0
      ? [wrap(`Memory is the peak above an empty Node process (${formatBytes(emptyBytes)}).`, 79)]
      : []),
    ...(rows < SMALL_ROWS ? [wrap(small, 79)] : []),
    '',
    resultTable(ways[0].run),
    '',
    `results identical: ${identical ? 'yes' : 'NO'}`,
  ].join('\n');
}

function storageTable(ways: readonly Way[], emptyBytes: number): string {
  return formatTable(
    ['way', 'rows', 'seconds', emptyBytes > 0 ? 'memory' : 'peak memory', 'on disk', 'backend'],
    ways.map(({ name, run: { result, seconds, peakBytes } }) => [
      name,
      formatCount(result.rows),
      seconds.toFixed(3),
      formatBytes(Math.max(0, peakBytes - emptyBytes)),
      formatBytes(result.storage.bytesOnDisk),
      result.storage.backend,
    ]),
  );
}

function resultTable({ result }: MeasuredRun): string {
  const rows = result.symbols
    .slice(0, LISTED_SYMBOLS)
    .map(({ symbol, firstMs, lastMs, summary, trading }) => [
      symbol,
      formatTime(firstMs),
      formatTime(lastMs),
      summary.signal.toFixed(4),
      TREND_NAMES.get(summary.trend) ?? String(summary.trend),
      formatPercent(trading.totalReturn),
      formatPercent(trading.maxDrawdown),
      formatRatio(trading.sharpe),
      formatCount(trading.trades),
      formatPercent(trading.buyAndHold.totalReturn),
      formatPercent(trading.buyAndHold.maxDrawdown),
    ]);
  const table = formatTable(
    ['symbol', 'from', 'to', 'signal', 'trend', 'return', 'drawdown', 'sharpe', 'trades', 'b&h return', 'b&h drawdown'],
    rows,
  );
  const left = result.symbols.length - rows.length;
  const more = left > 0 ? [`and ${formatNumber(left, 'more symbol')} (--json lists them all)`] : [];
  const short = result.skipped.map(
    ({ symbol, rows, needed }) => `skipped ${escapeLine(symbol)}: ${formatNumber(rows, 'row')}, ${needed} are needed`,
  );
  return [table, ...more, ...short.slice(0, LISTED_SYMBOLS)].join('\n');
}
