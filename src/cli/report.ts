/** Results of a backtest as text. */
import type { EquityPath } from '../backtest/equity-path.js';
import { paint, signedCells, signTone } from './colour.js';
import type { MeasuredRun } from './measured-run.js';
import { escapeLine } from './output.js';
import { sparkline } from './sparkline.js';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatPercent,
  formatRatio,
  formatTable,
  formatTime,
  outputWidth,
  shorten,
  wrap,
} from './text.js';

export interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  readonly run: MeasuredRun;
}

/** Symbols listed one by one; more are in --json. */
const LISTED_SYMBOLS = 20;
/** Symbols in the lines of the best and of the worst. */
const EXTREMES = 3;
/** Of a terminal of 80, beside the label. */
const SPARK_WIDTH = 64;
/** In a table of symbols. */
const CELL_SPARK_WIDTH = 12;
const DRAWN = ['equity', 'underwater'];
const TREND_NAMES = new Map([
  [1, 'up'],
  [0, 'flat'],
  [-1, 'down'],
]);

/** Rows below which the memory of Node and of the code is most of what a run takes. */
const SMALL_ROWS = 300_000;

/** A line of each equity, where there is a terminal to draw it on. */
interface DrawnPaths {
  /** By symbol. */
  readonly paths?: ReadonlyMap<string, EquityPath>;
  /** Of all symbols as one account. */
  readonly all?: Line;
}
interface Line {
  readonly equity: readonly (number | null)[];
  readonly drawdown: readonly (number | null)[];
}

export function reportOf(run: MeasuredRun, { paths, all }: DrawnPaths = {}): string {
  const table = storageTable([{ name: run.result.storage.layout, flags: [], run }], 0);
  const { symbols } = run.result;
  const whole = all ?? (symbols.length === 1 ? paths?.get(symbols[0].symbol) : undefined);
  const lines = whole === undefined || whole.equity.length === 0 ? [] : ['', sparklines(whole)];
  return [table, ...versionLine(run), '', resultTable(run, paths), ...lines].join('\n');
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
    `${formatNumber(rows, 'row')} are a small history: there is too little to save, and opening files costs more ` +
    'than it gains. The difference begins at some hundred thousand rows.';
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

const HEADER = 'symbol,from,to,signal,trend,return,drawdown,sharpe,trades,b&h return,b&h drawdown'.split(',');

function resultTable({ result }: MeasuredRun, paths?: ReadonlyMap<string, EquityPath>): string {
  const listed = result.symbols.slice(0, LISTED_SYMBOLS);
  // Of one symbol the lines are wider, below the table.
  const drawn = result.symbols.length > 1 && paths !== undefined && paths.size > 0 ? paths : undefined;
  const rows = listed.map(({ symbol, firstMs, lastMs, summary, trading }) => [
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
    ...(drawn === undefined ? [] : cellsOf(drawn.get(symbol))),
  ]);
  const header = drawn === undefined ? HEADER : [...HEADER, ...DRAWN];
  const signed = signedCells(header, rows, ['return', 'sharpe', 'b&h return']);
  const table = formatTable(header, rows, undefined, (row, column) =>
    header[column] === 'underwater' ? 'loss' : signed(row, column),
  );
  const left = result.symbols.length - rows.length;
  const more = left > 0 ? [`and ${formatNumber(left, 'more symbol')} (--json lists them all)`] : [];
  const short = result.skipped.map(
    ({ symbol, rows, needed }) => `skipped ${escapeLine(symbol)}: ${formatNumber(rows, 'row')}, ${needed} are needed`,
  );
  return [table, ...more, ...extremes(result.symbols), ...short.slice(0, LISTED_SYMBOLS)].join('\n');
}

/** The best and the worst symbols by their return; none of a few, which can be seen at once. */
function extremes(symbols: MeasuredRun['result']['symbols']): string[] {
  if (symbols.length < EXTREMES * 2) return [];
  const ranked = symbols.toSorted((a, b) => b.trading.totalReturn - a.trading.totalReturn);
  const line = (label: string, some: typeof ranked) => {
    const indent = ' '.repeat(label.length + 2);
    const plain = some.map(({ symbol, trading: { totalReturn } }) => {
      const figure = formatPercent(totalReturn);
      return { figure, name: shorten(escapeLine(symbol), outputWidth() - indent.length - figure.length - 2) };
    });
    const long = plain.reduce((sum, { name, figure }) => sum + name.length + figure.length + 3, indent.length - 2);
    const parts = plain.map(({ name, figure }, k) => `${name} ${paint(figure, signTone(some[k].trading.totalReturn))}`);
    return `${label}  ${parts.join(long > outputWidth() ? `,\n${indent}` : ', ')}`;
  };
  return ['', line('best ', ranked.slice(0, EXTREMES)), line('worst', ranked.slice(-EXTREMES).reverse())];
}

function cellsOf({ equity, drawdown }: EquityPath = { equity: [], drawdown: [] }): string[] {
  const lows = drawdown.map((value) => -value);
  return [sparkline(equity, CELL_SPARK_WIDTH), sparkline(lows, CELL_SPARK_WIDTH)];
}

/** Equity and drawdown over time, each in one line. */
function sparklines({ equity, drawdown }: Line): string {
  const lows = drawdown.map((value) => (value === null ? null : -value));
  return [
    `equity    ${sparkline(equity, SPARK_WIDTH)}`,
    `drawdown  ${paint(sparkline(lows, SPARK_WIDTH), 'loss')}`,
  ].join('\n');
}
