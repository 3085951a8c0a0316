/** The seams of a sweep: a strategy by its parameters, and how one may share work between trials. */
import { requireStrategy } from '../backtest/plan.js';
import type { Strategy, StrategyReference } from '../backtest/seams.js';
import type { CandleTable } from '../table.js';
import type { TrialParameters } from './space.js';

/** Where a shared run puts the positions of eight trials: one group at a time, over the bars of the current `push`. */
export interface PositionSink {
  /**
   * Eight bytes a bar, trial by trial: 1 long, 0 flat, -1 short, from that bar's close on. Lanes without a trial are 0.
   */
  readonly positions: Int8Array;
  /** Trades `positions` for trials 8 · group to 8 · group + 7. Once for every group in every `push`. */
  take(group: number): void;
}

/** Several trials over one symbol at once. */
export interface SharedRun {
  /** Consumes the next bars, in order, at most 2,048 at a time, and hands the positions of every group to the sink. */
  push(closes: Float64Array, sink: PositionSink): void;
  /** Called once after the last bar: figures of each trial, as the numbers in the summary of a single run would be. */
  finish(): readonly Readonly<Record<string, number>>[];
}

/** A strategy by its parameters: what a sweep runs. */
export interface SweepStrategy {
  /** Part of every trial's identity. */
  readonly name: string;
  /** Part of every trial's identity: to be changed with anything that changes signals. Default 1. */
  readonly version?: string | number;
  /** How a worker thread rebuilds this object, as `StrategyReference` of a single strategy. Without one: one thread. */
  readonly reference?: StrategyReference;
  /**
   * Names of the numbers in the summaries of its runs. Where they are given, an objective that is none of them, nor a
   * figure of the account, is refused before anything runs; else once all trials have run.
   */
  readonly figures?: readonly string[];
  /** The strategy of one trial. Throws ARGUMENT for parameters that cannot be. */
  create(parameters: TrialParameters): Strategy<unknown>;
  /**
   * Runs several trials over one symbol and computes once what they have in common. Signals must have the bits of the
   * single runs. Without it trials run side by side over the same blocks.
   */
  share?(table: CandleTable, trials: readonly TrialParameters[]): SharedRun;
}

/** A function that builds the strategy of a trial, where nothing else is to be given. */
export type StrategyFactory = (parameters: TrialParameters) => Strategy<unknown>;

/** The strategy of a factory: named as what it builds. */
export function sweepStrategyOf(strategy: SweepStrategy | StrategyFactory): SweepStrategy {
  if (typeof strategy !== 'function') return strategy;
  return {
    name: strategy.name || 'strategy',
    create(parameters) {
      const made = strategy(parameters);
      requireStrategy(made);
      return made;
    },
  };
}
