/** Results of a backtest as text. */
import type { MeasuredRun } from './measured-run.js';
import { formatBytes, formatCount, formatPercent, formatRatio, formatTable, formatTime } from './text.js';

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

export function reportOf(runs: readonly MeasuredRun[]): string {
  const [run] = runs;
  return [storageTable([{ name: run.result.storage.layout, flags: [], run }]), '', resultTable(run)].join('\n');
}

export function compareReport(ways: readonly Way[], identical: boolean): string {
  return [storageTable(ways), '', resultTable(ways[0].run), '', `results identical: ${identical ? 'yes' : 'NO'}`].join(
    '\n',
  );
}

function storageTable(ways: readonly Way[]): string {
  return formatTable(
    ['way', 'rows', 'seconds', 'peak memory', 'on disk', 'backend'],
    ways.map(({ name, run: { result, seconds, peakBytes } }) => [
      name,
      formatCount(result.rows),
      seconds.toFixed(3),
      formatBytes(peakBytes),
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
  const more = left > 0 ? [`… and ${formatCount(left)} more symbols (--json lists them all)`] : [];
  const short = result.skipped.map(
    ({ symbol, rows, needed }) => `skipped ${symbol}: ${rows} rows, ${needed} are needed`,
  );
  return [table, ...more, ...short.slice(0, LISTED_SYMBOLS)].join('\n');
}
