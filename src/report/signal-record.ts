/**
 * The account of one symbol out of closed signals, each with what it made of the money in it: every signal is taken
 * with the whole account, one after the other in the order in which they end, valued when one ends.
 */
import { barReturn } from '../backtest/closes.js';
import { Account } from './account.js';
import { CurveBuilder } from './curve.js';
import { NumberList } from './returns.js';
import { type PackedSeries, packSeries } from './series.js';
import type { SignalResult } from './signal-results.js';
import { figuresOf, newSide, SIDES, type SymbolReport } from './symbol-record.js';
import type { Trade } from './trades.js';

const MOST_POINTS = 6144;
const MINUTE_MS = 60_000;

export class SignalRecord {
  readonly sides = { all: newSide(), long: newSide(), short: newSide() };
  readonly held = new Account();
  readonly trades: Trade[] = [];
  readonly firstMs: number;
  lastMs: number;
  readonly #curve = new CurveBuilder(MOST_POINTS);
  readonly #lines = {
    timeMs: new NumberList(),
    price: new NumberList(),
    equity: new NumberList(),
    held: new NumberList(),
  };
  #price: number;
  readonly #heldMs = { all: 0, long: 0, short: 0 };

  /** `first`: the one that is opened first. */
  constructor(
    readonly symbol: string,
    first: SignalResult,
  ) {
    this.firstMs = this.lastMs = first.signal.pendingAt;
    this.#price = first.signal.priceOpen;
    for (const side of SIDES) this.sides[side].account.open(this.firstMs, 1);
    this.held.open(this.firstMs, 1);
    this.#point();
  }

  /** In the order of `closeTimestamp`. */
  add(one: SignalResult): void {
    const trade = tradeOf(one);
    this.trades.push(trade);
    this.held.grow(trade.exitMs, 1 + barReturn(this.#price, one.currentPrice));
    for (const side of SIDES) {
      const state = this.sides[side];
      const isIn = side === 'all' || side === trade.side;
      state.account.grow(trade.exitMs, isIn ? 1 + trade.return : 1);
      if (!isIn) continue;
      state.trades.push(trade);
      state.turnover += 2;
      this.#heldMs[side] += trade.exitMs - trade.entryMs;
    }
    this.#price = one.currentPrice;
    this.lastMs = trade.exitMs;
    this.#point();
  }

  #point(): void {
    const { account } = this.sides.all;
    this.#curve.push(this.lastMs, [this.#price, account.value, this.held.value, account.drawdown, Number.NaN]);
    this.#lines.timeMs.push(this.lastMs);
    this.#lines.price.push(this.#price);
    this.#lines.equity.push(account.value);
    this.#lines.held.push(this.held.value);
  }

  series(): PackedSeries {
    return packSeries(Object.fromEntries(Object.entries(this.#lines).map(([name, { values }]) => [name, values])));
  }

  /** Exposure is the share of the time with a signal; where signals overlap it ends at 1. */
  report(): SymbolReport {
    const spanMs = this.lastMs - this.firstMs;
    const bars = this.trades.length;
    for (const side of SIDES) {
      this.sides[side].bars = spanMs === 0 ? 0 : Math.min(1, this.#heldMs[side] / spanMs) * bars;
    }
    const { months } = this.sides.all.account;
    return {
      ...figuresOf(this.sides, this.held, bars, spanMs),
      curve: this.#curve.curve(),
      trades: this.trades,
      tradesLeftOut: 0,
      months: months.months(),
      years: months.years(),
    };
  }
}

function tradeOf({ symbol, signal, currentPrice, closeTimestamp, pnl }: SignalResult): Trade {
  const made = pnl.pnlPercentage / 100;
  const { position, pendingAt, priceOpen, maxDrawdown, peakProfit } = signal;
  const direction = position === 'long' ? 1 : -1;
  const gross = direction * barReturn(priceOpen, currentPrice);
  // Leverage, several entries and partial closes are in what was made, not in the two prices.
  const isPlain =
    (signal.multiplier ?? 1) === 1 && (signal.totalEntries ?? 1) === 1 && (signal.totalPartials ?? 0) === 0;
  return {
    symbol,
    side: position,
    entryMs: pendingAt,
    exitMs: closeTimestamp,
    entryPrice: priceOpen,
    exitPrice: currentPrice,
    bars: Math.round((closeTimestamp - pendingAt) / MINUTE_MS),
    return: made,
    mae: Math.min(0, made, (maxDrawdown?.pnlPercentage ?? 0) / 100),
    mfe: Math.max(0, made, (peakProfit?.pnlPercentage ?? 0) / 100),
    costs: isPlain ? Math.max(0, gross - made) : 0,
    open: false,
  };
}
