/**
 * The data of a page: what `reportData` has, written shorter. Times are steps of their greatest common unit, numbers of
 * lines and trades have as many digits as can be seen (figures stay whole), trades are rows. `page/data.js` reads it.
 */
import type { Curve } from './curve.js';
import type { ReportData } from './report-data.js';
import type { Trade } from './trades.js';

const DIGITS = 6;

export function pageData(data: ReportData): unknown {
  const starts = data.symbols.flatMap(({ firstMs }) => firstMs ?? []);
  const ends = data.symbols.flatMap(({ lastMs }) => lastMs ?? []);
  return {
    ...data,
    firstMs: starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b)),
    lastMs: ends.length === 0 ? null : ends.reduce((a, b) => Math.max(a, b)),
    all: data.symbols.length === 1 ? null : { ...data.all, curve: curveOf(data.all.curve) },
    symbols: data.symbols.map((one) => ({ ...one, curve: curveOf(one.curve), trades: one.trades.map(rowOf) })),
  };
}

/** JSON that a script element can hold: no `<`, nothing that ends a line in old engines. Still JSON. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function curveOf({ barsPerPoint, timeMs, ...lines }: Curve): unknown {
  const gaps = timeMs.map((ms, k) => (k === 0 ? ms : ms - timeMs[k - 1]));
  const unit = gaps.reduce(divisor, 0) || 1;
  const { drawdown, ...others } = lines;
  // Of single bars the page computes the drawdown itself; the extremes of many do not determine it.
  const shown = barsPerPoint === 1 ? others : { ...others, drawdown };
  return {
    barsPerPoint,
    unit,
    steps: gaps.map((gap) => gap / unit),
    ...Object.fromEntries(
      Object.entries(shown)
        .filter(([, values]) => values.some((value) => value !== null))
        .map(([name, values]) => [name, values.map(short)]),
    ),
  };
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function short(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(DIGITS));
}

/** `[1: long + 2: open, entryMs, exitMs, entryPrice, exitPrice, bars, return, mae, mfe, costs]` */
function rowOf(trade: Trade): (number | null)[] {
  const { entryMs, exitMs, entryPrice, exitPrice, bars } = trade;
  const flags = (trade.side === 'long' ? 1 : 0) + (trade.open ? 2 : 0);
  const shares = [trade.return, trade.mae, trade.mfe, trade.costs].map(short);
  return [flags, entryMs, exitMs, short(entryPrice), short(exitPrice), bars, ...shares];
}
