/**
 * Walk-forward analysis: parameters are chosen on one window of time, traded on the next, over and over. Strategies
 * never forget, so every window is warmed up with all rows before it: no figure depends on where a replay began.
 */
import { requireOptions } from '../arguments.js';
import { withNumericClose } from '../backtest/closes.js';
import { naming, requireRows } from '../backtest/symbol-run.js';
import { TradingAccount, type TradingStatistics } from '../backtest/trading.js';
import { openHistory } from '../dataset/history/history.js';
import { AtcError, shown } from '../errors.js';
import type { CandleTable, RowRange } from '../table.js';
import { equityOf } from './equity-of.js';
import { Evaluator } from './evaluator.js';
import { sweepHistory } from './history.js';
import { requireFigures } from './objective.js';
import { type ResolvedSweep, resolveSweep, type SweepOptions } from './options.js';
import { bestOf, plainFigures } from './report.js';
import type { TrialParameters } from './space.js';
import { goalColumns } from './study-columns.js';
import type { TradedRows } from './traded-accounts.js';
import { TrialSums } from './trial-table.js';

/** Windows of a walk-forward analysis, as shares of each symbol's rows. */
export interface WalkForwardOptions
  extends Omit<
    SweepOptions,
    'directory' | 'shard' | 'merge' | 'curves' | 'pruner' | 'holdout' | 'slices' | 'onProgress'
  > {
  /** Test windows, one after the other up to the end. Default 5. */
  readonly windows?: number;
  /** Share of the rows before the first test window, above 0 and below 1. Default 0.5. */
  readonly training?: number;
  /** Training starts at the first row each time (true), or is as long as the first one (false). Default true. */
  readonly anchored?: boolean;
}

/** One window: what was chosen on the rows before it, and what that made there and in it. */
export interface WalkForwardWindow {
  /** Rows of the longest symbol on which parameters were chosen. */
  readonly training: Required<RowRange>;
  /** Rows on which they were traded. */
  readonly test: Required<RowRange>;
  /** Best on the training rows, by the objective. */
  readonly parameters: TrialParameters;
  /** Means over the symbols: chosen for these, … */
  readonly inSample: Readonly<Record<string, number | null>>;
  /** … and these came of it. */
  readonly outOfSample: Readonly<Record<string, number | null>>;
}

/** Out-of-sample trading of one symbol, all test windows joined. */
export interface WalkForwardSymbol {
  /** As the dataset spells it. */
  readonly symbol: string;
  /** Figures of the joined test windows. */
  readonly trading: TradingStatistics;
  /** UTC ms of each bar of the test windows. */
  readonly times: Float64Array;
  /** Equity after each of them, 1 before the first. */
  readonly equity: Float64Array;
  /** Value of one long position held all the time, at each of them, without costs. */
  readonly held: Float64Array;
}

/** Windows in order of time, and the out-of-sample equity of every symbol. */
export interface WalkForwardResult {
  /** In order of time. */
  readonly windows: readonly WalkForwardWindow[];
  /** In the order of the dataset. */
  readonly symbols: readonly WalkForwardSymbol[];
  /**
   * Mean out-of-sample objective over mean in-sample objective: 1 loses nothing, null where it cannot be determined.
   */
  readonly efficiency: number | null;
}

/**
 * Chooses and tests over windows that walk through the history.
 *
 * @throws AtcError ARGUMENT for wrong options, and for a sampler that learns: its trials would differ from window to
 *   window.
 */
export async function walkForward(options: WalkForwardOptions): Promise<WalkForwardResult> {
  if (options === undefined) throw new AtcError('ARGUMENT', 'walkForward needs its options: at least source and space');
  requireOptions(options, 'walkForward');
  const { windows = 5, training = 0.5, anchored = true, ...rest } = options;
  const sweep = resolveSweep({ ...rest, slices: 0 });
  checkWindows(windows, training);
  if (sweep.sampler.learns) {
    throw new AtcError('ARGUMENT', 'walkForward needs the same trials in every window; use grid, random or sobol', {
      key: 'sampler',
    });
  }
  const opened = await openHistory(options.source, { ...options.history, signal: options.signal });
  try {
    const history = sweepHistory(opened);
    const evaluator = new Evaluator(history, sweep.strategy, { ...rest, costs: sweep.costs });
    try {
      return await new Walk(sweep, history.tables, evaluator, { windows, training, anchored }).run();
    } finally {
      await evaluator.close();
    }
  } finally {
    opened.close();
  }
}

function checkWindows(windows: unknown, training: unknown): void {
  if (!Number.isSafeInteger(windows) || (windows as number) < 1 || (windows as number) > 1000) {
    throw new AtcError('ARGUMENT', `windows is ${shown(windows)}; allowed: a whole number from 1 to 1000`, {
      key: 'windows',
    });
  }
  if (typeof training !== 'number' || !(training > 0 && training < 1)) {
    throw new AtcError('ARGUMENT', `training is ${shown(training)}; allowed: a share above 0 and below 1`, {
      key: 'training',
    });
  }
}

interface Windows {
  readonly windows: number;
  readonly training: number;
  readonly anchored: boolean;
}

class Walk {
  readonly #trials: readonly TrialParameters[];
  readonly #sweep: ResolvedSweep;
  readonly #tables: readonly CandleTable[];
  readonly #evaluator: Evaluator;
  readonly #shape: Windows;

  constructor(sweep: ResolvedSweep, tables: readonly CandleTable[], evaluator: Evaluator, shape: Windows) {
    this.#sweep = sweep;
    this.#tables = tables;
    this.#evaluator = evaluator;
    this.#shape = shape;

    this.#trials = Array.from({ length: sweep.trials }, (_, trial) => sweep.sampler.propose(trial, []));
  }

  async run(): Promise<WalkForwardResult> {
    const { windows } = this.#shape;
    const trainings = Array.from({ length: windows }, () => new TrialSums(this.#trials.length, 0));
    const tests = Array.from({ length: windows }, () => new TrialSums(this.#trials.length, 0));
    for (const table of this.#tables) {
      // One pass over the history for all windows: each has accounts of its own.
      const ranges = Array.from({ length: windows }, (_, k) => this.#rows(table.length, k));
      const all = [...ranges.map(({ training }) => training), ...ranges.map(({ test }) => test)];
      for (let first = 0; first < this.#trials.length; first += this.#sweep.batch) {
        const part = this.#trials.slice(first, first + this.#sweep.batch);
        const evaluations = await this.#evaluator.run(table, part, all);
        for (const [k, sums] of [...trainings, ...tests].entries()) sums.add(first, evaluations[k]);
      }
    }
    const longest = Math.max(...this.#tables.map(({ length }) => length));
    const chosen = trainings.map((sums, k) => this.#choose(sums, tests[k], this.#rows(longest, k)));
    const symbols = this.#tables.map((table) => this.#join(table, chosen));
    return { windows: chosen, symbols, efficiency: this.#efficiency(chosen) };
  }

  #rows(length: number, k: number): { training: TradedRows; test: TradedRows } {
    const { windows, training, anchored } = this.#shape;
    const first = Math.round(length * training);
    const edge = (index: number) => first + Math.floor(((length - first) * index) / windows);
    const from = anchored ? 0 : edge(k) - first;
    return {
      training: { from, to: edge(k), slices: 0 },
      test: { from: edge(k), to: edge(k + 1), slices: 0 },
    };
  }

  #choose(training: TrialSums, test: TrialSums, rows: { training: TradedRows; test: TradedRows }): WalkForwardWindow {
    const [goal] = this.#sweep.goals;
    const table = { parameters: this.#trials, figures: training.figures(), slices: training.slices };
    if (this.#sweep.strategy.figures === undefined) requireFigures([goal], Object.keys(table.figures));
    const best = bestOf(goal, goalColumns([goal], table)[goal.name]);
    return {
      training: { from: rows.training.from, to: rows.training.to },
      test: { from: rows.test.from, to: rows.test.to },
      parameters: this.#trials[best],
      inSample: plainFigures(training.row(best)),
      outOfSample: plainFigures(test.row(best)),
    };
  }

  #efficiency(windows: readonly WalkForwardWindow[]): number | null {
    const [goal] = this.#sweep.goals;
    const mean = (side: 'inSample' | 'outOfSample') => {
      const values = windows
        .map((one) => goal.of({ parameters: one.parameters, figures: one[side] as Record<string, number> }))
        .filter((value) => typeof value === 'number' && Number.isFinite(value));
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const efficiency = mean('outOfSample') / mean('inSample');
    // A share of nothing, or of a loss, says nothing.
    return mean('inSample') > 0 && Number.isFinite(efficiency) ? efficiency : null;
  }

  /** The signal of each window's choice, in that window, as one account. */
  #join(table: CandleTable, windows: readonly WalkForwardWindow[]): WalkForwardSymbol {
    const { strategy, costs } = this.#sweep;
    const first = this.#rows(table.length, 0).test.from;
    const rows = table.length - first;
    const signals = new Float64Array(rows);
    const closes = new Float64Array(rows);
    const times = new Float64Array(rows);
    for (const [k, { parameters }] of windows.entries()) {
      const { from, to } = this.#rows(table.length, k).test;
      const one = strategy.create(parameters);
      const run = naming(one, table.symbol, () => one.start(table));
      const names = [...new Set(['timestamp', 'close', ...one.columns])];
      for (const block of table.blocks(names, { from: 0, to })) {
        const priced = withNumericClose(block);
        const { signal } = naming(one, table.symbol, () => requireRows(run.push(priced), priced));
        for (let row = Math.max(0, from - block.start); row < block.length; row++) {
          const at = block.start + row - first;
          signals[at] = signal === undefined ? 0 : Number(signal[row]);
          closes[at] = Number(priced.columns.close[row]);
          times[at] = Number(block.columns.timestamp[row]);
        }
      }
      run.finish();
    }
    const account = new TradingAccount(costs);
    account.push(times, closes, signals);
    const equity = equityOf(closes, signals, costs.fee + costs.slippage);
    const held = equityOf(closes, new Float64Array(rows).fill(1), 0);
    return { symbol: table.symbol, trading: account.statistics(), times, equity, held };
  }
}
