/**
 * What a report needs of one symbol, bar by bar. The rule of trading is that of `TradingAccount` (docs/backtest.md).
 */
import { barReturn } from '../backtest/closes.js';
import { Account, type AccountStatistics } from './account.js';
import { type Curve, CurveBuilder } from './curve.js';
import type { PeriodReturn } from './periods.js';
import { type Histogram, histogramOf } from './returns.js';
import { SeriesRows } from './series-rows.js';
import { type Trade, TradeFigures, TradeLog, type TradeStatistics } from './trades.js';

/** The signal as it is, its longs alone, its shorts alone. */
export const SIDES = ['all', 'long', 'short'] as const;
export type ReportSide = (typeof SIDES)[number];

/** Figures of the equity and of the trades of a side. */
export interface SideStatistics extends AccountStatistics, TradeStatistics {}

/** Everything that is computed of one symbol, or of all together. */
export interface ReportFigures {
  /** The signal as it is. */
  readonly all: SideStatistics;
  /** As if its shorts had not been traded. */
  readonly long: SideStatistics;
  /** As if its longs had not been traded. */
  readonly short: SideStatistics;
  /** One long position from the first price to the last, no costs. */
  readonly buyAndHold: AccountStatistics;
}

/** Figures of one symbol, its lines and its trades. */
export interface SymbolReport {
  /** For all, long, short and buy-and-hold. */
  readonly statistics: ReportFigures;
  /** Lines over time. */
  readonly curve: Curve;
  /** The latest ones, oldest first. */
  readonly trades: readonly Trade[];
  /** Earlier trades that are in the figures and not in the list. */
  readonly tradesLeftOut: number;
  /** Calendar months, UTC, oldest first. */
  readonly months: readonly PeriodReturn[];
  /** Calendar years, UTC, oldest first. */
  readonly years: readonly PeriodReturn[];
  /** Of the returns per bar. */
  readonly returns: Histogram;
}

/** One of SIDES while it is collected. */
export interface SideState {
  readonly account: Account;
  readonly trades: TradeFigures;
  position: number;
  bars: number;
  turnover: number;
}

const allowed: Readonly<Record<ReportSide, (position: number) => number>> = {
  all: (position) => position,
  long: (position) => Math.max(position, 0),
  short: (position) => Math.min(position, 0),
};

export function newSide(): SideState {
  return { account: new Account(), trades: new TradeFigures(), position: 0, bars: 0, turnover: 0 };
}

export class SymbolRecord {
  readonly sides: Record<ReportSide, SideState> = { all: newSide(), long: newSide(), short: newSide() };
  held = new Account();
  /** Lines over time. */
  readonly curve: CurveBuilder;
  /** Every bar, for the page. */
  readonly series = new SeriesRows();
  trades: Trade[] = [];
  tradesLeftOut = 0;
  firstMs = Number.NaN;
  lastMs = Number.NaN;
  bars = 0;
  #price = Number.NaN;
  readonly #log: TradeLog;

  constructor(
    readonly symbol: string,
    readonly costRate: number,
    points: number,
    readonly mostTrades: number,
  ) {
    this.curve = new CurveBuilder(points);
    this.#log = new TradeLog(symbol, costRate, (trade) => {
      this.sides.all.trades.push(trade);
      this.sides[trade.side].trades.push(trade);
      this.trades.push(trade);
      if (this.trades.length >= this.mostTrades * 2) this.trimTrades(this.mostTrades);
    });
  }

  /** Retains the latest `most`. */
  trimTrades(most: number): void {
    const over = this.trades.length - most;
    if (over <= 0) return;
    this.trades.splice(0, over);
    this.tradesLeftOut += over;
  }

  bar(timeMs: number, close: number, signal: number): void {
    if (Number.isNaN(close)) return;
    const wanted = signal > 0 ? 1 : signal < 0 ? -1 : 0;
    const isFirst = Number.isNaN(this.#price);
    const rate = isFirst ? 0 : barReturn(this.#price, close);
    if (isFirst) this.firstMs = timeMs;
    else this.bars += 1;
    for (const side of SIDES) this.#trade(this.sides[side], allowed[side](wanted), timeMs, isFirst ? undefined : rate);
    if (isFirst) this.held.open(timeMs, 1);
    else this.held.grow(timeMs, 1 + rate);
    this.#log.bar(timeMs, close, rate, wanted);
    const { account } = this.sides.all;
    this.curve.push(timeMs, [close, account.value, this.held.value, account.drawdown, signal]);
    this.series.push(timeMs, close, signal);
    this.#price = close;
    this.lastMs = timeMs;
  }

  #trade(side: SideState, position: number, timeMs: number, rate: number | undefined): void {
    const traded = Math.abs(position - side.position);
    const kept = 1 - traded * this.costRate;
    if (rate === undefined) side.account.open(timeMs, kept);
    else {
      side.account.grow(timeMs, (1 + side.position * rate) * kept);
      if (side.position !== 0) side.bars += 1;
    }
    side.turnover += traded;
    side.position = position;
  }

  /** Lets go of the returns of every bar. After `finish`. */
  release(): void {
    for (const side of SIDES) this.sides[side] = newSide();
    this.held = new Account();
  }

  finish(): { readonly statistics: ReportFigures; readonly returns: Histogram } {
    this.#log.finish();
    this.trimTrades(this.mostTrades);
    return figuresOf(this.sides, this.held, this.bars, this.lastMs - this.firstMs);
  }
}

/** `bars`: returns of prices within `spanMs`. */
export function figuresOf(
  sides: Readonly<Record<ReportSide, SideState>>,
  held: Account,
  bars: number,
  spanMs: number,
): { readonly statistics: ReportFigures; readonly returns: Histogram } {
  const of = ({ account, trades, bars: inPosition, turnover }: SideState): SideStatistics => ({
    ...account.statistics(bars, spanMs, bars === 0 ? 0 : inPosition / bars, turnover),
    ...trades.statistics(),
  });
  const always = bars === 0 ? 0 : 1;
  return {
    statistics: {
      all: of(sides.all),
      long: of(sides.long),
      short: of(sides.short),
      buyAndHold: held.statistics(bars, spanMs, always, always),
    },
    returns: histogramOf(sides.all.account.returns.values),
  };
}
