/** How the trials of a symbol advance: as the strategy shares their work, or each by itself over the same blocks. */
import { LANES } from '../backtest/account-layout.js';
import type { StrategyRun } from '../backtest/seams.js';
import { naming, requireRows } from '../backtest/symbol-run.js';
import type { Turns } from '../io/turns.js';
import type { CandleTable, TableBlock } from '../table.js';
import type { PositionSink, SweepStrategy } from './seams.js';
import type { TrialParameters } from './space.js';

export interface TrialRun {
  readonly columns: readonly string[];
  begin(block: TableBlock, turns: Turns): void | Promise<void>;
  /** Bars [from, from + closes.length) of the block. */
  advance(closes: Float64Array, from: number, sink: PositionSink): void;
  finish(symbol: string): Promise<readonly Readonly<Record<string, number>>[]>;
}

export function trialRunOf(strategy: SweepStrategy, table: CandleTable, trials: readonly TrialParameters[]): TrialRun {
  return naming(strategy, table.symbol, () =>
    strategy.share === undefined
      ? new SideBySide(strategy, table, trials)
      : new Shared(strategy.share(table, trials), strategy, trials),
  );
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
