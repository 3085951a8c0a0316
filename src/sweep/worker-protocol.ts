/** What is sent to a worker thread of a sweep and what is returned. */
import type { StrategyReference } from '../backtest/seams.js';
import type { DatasetOfTask } from '../backtest/thread-state.js';
import type { TradingCosts } from '../backtest/trading.js';
import type { SymbolFailure } from '../backtest/worker-protocol.js';
import type { TrialParameters } from './space.js';
import type { Evaluation, TradedRows } from './traded-accounts.js';

export interface TrialsTask extends DatasetOfTask {
  readonly symbol: string;
  readonly strategy: StrategyReference;
  readonly trials: readonly TrialParameters[];
  readonly traded: readonly TradedRows[];
  readonly costs: TradingCosts;
}

export type TrialsAnswer = { readonly evaluations: readonly Evaluation[] } | SymbolFailure;
