/**
 * The data of a page: what `reportData` has, written shorter. Every bar is packed (`series.ts`), figures stay whole,
 * trades are rows with as many digits as can be seen. `page/data.js` reads it.
 */
import { type Curve, LINES } from './curve.js';
import type { CollectedRows } from './report-rows.js';
import type { ReportData } from './report-shape.js';
import { type PackedSeries, packSeries } from './series.js';
import type { SymbolReport } from './symbol-record.js';
import type { Trade } from './trades.js';

const DIGITS = 6;
/** Symbols above which their figures have no more digits than the page shows: 18 of each would be most of the file. */
const MOST_EXACT = 100;
/** Points of a sparkline, of all of a kind in a page, and what can still be called a line. */
const SPARK_POINTS = 60;
const ALL_SPARK_POINTS = 60_000;
const FEWEST_SPARK_POINTS = 16;

/** `lines`: of the run that `data` is of. `unit`: what a point of a line stands for. */
export function pageData(data: ReportData, lines: Omit<CollectedRows, 'symbols' | 'all'>, unit: 'bars' | 'signals') {
  const { strategy, rows, skipped, symbols, all } = data;
  const starts = symbols.flatMap(({ firstMs }) => firstMs ?? []);
  const ends = symbols.flatMap(({ lastMs }) => lastMs ?? []);
  return {
    kind: 'backtest',
    unit,
    strategy,
    rows,
    skipped,
    costRate: lines.costRate,
    firstMs: starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b)),
    lastMs: ends.length === 0 ? null : ends.reduce((a, b) => Math.max(a, b)),
    all: symbols.length === 1 ? null : { ...figuresOf(all), series: seriesOf(lines.allSeries(), 1) },
    symbols: symbols.map((one) => {
      const packed = lines.series.get(one.symbol);
      return {
        symbol: one.symbol,
        ...(symbols.length > MOST_EXACT ? shortened(figuresOf(one)) : figuresOf(one)),
        series: packed === undefined ? seriesOf(packedCurve(one.curve), one.curve.barsPerPoint) : seriesOf(packed, 1),
        ...(symbols.length === 1 ? {} : sparksOf(one.curve, symbols.length)),
        trades: one.trades.map(rowOf),
        tradesLeftOut: one.tradesLeftOut,
      };
    }),
  };
}

/** Drawdowns are listed for the signal as it is. */
function figuresOf({ statistics, months, years, returns }: Omit<SymbolReport, 'trades' | 'tradesLeftOut'>) {
  const { all, long, short, buyAndHold } = statistics;
  const without = { drawdowns: undefined };
  return {
    statistics: {
      all,
      long: { ...long, ...without },
      short: { ...short, ...without },
      buyAndHold: { ...buyAndHold, ...without },
    },
    months,
    years,
    returns,
  };
}

/** As JSON: bytes in base64. */
export function seriesOf({ length, columns, bytes }: PackedSeries, barsPerPoint: number) {
  return { length, barsPerPoint, columns, bytes: Buffer.from(bytes).toString('base64') };
}

/** The points of a curve, lines without a value left out. */
function packedCurve(curve: Curve): PackedSeries {
  const lines = LINES.filter((name) => curve[name].some((value) => value !== null));
  const numbers = (name: (typeof LINES)[number]) =>
    Float64Array.from(curve[name], (value) => (value === null ? Number.NaN : rounded(value)));
  return packSeries({
    timeMs: Float64Array.from(curve.timeMs),
    ...Object.fromEntries(lines.map((name) => [name, numbers(name)])),
  });
}

/** Lines of the table of symbols: the equity at the end of each part of the history, the deepest fall within it. */
function sparksOf({ equity, drawdown }: Curve, symbols: number) {
  const points = Math.max(FEWEST_SPARK_POINTS, Math.min(SPARK_POINTS, Math.floor(ALL_SPARK_POINTS / symbols)));
  return {
    equity: partsOf(equity, points, (part) => part[part.length - 1]),
    fall: partsOf(drawdown, points, (part) => 0 - part.reduce((a, b) => Math.max(a, b))),
  };
}

/** At most `points` numbers of a line: `of` each of as many parts of equal length. */
export function partsOf(
  line: ArrayLike<number | null>,
  points: number,
  of: (part: readonly number[]) => number,
): number[] {
  const known = Array.from(line).filter((value) => value !== null && Number.isFinite(value)) as number[];
  const parts = Math.min(points, known.length);
  const at = (k: number) => Math.floor((k * known.length) / parts);
  return Array.from({ length: parts }, (_, k) => Number(of(known.slice(at(k), at(k + 1))).toPrecision(4)));
}

/** Plain data with fewer digits; times are whole numbers and stay. */
function shortened<T>(data: T): T {
  const plain = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? rounded(value) : value;
  return JSON.parse(JSON.stringify(data, plain));
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** `[1: long + 2: open, entryMs, exitMs, entryPrice, exitPrice, bars, return, mae, mfe, costs]` */
function rowOf(trade: Trade): number[] {
  const { entryMs, exitMs, entryPrice, exitPrice, bars } = trade;
  const flags = (trade.side === 'long' ? 1 : 0) + (trade.open ? 2 : 0);
  const shares = [trade.return, trade.mae, trade.mfe, trade.costs].map(rounded);
  return [flags, entryMs, exitMs, rounded(entryPrice), rounded(exitPrice), bars, ...shares];
}
