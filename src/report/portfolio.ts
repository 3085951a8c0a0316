/**
 * All symbols as one account: an equal share of the money in each from the start, never moved between them. A symbol's
 * share waits at 1 before its first bar and stays at its last value after its last. Valued at the end of every UTC day
 * on which one of the symbols has a bar, whatever the bars are: memory grows with the days, not with the symbols.
 */
import { Account } from './account.js';
import { CurveBuilder } from './curve.js';
import { histogramOf, NumberList } from './returns.js';
import { type PackedSeries, packSeries } from './series.js';
import { type ReportFigures, SIDES, type SideStatistics, type SymbolReport } from './symbol-record.js';
import { TradeFigures } from './trades.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const ACCOUNTS = [...SIDES, 'held'] as const;
const POINTS = 4096;
/** Of what is only drawn. */
const DIGITS = 7;
type Values = Readonly<Record<(typeof ACCOUNTS)[number], number>>;

interface Day {
  /** Last bar of that day of any symbol. */
  timeMs: number;
  /** By how much the values of the symbols changed on it, in the order of ACCOUNTS. */
  readonly changes: number[];
}

export class Portfolio {
  symbols = 0;
  readonly #days = new Map<number, Day>();
  readonly #trades = { all: new TradeFigures(), long: new TradeFigures(), short: new TradeFigures() };
  readonly #held = {
    all: { exposure: 0, turnover: 0 },
    long: { exposure: 0, turnover: 0 },
    short: { exposure: 0, turnover: 0 },
  };
  #last: number[] = [];
  #firstMs = Number.POSITIVE_INFINITY;

  /** Before the first bar of a symbol. */
  begin(): void {
    this.symbols += 1;
    this.#last = ACCOUNTS.map(() => 1);
  }

  /** After the last bar of each of its days. `firstMs`: its first bar. */
  mark(firstMs: number, timeMs: number, values: Values): void {
    const key = Math.floor(timeMs / DAY_MS);
    let day = this.#days.get(key);
    if (day === undefined) this.#days.set(key, (day = { timeMs, changes: ACCOUNTS.map(() => 0) }));
    if (timeMs > day.timeMs) day.timeMs = timeMs;
    if (firstMs < this.#firstMs) this.#firstMs = firstMs;
    for (const [k, name] of ACCOUNTS.entries()) {
      day.changes[k] += values[name] - this.#last[k];
      this.#last[k] = values[name];
    }
  }

  /** After its last bar. */
  end(statistics: ReportFigures, trades: Readonly<Record<(typeof SIDES)[number], TradeFigures>>): void {
    for (const side of SIDES) {
      this.#trades[side].pushAll(trades[side]);
      this.#held[side].exposure += statistics[side].exposure;
      this.#held[side].turnover += statistics[side].turnover;
    }
  }

  /** The accounts after each day, in the order of ACCOUNTS. */
  #replay(onDay: (timeMs: number, accounts: readonly Account[]) => void) {
    const days = [...this.#days].sort(([a], [b]) => a - b).map(([, day]) => day);
    const accounts = ACCOUNTS.map(() => new Account());
    const sums = ACCOUNTS.map(() => this.symbols);
    for (const account of accounts) if (days.length > 0) account.open(this.#firstMs, 1);
    for (const { timeMs, changes } of days) {
      for (const [k, account] of accounts.entries()) {
        sums[k] += changes[k];
        account.grow(timeMs, account.value === 0 ? 1 : Math.max(sums[k], 0) / this.symbols / account.value);
      }
      onDay(timeMs, accounts);
    }
    return { days, accounts };
  }

  /** Every day, to seven digits. */
  series(): PackedSeries {
    const lists = { timeMs: new NumberList(), equity: new NumberList(), held: new NumberList() };
    const short = (value: number) => Number(value.toPrecision(DIGITS));
    this.#replay((timeMs, [all, , , held]) => {
      lists.timeMs.push(timeMs);
      lists.equity.push(short(all.value));
      lists.held.push(short(held.value));
    });
    return packSeries({ timeMs: lists.timeMs.values, equity: lists.equity.values, held: lists.held.values });
  }

  report(): Omit<SymbolReport, 'trades' | 'tradesLeftOut'> {
    const curve = new CurveBuilder(POINTS);
    const { days, accounts } = this.#replay((timeMs, [all, , , held]) => {
      curve.push(timeMs, [Number.NaN, all.value, held.value, all.drawdown, Number.NaN]);
    });
    const spanMs = (days.at(-1)?.timeMs ?? Number.NaN) - this.#firstMs;
    const of = (k: number, side: (typeof SIDES)[number]): SideStatistics => ({
      ...accounts[k].statistics(
        days.length,
        spanMs,
        this.#held[side].exposure / this.symbols,
        this.#held[side].turnover / this.symbols,
      ),
      ...this.#trades[side].statistics(),
    });
    return {
      statistics: {
        all: of(0, 'all'),
        long: of(1, 'long'),
        short: of(2, 'short'),
        buyAndHold: accounts[3].statistics(days.length, spanMs, 1, 1),
      },
      curve: curve.curve(),
      months: accounts[0].months.months(),
      years: accounts[0].months.years(),
      returns: histogramOf(accounts[0].returns.values),
    };
  }
}
