/** What is sent to a worker thread of a sweep and what is returned. */
import type { StrategyReference } from '../backtest/seams.js';
import type { TradingCosts } from '../backtest/trading.js';
import type { SymbolFailure } from '../backtest/worker-protocol.js';
import type { OpenDatasetOptions } from '../dataset/open-segments.js';
import type { Evaluation, TradedRows } from './evaluate.js';
import type { TrialParameters } from './space.js';

export interface TrialsTask {
  readonly directory: string;
  readonly open: OpenDatasetOptions;
  readonly snapshotId: string;
  readonly symbol: string;
  readonly strategy: StrategyReference;
  readonly trials: readonly TrialParameters[];
  readonly traded: readonly TradedRows[];
  readonly costs: TradingCosts;
}

export type TrialsAnswer = { readonly evaluations: readonly Evaluation[] } | SymbolFailure;
