/**
 * Trials over one symbol: every block is read and decoded once, all trials advance together, their accounts side by
 * side. Memory grows with the trials, not with the history.
 */
import { CHUNK, LANES } from '../backtest/account-layout.js';
import { Accounts } from '../backtest/accounts.js';
import { withNumericClose } from '../backtest/closes.js';
import { timesOfRows } from '../backtest/row-times.js';
import type { StrategyRun } from '../backtest/seams.js';
import { naming, requireRows } from '../backtest/symbol-run.js';
import type { EquityStatistics, TradingCosts } from '../backtest/trading.js';
import { dtypeOf } from '../dtype.js';
import { Turns } from '../io/turns.js';
import type { CandleTable, TableBlock } from '../table.js';
import type { PositionSink, SweepStrategy } from './seams.js';
import type { TrialParameters } from './space.js';

/** Figures of every trial that come from its account. */
export const FIGURES = ['totalReturn', 'cagr', 'maxDrawdown', 'sharpe', 'trades', 'exposure', 'turnover'] as const;

/** Bars of all trials together between two looks at the clock: a fraction of a second. */
const TRIAL_BARS_PER_TURN = 1_000_000;

/** Rows [from, to) in which trials are traded; before them strategies only warm up. */
export interface TradedRows {
  readonly from: number;
  readonly to: number;
  /** Equal parts of these rows whose returns are summed by themselves. */
  readonly slices: number;
}

export interface EvaluateOptions {
  readonly costs?: TradingCosts;
  readonly signal?: AbortSignal;
  /** Rows of the table done so far. */
  readonly onRows?: (rows: number) => void;
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

/** One evaluation for each element of `traded`, out of one pass over the history. */
export async function evaluateTrials(
  table: CandleTable,
  strategy: SweepStrategy,
  trials: readonly TrialParameters[],
  traded: readonly TradedRows[],
  { costs, signal, onRows }: EvaluateOptions = {},
): Promise<Evaluation[]> {
  const lastRow = Math.max(...traded.map(({ to }) => to));
  const isLong = trials.map((parameters) => {
    const { minimumRows = 1 } = strategy.create(parameters);
    return minimumRows <= lastRow;
  });
  const running = trials.filter((_, k) => isLong[k]);
  const stretches = traded.map((rows) => new Stretch(rows, running.length, costs));
  const run = naming(strategy, table.symbol, () =>
    strategy.share === undefined
      ? new SideBySide(strategy, table, running)
      : new Shared(strategy.share(table, running), strategy, running),
  );
  const turns = new Turns(signal);
  const barsPerTurn = Math.max(64, Math.floor(TRIAL_BARS_PER_TURN / Math.max(1, running.length)));
  if (running.length > 0) {
    for (const block of table.blocks(run.columns, { from: 0, to: lastRow })) {
      signal?.throwIfAborted();
      const priced = naming(strategy, table.symbol, () => withNumericClose(block));
      const closes = wide(priced);
      await run.begin(priced, turns);
      for (let from = 0; from < block.length; ) {
        const most = Math.min(block.length, from + CHUNK, from + barsPerTurn);
        const to = Math.min(most, ...stretches.map((one) => one.edgeAfter(block.start + from) - block.start));
        const chunk = closes.subarray(from, to);
        const active = stretches.filter((one) => one.covers(block.start + from));
        naming(strategy, table.symbol, () => {
          for (const one of active) one.accounts.begin(chunk);
          run.advance(chunk, from, sinkOf(active.map(({ accounts }) => accounts)));
        });
        for (const one of active) one.reach(block.start + to);
        from = to;
        if (turns.due) await turns.take();
      }
      onRows?.(block.start + block.length);
    }
  }
  signal?.throwIfAborted();
  const summaries = running.length === 0 ? [] : await run.finish(table.symbol);
  return stretches.map((one) => one.evaluation(table, summaries, isLong));
}

/** Trials write where the first of the accounts reads; the others get a copy. */
function sinkOf(accounts: readonly Accounts[]): PositionSink {
  if (accounts.length === 0) return { positions: IDLE, take: () => undefined };
  const [first, ...others] = accounts;
  if (others.length === 0) return { positions: first.positions, take: (group) => first.trade(group) };
  return {
    positions: first.positions,
    take(group) {
      first.trade(group);
      for (const other of others) {
        other.positions.set(first.positions);
        other.trade(group);
      }
    },
  };
}

/** Where positions go that nobody trades. */
const IDLE = new Int8Array(CHUNK * LANES);

function wide({ columns, length }: TableBlock): Float64Array {
  const close = columns.close as Float64Array;
  if (dtypeOf(close) !== 'float64') return Float64Array.from(close.subarray(0, length));
  return close.length === length ? close : close.subarray(0, length);
}

/** The accounts of one range of rows. */
class Stretch {
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

interface TrialRun {
  readonly columns: readonly string[];
  begin(block: TableBlock, turns: Turns): void | Promise<void>;
  /** Bars [from, from + closes.length) of the block. */
  advance(closes: Float64Array, from: number, sink: PositionSink): void;
  finish(symbol: string): Promise<readonly Readonly<Record<string, number>>[]>;
}

/** The strategy's own way. */
class Shared implements TrialRun {
  readonly columns: readonly string[];
  readonly #run: ReturnType<NonNullable<SweepStrategy['share']>>;

  constructor(
    run: ReturnType<NonNullable<SweepStrategy['share']>>,
    strategy: SweepStrategy,
    trials: readonly TrialParameters[],
  ) {
    this.#run = run;

    this.columns = trials.length === 0 ? ['close'] : columnsOf(strategy, trials.slice(0, 1));
  }

  begin(): void {}

  advance(closes: Float64Array, _from: number, sink: PositionSink): void {
    this.#run.push(closes, sink);
  }

  async finish() {
    return this.#run.finish();
  }
}

function columnsOf(strategy: SweepStrategy, trials: readonly TrialParameters[]): string[] {
  return [...new Set(['close', ...trials.flatMap((parameters) => strategy.create(parameters).columns)])];
}

/** A run for each trial, all of them fed the same blocks. */
class SideBySide implements TrialRun {
  readonly columns: readonly string[];
  readonly #runs: readonly StrategyRun<unknown>[];
  /** Positions over the current block, a row a trial. */
  #positions: readonly Int8Array[];
  readonly #strategy: SweepStrategy;
  readonly #table: CandleTable;

  constructor(strategy: SweepStrategy, table: CandleTable, trials: readonly TrialParameters[]) {
    this.#strategy = strategy;
    this.#table = table;

    this.columns = columnsOf(strategy, trials);
    this.#runs = trials.map((parameters) => strategy.create(parameters).start(table));
    this.#positions = trials.map(() => new Int8Array(0));
  }

  async begin(block: TableBlock, turns: Turns): Promise<void> {
    for (const [trial, run] of this.#runs.entries()) {
      const rows = naming(this.#strategy, this.#table.symbol, () => requireRows(run.push(block), block));
      if (this.#positions[trial].length < block.length) {
        this.#positions = this.#positions.map((old, k) => (k === trial ? new Int8Array(block.length) : old));
      }
      const positions = this.#positions[trial];
      const signal = rows.signal as Float64Array | undefined;
      for (let row = 0; row < block.length; row++) {
        const value = signal === undefined ? 0 : signal[row];
        positions[row] = value > 0 ? 1 : value < 0 ? -1 : 0;
      }
      if (turns.due) await turns.take();
    }
  }

  advance(closes: Float64Array, from: number, sink: PositionSink): void {
    const groups = Math.ceil(this.#runs.length / LANES);
    for (let group = 0; group < groups; group++) {
      for (let lane = 0; lane < LANES; lane++) {
        const positions = this.#positions[group * LANES + lane];
        for (let bar = 0; bar < closes.length; bar++) {
          sink.positions[bar * LANES + lane] = positions === undefined ? 0 : positions[from + bar];
        }
      }
      sink.take(group);
    }
  }

  async finish(symbol: string) {
    const summaries: Readonly<Record<string, number>>[] = [];
    for (const run of this.#runs) {
      summaries.push(numbersOf(naming(this.#strategy, symbol, () => run.finish())));
      await run.settle?.();
    }
    return summaries;
  }
}

/** The numbers in a summary, by name; a summary that is a number is called `summary`. */
export function numbersOf(summary: unknown): Record<string, number> {
  if (typeof summary === 'number') return { summary };
  if (typeof summary !== 'object' || summary === null) return {};
  return Object.fromEntries(
    Object.entries(summary).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
