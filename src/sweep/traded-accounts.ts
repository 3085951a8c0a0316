/** The accounts of all trials over one range of rows, and the figures that come of them. */
import { Accounts } from '../backtest/accounts.js';
import { timesOfRows } from '../backtest/row-times.js';
import type { EquityStatistics, TradingCosts } from '../backtest/trading.js';
import type { CandleTable } from '../table.js';

/** Figures of every trial that come from its account. */
export const FIGURES = ['totalReturn', 'cagr', 'maxDrawdown', 'sharpe', 'trades', 'exposure', 'turnover'] as const;

/** Rows [from, to) in which trials are traded; before them strategies only warm up. */
export interface TradedRows {
  readonly from: number;
  readonly to: number;
  /** Equal parts of these rows whose returns are summed by themselves. */
  readonly slices: number;
}

/** What trials made of the traded rows of one symbol. */
export interface Evaluation {
  /** Of the columns of `figures`: those of the account, then the numbers of the strategy's summary. */
  readonly names: readonly string[];
  /** A row a trial. NaN for a trial that needs more rows than there are. */
  readonly figures: Float64Array;
  /** Count, sum and sum of squares of the returns: three numbers a slice, all slices of a trial in a row. */
  readonly slices: Float64Array;
  readonly buyAndHold: EquityStatistics;
}

/** The accounts of one range of rows. */
export class TradedAccounts {
  readonly accounts: Accounts;
  readonly #slices: Float64Array;
  #slice = 0;
  readonly #rows: TradedRows;

  constructor(rows: TradedRows, count: number, costs: TradingCosts | undefined) {
    this.#rows = rows;

    this.accounts = new Accounts(count, costs, { fault: 'CORRUPT' });
    this.#slices = new Float64Array(count * rows.slices * 3);
  }

  covers(row: number): boolean {
    return row >= this.#rows.from && row < this.#rows.to;
  }

  /** The next row after `row` at which something begins or ends here. */
  edgeAfter(row: number): number {
    const { from, to } = this.#rows;
    if (row < from) return from;
    return row < to ? this.#sliceEnd() : Number.POSITIVE_INFINITY;
  }

  /** Rows before `row` have been traded: closes the slice that ends there. */
  reach(row: number): void {
    const { slices } = this.#rows;
    while (this.#slice < slices && row >= this.#sliceEnd()) {
      for (let account = 0; account < this.accounts.count; account++) {
        const { count, sum, squares } = this.accounts.sums(account);
        // Sums up to here; differences are taken at the end.
        this.#slices.set([count, sum, squares], (account * slices + this.#slice) * 3);
      }
      this.#slice += 1;
    }
  }

  #sliceEnd(): number {
    const { from, to, slices } = this.#rows;
    if (slices === 0) return to;
    return from + Math.floor(((to - from) * Math.min(slices, this.#slice + 1)) / slices);
  }

  evaluation(
    table: CandleTable,
    summaries: readonly Readonly<Record<string, number>>[],
    isLong: readonly boolean[],
  ): Evaluation {
    const { from, slices } = this.#rows;
    const summaryNames = Object.keys(summaries[0] ?? {}).filter(
      (name) => !(FIGURES as readonly string[]).includes(name),
    );
    const names = [...FIGURES, ...summaryNames];
    const figures = new Float64Array(isLong.length * names.length).fill(Number.NaN);
    const perTrial = new Float64Array(isLong.length * slices * 3);
    const { firstPriced, lastPriced } = this.accounts;
    const [firstMs, lastMs] = timesOfRows(table, [from + firstPriced, from + lastPriced]);
    let buyAndHold: EquityStatistics | undefined;
    let account = 0;
    for (const [trial, isRun] of isLong.entries()) {
      if (!isRun) continue;
      const statistics = this.accounts.statistics(account, firstMs, lastMs);
      buyAndHold ??= statistics.buyAndHold;
      for (const [k, name] of FIGURES.entries()) figures[trial * names.length + k] = statistics[name];
      for (const [k, name] of summaryNames.entries()) {
        figures[trial * names.length + FIGURES.length + k] = summaries[account][name] ?? Number.NaN;
      }
      const own = this.#slices.subarray(account * slices * 3, (account + 1) * slices * 3);
      for (let k = slices * 3 - 1; k >= 3; k--) own[k] -= own[k - 3];
      perTrial.set(own, trial * slices * 3);
      account += 1;
    }
    buyAndHold ??= { totalReturn: Number.NaN, cagr: Number.NaN, maxDrawdown: Number.NaN, sharpe: Number.NaN };
    return { names, figures, slices: perTrial, buyAndHold };
  }
}
