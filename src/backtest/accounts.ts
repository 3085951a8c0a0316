/**
 * Many accounts over the same bars, eight at a time: what a sweep trades its trials with. The figures have the bits of
 * `TradingAccount` fed with each trial's signal alone.
 */
import * as at from './account-layout.js';
import { accountsWasm } from './accounts-wasm.js';
import { barReturn, type PriceFault, requireReturns } from './closes.js';
import { Equity, sharpeOf } from './equity.js';
import { costRateOf, equityFigures, type TradingCosts, type TradingStatistics } from './trading.js';

const RATES = 0;
const POSITIONS = RATES + at.CHUNK * 8;
const GROUPS = POSITIONS + at.CHUNK * at.LANES;

/** Logarithm of an equity that is still far from the smallest double. */
const SMALLEST_LOG = -600;

/** Sums over the returns of one account so far. */
export interface ReturnSums {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

export class Accounts {
  /** Eight bytes a bar, for one group at a time: the position of each of its accounts from that bar's close on. */
  readonly positions: Int8Array;
  readonly groups: number;
  /** Bars so far; of those the first and the last with a price, NaN before there is one. */
  rows = 0;
  firstPriced = Number.NaN;
  lastPriced = Number.NaN;
  readonly #costRate: number;
  readonly #fault: PriceFault;
  readonly #trade: (group: number, count: number) => void;
  readonly #state: Float64Array;
  readonly #rates: Float64Array;
  readonly #lasts: Int8Array;
  readonly #held = new Equity();
  /** What each bar of a chunk makes of an equity that is held. */
  readonly #heldFactors = new Float64Array(at.CHUNK);
  #price = Number.NaN;
  #bars = 0;
  /** Index in the chunk of the first bar that has a price, -1 where it is not in this chunk. */
  #opening = -1;
  #chunk = 0;
  /** Equities above it cannot be lost in this chunk. */
  #leastSteady = Number.POSITIVE_INFINITY;

  /** Throws ARGUMENT for costs outside [0, 1). `fault` is the code of errors about closes. */
  constructor(
    readonly count: number,
    costs?: TradingCosts,
    { fault = 'ARGUMENT', wasm = true }: { readonly fault?: PriceFault; readonly wasm?: boolean } = {},
  ) {
    this.#costRate = costRateOf(costs);
    this.#fault = fault;
    this.groups = Math.ceil(count / at.LANES);
    const lastsAt = GROUPS + this.groups * at.GROUP_BYTES;
    const bytes = lastsAt + this.groups * at.LANES;
    const kernel = wasm ? accountsWasm(bytes) : undefined;
    const memory = kernel?.memory.buffer ?? new ArrayBuffer(bytes);
    this.#rates = new Float64Array(memory, RATES, at.CHUNK);
    this.positions = new Int8Array(memory, POSITIONS, at.CHUNK * at.LANES);
    this.#state = new Float64Array(memory, GROUPS, (this.groups * at.GROUP_BYTES) / 8);
    this.#lasts = new Int8Array(memory, lastsAt, this.groups * at.LANES);
    for (let account = 0; account < this.groups * at.LANES; account++) {
      this.#put(account, at.VALUE, 1);
      this.#put(account, at.PEAK, 1);
    }
    this.#trade =
      kernel === undefined
        ? (group, bars) => this.#tradeHere(group, bars)
        : (group, bars) => {
            const last = lastsAt + group * at.LANES;
            const trade = this.#isSteady(group) ? kernel.tradeSteady : kernel.trade;
            trade(GROUPS + group * at.GROUP_BYTES, RATES, POSITIONS, last, bars, this.#costRate);
          };
  }

  /** Bars that every group is traded over next, at most CHUNK. Throws before anything is traded. */
  begin(closes: Float64Array): void {
    requireReturns(closes, this.#price, this.rows, this.#fault);
    this.#opening = -1;
    const [rates, held] = [this.#rates, this.#heldFactors];
    let bars = 0;
    let price = this.#price;
    let last = Number.NaN;
    let largest = 0;
    for (let bar = 0; bar < closes.length; bar++) {
      const close = closes[bar];
      rates[bar] = Number.NaN;
      if (Number.isNaN(close)) continue;
      if (Number.isNaN(price)) {
        this.firstPriced = this.rows + bar;
        this.#opening = bar;
      } else {
        const rate = barReturn(price, close);
        rates[bar] = rate;
        const size = rate < 0 ? -rate : rate;
        if (size > largest) largest = size;
        held[bars] = 1 + rate;
        bars += 1;
      }
      last = bar;
      price = close;
    }
    this.#held.growAll(held, bars);
    this.#bars += bars;
    this.#price = price;
    if (!Number.isNaN(last)) this.lastPriced = this.rows + last;
    this.#chunk = closes.length;
    this.rows += closes.length;
    // What an equity retains of these bars at worst: turned round on each of them, against the largest return.
    const worst = closes.length * Math.log(Math.max(0, (1 - largest) * (1 - 2 * this.#costRate)));
    this.#leastSteady = Math.exp(Math.min(709, SMALLEST_LOG - worst));
  }

  /** Whether nothing unusual can happen to these accounts; decides on the speed, never on a figure. */
  #isSteady(group: number): boolean {
    const first = this.#index(group * at.LANES, 0);
    const [value, count] = [first + at.VALUE / 8, first + at.COUNT / 8];
    for (let lane = 0; lane < at.LANES; lane++) {
      if (!(this.#state[value + lane] > this.#leastSteady)) return false;
      if (this.#state[count + lane] !== this.#state[count]) return false;
    }
    return true;
  }

  /** Trades `positions` of a group over the bars that `begin` was given. Every group once, in any order. */
  trade(group: number): void {
    if (this.#opening >= 0) this.#open(group);
    this.#trade(group, this.#chunk);
  }

  /** The first positions: nothing is earned, and only what costs is a step of the equity. */
  #open(group: number): void {
    for (let lane = 0; lane < at.LANES; lane++) {
      const account = group * at.LANES + lane;
      const position = this.positions[this.#opening * at.LANES + lane];
      this.#lasts[account] = position;
      if (position === 0) continue;
      this.#put(account, at.POSITION, position);
      this.#put(account, at.TRADES, 1);
      this.#put(account, at.TURNOVER, 1);
      if (this.#costRate > 0) this.#grow(account, 1 - this.#costRate);
    }
  }

  #tradeHere(group: number, bars: number): void {
    for (let lane = 0; lane < at.LANES; lane++) {
      const account = group * at.LANES + lane;
      let before = this.#lasts[account];
      for (let bar = 0; bar < bars; bar++) {
        const rate = this.#rates[bar];
        if (Number.isNaN(rate)) continue;
        const position = this.positions[bar * at.LANES + lane];
        const traded = Math.abs(position - before);
        this.#grow(account, (1 + before * rate) * (1 - traded * this.#costRate));
        if (before !== 0) this.#add(account, at.HELD, 1);
        if (traded !== 0) {
          this.#add(account, at.TURNOVER, traded);
          if (position !== 0) this.#add(account, at.TRADES, 1);
          this.#put(account, at.POSITION, position);
        }
        before = position;
      }
      this.#lasts[account] = before;
    }
  }

  /** As `Equity.grow`. */
  #grow(account: number, wanted: number): void {
    const value = this.#get(account, at.VALUE);
    const factor = value === 0 ? 1 : Math.max(wanted, 0);
    const grown = value * factor;
    const peak = Math.max(this.#get(account, at.PEAK), grown);
    const fall = 1 - grown / peak;
    this.#put(account, at.VALUE, grown);
    this.#put(account, at.PEAK, peak);
    if (fall > this.#get(account, at.DRAWDOWN)) this.#put(account, at.DRAWDOWN, fall);
    const rate = factor - 1;
    const count = this.#get(account, at.COUNT) + 1;
    const mean = this.#get(account, at.MEAN);
    const distance = rate - mean;
    const moved = mean + distance / count;
    this.#put(account, at.COUNT, count);
    this.#put(account, at.MEAN, moved);
    this.#add(account, at.SCATTER, distance * (rate - moved));
  }

  /** The figures so far, when the first and the last priced bar are of these times (UTC ms). */
  statistics(account: number, firstMs: number, lastMs: number): TradingStatistics {
    const spanMs = lastMs - firstMs;
    const equity = {
      value: this.#get(account, at.VALUE),
      maxDrawdown: this.#get(account, at.DRAWDOWN),
      sharpe: (barsPerYear: number) =>
        sharpeOf(
          this.#get(account, at.COUNT),
          this.#get(account, at.MEAN),
          this.#get(account, at.SCATTER),
          barsPerYear,
        ),
    };
    return {
      ...equityFigures(equity, this.#bars, spanMs),
      trades: this.#get(account, at.TRADES),
      exposure: this.#bars === 0 ? 0 : this.#get(account, at.HELD) / this.#bars,
      turnover: this.#get(account, at.TURNOVER),
      buyAndHold: equityFigures(this.#held, this.#bars, spanMs),
    };
  }

  sums(account: number): ReturnSums {
    const count = this.#get(account, at.COUNT);
    const mean = this.#get(account, at.MEAN);
    return { count, sum: mean * count, squares: this.#get(account, at.SCATTER) + count * mean * mean };
  }

  #index(account: number, field: number): number {
    return ((account >> 3) * at.GROUP_BYTES + field) / 8 + (account & 7);
  }

  #get(account: number, field: number): number {
    return this.#state[this.#index(account, field)];
  }

  #put(account: number, field: number, value: number): void {
    this.#state[this.#index(account, field)] = value;
  }

  #add(account: number, field: number, value: number): void {
    this.#state[this.#index(account, field)] += value;
  }
}
