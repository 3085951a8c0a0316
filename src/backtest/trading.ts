/**
 * What a signal would have earned. Rule: at the close of a bar the sign of the signal is the position (+1 long, 0 flat,
 * -1 short) held until the next close; no look-ahead. A bar without a price (NaN) is passed over: the position of the
 * last priced bar is held across the gap. Costs are a share of what is traded, paid at the close at which the position
 * changes.
 */
import { requireOptions, timeProblem } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { secondsProblem } from '../formats/row-times.js';
import { barReturn, type PriceFault, requireReturns } from './closes.js';
import { power } from './deterministic-math.js';
import { Equity } from './equity.js';

/**
 * What a change of position costs, as shares of the traded value (0.001 is 0.1 %). Turning from long to short trades
 * twice the value.
 */
export interface TradingCosts {
  /** Paid to the exchange, 0 or more. Default 0. */
  readonly fee?: number;
  /** Lost by trading at a worse price than the close, 0 or more. Default 0. */
  readonly slippage?: number;
}

/** Figures of one equity curve. */
export interface EquityStatistics {
  /** Equity at the end divided by equity at the start, minus 1. */
  readonly totalReturn: number;
  /** Compound growth per year of 365.25 days; NaN over less than a day or after a total loss. */
  readonly cagr: number;
  /** Largest fall from a previous high of the equity, 0 to 1. */
  readonly maxDrawdown: number;
  /**
   * Mean return per bar over its standard deviation, times the root of the bars per year; no risk-free rate. NaN
   * without variation.
   */
  readonly sharpe: number;
}

export interface TradingStatistics extends EquityStatistics {
  /** Positions opened: from flat, or turned round. */
  readonly trades: number;
  /** Share of the bars with a position, 0 to 1. */
  readonly exposure: number;
  /** Traded value in multiples of the equity, over the whole history: in and out once is 2. */
  readonly turnover: number;
  /** The same figures for one long position from the first price to the last, without costs. */
  readonly buyAndHold: EquityStatistics;
}

const YEAR_MS = 365.25 * 24 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Trades the sign of a signal bar by bar, in constant memory; docs/backtest.md defines the figures. */
export class TradingAccount {
  readonly #trades: TradedSignal;
  #firstMs = Number.NaN;
  #lastMs = Number.NaN;
  /** Of the last bar, priced or not. */
  #latestMs = Number.NEGATIVE_INFINITY;

  /** Throws ARGUMENT for costs outside [0, 1). */
  constructor(costs?: TradingCosts) {
    this.#trades = new TradedSignal(costs);
  }

  /**
   * Bars in order; any number of calls. `times` are UTC ms.
   *
   * @throws AtcError ARGUMENT, and the account is as before, for arrays of different lengths, times that go back or are
   * not UTC ms, signals that are no numbers, and for closes that give no finite return: an infinite one, or one after a
   * close of 0. Negative closes are traded: the return is a share of |previous close|.
   */
  push(times: ArrayLike<number>, closes: ArrayLike<number>, signals: ArrayLike<number>): void {
    requireBars(times, closes, signals);
    requireTimes(times, this.#latestMs);
    requireSignals(signals);
    const trades = this.#trades;
    const before = trades.rows;
    trades.push(closes, signals);
    if (times.length > 0) this.#latestMs = times[times.length - 1];
    if (trades.firstPriced >= before) this.#firstMs = times[trades.firstPriced - before];
    if (trades.lastPriced >= before) this.#lastMs = times[trades.lastPriced - before];
  }

  /** The figures so far; may be asked for between bars. */
  statistics(): TradingStatistics {
    return this.#trades.statistics(this.#firstMs, this.#lastMs);
  }
}

/** What each bar multiplies the equity by, and that of holding. */
interface Steps {
  readonly own: Float64Array;
  readonly held: Float64Array;
}

/** Bars that are traded at once. */
const CHUNK_BARS = 1024;

let spareSteps: Steps | undefined;

/** The same without times: only two of them matter, and a caller that holds the bars can look them up at the end. */
export class TradedSignal {
  /** Bars so far. */
  rows = 0;
  /** Of the bars so far the first and the last with a price; NaN before there is one. */
  firstPriced = Number.NaN;
  lastPriced = Number.NaN;
  readonly #own = new Equity();
  readonly #held = new Equity();
  readonly #costRate: number;
  #price = Number.NaN;
  #position = 0;
  #trades = 0;
  #bars = 0;
  #barsInPosition = 0;
  #turnover = 0;
  readonly #fault: PriceFault;

  /** Throws ARGUMENT for costs outside [0, 1). `fault` is the code of errors about closes. */
  constructor(costs: TradingCosts = {}, fault: PriceFault = 'ARGUMENT') {
    this.#fault = fault;

    requireOptions(costs, 'TradingAccount');
    this.#costRate = costRateOf(costs);
  }

  /** Bars in order; any number of calls. Throws before any of them is traded where a close gives no finite return. */
  push(closes: ArrayLike<number>, signals: ArrayLike<number>): void {
    requireReturns(closes, this.#price, this.rows, this.#fault);
    // Taken away meanwhile: a list of a caller's own may trade another signal when it is read.
    const steps = spareSteps ?? { own: new Float64Array(CHUNK_BARS), held: new Float64Array(CHUNK_BARS) };
    spareSteps = undefined;
    for (let from = 0; from < closes.length; from += CHUNK_BARS) {
      this.#trade(closes, signals, from, Math.min(from + CHUNK_BARS, closes.length), steps);
    }
    spareSteps = steps;
    this.rows += closes.length;
  }

  /** The hot loop: what a bar multiplies the equities by first, so that every state is in local variables. */
  #trade(closes: ArrayLike<number>, signals: ArrayLike<number>, from: number, to: number, steps: Steps): void {
    const { own, held } = steps;
    const costRate = this.#costRate;
    let price = this.#price;
    let position = this.#position;
    let trades = this.#trades;
    let turnover = this.#turnover;
    let barsInPosition = 0;
    let last = -1;
    let ownSteps = 0;
    let bars = 0;
    for (let i = from; i < to; i += 1) {
      const close = closes[i];
      if (Number.isNaN(close)) continue;
      const signal = signals[i];
      const wanted = signal > 0 ? 1 : signal < 0 ? -1 : 0;
      const traded = Math.abs(wanted - position);
      if (Number.isNaN(price)) {
        this.firstPriced = this.rows + i;
        if (traded * costRate > 0) own[ownSteps++] = 1 - traded * costRate;
      } else {
        const rate = barReturn(price, close);
        own[ownSteps++] = (1 + position * rate) * (1 - traded * costRate);
        held[bars++] = 1 + rate;
        if (position !== 0) barsInPosition += 1;
      }
      price = close;
      last = i;
      turnover += traded;
      if (wanted !== 0 && traded !== 0) trades += 1;
      position = wanted;
    }
    this.#own.growAll(own, ownSteps);
    this.#held.growAll(held, bars);
    this.#price = price;
    this.#position = position;
    this.#trades = trades;
    this.#turnover = turnover;
    this.#bars += bars;
    this.#barsInPosition += barsInPosition;
    if (last >= 0) this.lastPriced = this.rows + last;
  }

  /** The figures so far, when the first and the last priced bar are of these times (UTC ms). */
  statistics(firstMs: number, lastMs: number): TradingStatistics {
    const spanMs = lastMs - firstMs;
    return {
      ...equityFigures(this.#own, this.#bars, spanMs),
      trades: this.#trades,
      exposure: this.#bars === 0 ? 0 : this.#barsInPosition / this.#bars,
      turnover: this.#turnover,
      buyAndHold: equityFigures(this.#held, this.#bars, spanMs),
    };
  }
}

/** Share of the traded value that a change of position costs. Throws ARGUMENT for costs outside [0, 1). */
export function costRateOf({ fee = 0, slippage = 0 }: TradingCosts = {}): number {
  for (const [name, share] of Object.entries({ fee, slippage })) {
    if (typeof share !== 'number' || !(share >= 0 && share < 1)) {
      throw new AtcError('ARGUMENT', `${name} must be a share from 0 up to 1 (0.001 is 0.1 %), got ${shown(share)}`, {
        key: name,
      });
    }
  }
  return fee + slippage;
}

/** Figures of an equity over `bars` returns within `spanMs`. */
export function equityFigures(
  equity: Pick<Equity, 'value' | 'maxDrawdown' | 'sharpe'>,
  bars: number,
  spanMs: number,
): EquityStatistics {
  const years = spanMs / YEAR_MS;
  return {
    totalReturn: equity.value - 1,
    cagr: spanMs >= DAY_MS && equity.value > 0 ? power(equity.value, 1 / years) - 1 : Number.NaN,
    maxDrawdown: equity.maxDrawdown,
    sharpe: equity.sharpe(bars / years),
  };
}

function requireBars(times: unknown, closes: unknown, signals: unknown): void {
  const lengths = Object.entries({ times, closes, signals }).map(([name, values]) => {
    const length = (values as ArrayLike<number> | null | undefined)?.length;
    if (typeof values === 'object' && Number.isSafeInteger(length)) return length;
    throw new AtcError('ARGUMENT', `${name} must be an array, got ${shown(values)}`);
  });
  if (lengths[0] === lengths[1] && lengths[1] === lengths[2]) return;
  throw new AtcError(
    'ARGUMENT',
    `times, closes and signals must be as long as each other, got ${lengths.join(', ')} values`,
  );
}

function requireTimes(times: ArrayLike<number>, latestMs: number): void {
  let before = latestMs;
  for (let i = 0; i < times.length; i += 1) {
    const time: unknown = times[i];
    const problem = timeProblem(time);
    if (problem !== undefined) throw new AtcError('ARGUMENT', `bar ${i}: ${problem}`);
    if (typeof time !== 'number' || !Number.isFinite(time)) {
      throw new AtcError('ARGUMENT', `time of bar ${i} is ${shown(time)}; allowed: UTC ms as a number`);
    }
    if (time < before) throw new AtcError('ARGUMENT', `time of bar ${i} is ${time} after ${before}; oldest first`);
    before = time;
  }
  const problem = secondsProblem(times);
  if (problem !== undefined) throw new AtcError('ARGUMENT', problem);
}

function requireSignals(signals: ArrayLike<number>): void {
  for (let i = 0; i < signals.length; i += 1) {
    if (typeof signals[i] === 'number') continue;
    throw new AtcError('ARGUMENT', `signal of bar ${i} is ${shown(signals[i])}; allowed: a number, or NaN for none`);
  }
}
