/** One equity with everything that a report says of it. */
import { power } from '../backtest/deterministic-math.js';
import { type Drawdown, Drawdowns } from './drawdowns.js';
import { MonthEnds } from './periods.js';
import { momentsOf, NumberList, tailOf } from './returns.js';
import { figure } from './trades.js';

export const YEAR_MS = 365.25 * 24 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Figures of one equity; docs/statistics.md defines each. Shares: 0.01 is 1 %. null where there is no such number. */
export interface AccountStatistics {
  /** Last equity over the first, minus 1. */
  readonly totalReturn: number;
  /** Compound growth per year of 365.25 days. */
  readonly cagr: number | null;
  /** Of the returns per bar, a year. */
  readonly volatility: number | null;
  /** Mean over standard deviation of the returns per bar, a year; no risk-free rate. */
  readonly sharpe: number | null;
  /** As `sharpe`, over the root mean square of the losses. */
  readonly sortino: number | null;
  /** `cagr` over `maxDrawdown`. */
  readonly calmar: number | null;
  /** 0 to 1. */
  readonly maxDrawdown: number;
  /** Mean depth of all drawdowns. */
  readonly averageDrawdown: number | null;
  /** From a high to its recovery, or to the last bar. */
  readonly longestDrawdownMs: number;
  /** Mean of the same. */
  readonly averageDrawdownMs: number | null;
  /** Share of the bars with a position. */
  readonly exposure: number;
  /** Traded value in multiples of the equity. */
  readonly turnover: number;
  /** Third standardised moment of the returns. */
  readonly skewness: number | null;
  /** Above that of a normal distribution. */
  readonly kurtosis: number | null;
  /** 95 %, one bar, a loss is positive. */
  readonly valueAtRisk: number | null;
  /** Mean loss of the bars at or beyond the value at risk. */
  readonly conditionalValueAtRisk: number | null;
  /** Highest return of a bar. */
  readonly bestBar: number | null;
  /** Lowest return of a bar. */
  readonly worstBar: number | null;
  /** The ten deepest, deepest first. */
  readonly drawdowns: readonly Drawdown[];
}

/** Starts at 1; lost to 0 it stays there. Eight bytes a bar until it is let go. */
export class Account {
  value = 1;
  readonly returns = new NumberList();
  readonly months = new MonthEnds();
  readonly #drawdowns = new Drawdowns();

  /** The bar at which it starts. Costs of a first position are its first return; without costs it has none. */
  open(timeMs: number, factor: number): void {
    this.mark(timeMs);
    if (factor !== 1) this.grow(timeMs, factor);
  }

  /** Share below the highest value so far, 0 to 1. */
  get drawdown(): number {
    return this.#drawdowns.now;
  }

  /** One return; `wanted` is value after over value before. More than everything cannot be lost. */
  grow(timeMs: number, wanted: number): void {
    const factor = this.value === 0 ? 1 : Math.max(wanted, 0);
    this.value *= factor;
    this.returns.push(factor - 1);
    this.mark(timeMs);
  }

  /** Its value at a bar. */
  mark(timeMs: number): void {
    this.#drawdowns.push(timeMs, this.value);
    this.months.push(timeMs, this.value);
  }

  /** `bars`: returns of prices within `spanMs`, which is what a year is measured by. */
  statistics(bars: number, spanMs: number, exposure: number, turnover: number): AccountStatistics {
    const returns = this.returns.values;
    const years = spanMs / YEAR_MS;
    const perYear = Math.sqrt(bars / years);
    const { mean, deviation, downside, skewness, kurtosis } = momentsOf(returns);
    const { valueAtRisk, expectedShortfall } = tailOf(returns);
    const { worst, maximum, average, averageMs, longestMs } = this.#drawdowns.summary();
    const cagr = spanMs >= DAY_MS && this.value > 0 ? power(this.value, 1 / years) - 1 : Number.NaN;
    return {
      totalReturn: this.value - 1,
      cagr: figure(cagr),
      volatility: figure(deviation * perYear),
      sharpe: deviation > 0 ? figure((mean / deviation) * perYear) : null,
      sortino: downside > 0 ? figure((mean / downside) * perYear) : null,
      calmar: maximum > 0 ? figure(cagr / maximum) : null,
      maxDrawdown: maximum,
      averageDrawdown: figure(average),
      longestDrawdownMs: longestMs,
      averageDrawdownMs: figure(averageMs),
      exposure,
      turnover,
      skewness: figure(skewness),
      kurtosis: figure(kurtosis),
      valueAtRisk: figure(valueAtRisk),
      conditionalValueAtRisk: figure(expectedShortfall),
      bestBar: figure(returns.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)),
      worstBar: figure(returns.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)),
      drawdowns: worst,
    };
  }
}
