/** Positions from their opening to their end, and the figures of many of them. */
import { meanOf, momentsOf, NumberList, sumOf } from './returns.js';

/** Which way a position is. */
export type TradeSide = 'long' | 'short';

/** One position from its opening to its end. Returns are shares: 0.01 is 1 %. */
export interface Trade {
  /** As the dataset spells it. */
  readonly symbol: string;
  /** What was held. */
  readonly side: TradeSide;
  /** Close at which it was opened, UTC ms of that bar. */
  readonly entryMs: number;
  /** Close at which it ended; the last bar where it is still open. */
  readonly exitMs: number;
  /** Close of the entry. */
  readonly entryPrice: number;
  /** Close of the exit. */
  readonly exitPrice: number;
  /** Bars it was held. */
  readonly bars: number;
  /** What it made of the equity, after its own costs, minus 1. */
  readonly return: number;
  /** Maximum adverse excursion: the lowest return before costs at any close while it was held, 0 or below. */
  readonly mae: number;
  /** Maximum favourable excursion: the highest, 0 or above. */
  readonly mfe: number;
  /** Share lost to fees and slippage: the return before costs minus `return`. */
  readonly costs: number;
  /** Held at the last bar: valued there, no costs of an exit. */
  readonly open: boolean;
}

/** Figures of all trades of a side; null where there is nothing to compute them of. */
export interface TradeStatistics {
  /** Positions opened. */
  readonly trades: number;
  /** Share of the trades with a return above 0. */
  readonly winRate: number | null;
  /** Geometric mean of the returns; -1 where one of them lost everything. */
  readonly averageTrade: number | null;
  /** Highest return. */
  readonly bestTrade: number | null;
  /** Lowest return. */
  readonly worstTrade: number | null;
  /** Mean time from entry to exit. */
  readonly averageTradeMs: number | null;
  /** Longest time from entry to exit. */
  readonly longestTradeMs: number | null;
  /** Mean number of bars held. */
  readonly averageTradeBars: number | null;
  /** Sum of the returns above 0 over that of those below, without its sign; null without a loss. */
  readonly profitFactor: number | null;
  /** Arithmetic mean of the returns. */
  readonly expectancy: number | null;
  /** System quality number: mean over standard deviation (n - 1) times the root of the number of trades. */
  readonly sqn: number | null;
  /** Kelly share: win rate - (1 - win rate) / (average win / average loss). */
  readonly kelly: number | null;
}

/** NaN and infinity as null: both are missing in JSON. */
export function figure(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Returns and durations of any number of trades, 24 bytes each. */
export class TradeFigures {
  readonly returns = new NumberList();
  readonly durations = new NumberList();
  readonly bars = new NumberList();

  push(trade: Pick<Trade, 'return' | 'entryMs' | 'exitMs' | 'bars'>): void {
    this.returns.push(trade.return);
    this.durations.push(trade.exitMs - trade.entryMs);
    this.bars.push(trade.bars);
  }

  pushAll(others: TradeFigures): void {
    for (const list of ['returns', 'durations', 'bars'] as const) {
      for (const value of others[list].values) this[list].push(value);
    }
  }

  statistics(): TradeStatistics {
    const returns = this.returns.values;
    const trades = returns.length;
    const wins = returns.filter((one) => one > 0);
    const losses = returns.filter((one) => one < 0);
    const { mean, deviation } = momentsOf(returns);
    const winRate = wins.length / trades;
    const worst = returns.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return {
      trades,
      winRate: figure(winRate),
      averageTrade: worst > -1 ? figure(Math.expm1(sumOf(returns, Math.log1p) / trades)) : figure(Math.max(worst, -1)),
      bestTrade: figure(returns.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)),
      worstTrade: figure(worst),
      averageTradeMs: figure(meanOf(this.durations.values)),
      longestTradeMs: figure(this.durations.values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)),
      averageTradeBars: figure(meanOf(this.bars.values)),
      profitFactor: losses.length === 0 ? null : figure(sumOf(wins) / -sumOf(losses)),
      expectancy: figure(mean),
      sqn: deviation > 0 ? figure((mean / deviation) * Math.sqrt(trades)) : null,
      kelly: figure(winRate - (1 - winRate) / (meanOf(wins) / -meanOf(losses))),
    };
  }
}

/** The trades of one symbol, bar by bar. `onTrade` is called as each ends. */
export class TradeLog {
  #side = 0;
  #entryMs = 0;
  #entryPrice = 0;
  #bars = 0;
  #gross = 1;
  #lowest = 1;
  #highest = 1;
  #lastMs = 0;
  #lastPrice = 0;

  constructor(
    readonly symbol: string,
    readonly costRate: number,
    readonly onTrade: (trade: Trade) => void,
  ) {}

  /** `rate`: return of the bar; `position`: wanted from its close on, -1, 0 or 1. */
  bar(timeMs: number, price: number, rate: number, position: number): void {
    this.#lastMs = timeMs;
    this.#lastPrice = price;
    if (this.#side !== 0) {
      this.#bars += 1;
      this.#gross *= Math.max(1 + this.#side * rate, 0);
      this.#lowest = Math.min(this.#lowest, this.#gross);
      this.#highest = Math.max(this.#highest, this.#gross);
    }
    if (position === this.#side) return;
    if (this.#side !== 0) this.onTrade(this.#ended(false));
    this.#side = position;
    this.#entryMs = timeMs;
    this.#entryPrice = price;
    this.#bars = 0;
    this.#gross = this.#lowest = this.#highest = 1;
  }

  /** After the last bar. */
  finish(): void {
    if (this.#side !== 0) this.onTrade(this.#ended(true));
    this.#side = 0;
  }

  #ended(open: boolean): Trade {
    // Fee and slippage may be more than everything together; what is left is not below nothing.
    const kept = Math.max(1 - this.costRate, 0);
    const net = this.#gross * kept * (open ? 1 : kept);
    return {
      symbol: this.symbol,
      side: this.#side > 0 ? 'long' : 'short',
      entryMs: this.#entryMs,
      exitMs: this.#lastMs,
      entryPrice: this.#entryPrice,
      exitPrice: this.#lastPrice,
      bars: this.#bars,
      return: net - 1,
      mae: this.#lowest - 1,
      mfe: this.#highest - 1,
      costs: this.#gross - net,
      open,
    };
  }
}
