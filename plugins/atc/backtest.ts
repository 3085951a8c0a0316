/** The main job: the ATC strategy over any history, kept in the heap, mapped, or packed, with the same result bytes. */
import {
  type BacktestResult,
  type Columns,
  type HistoryOptions,
  type HistorySource,
  type HistoryStorage,
  openHistory,
  type RunOptions,
  runBacktest,
} from 'atc-memory';
import { type AtcParameters, pickAtcParameters } from './parameters.js';
import { type AtcSummary, atcStrategy } from './strategy.js';

export interface AtcBacktestOptions extends HistoryOptions, RunOptions, AtcParameters {}

export interface AtcBacktestResult extends BacktestResult<AtcSummary> {
  readonly storage: HistoryStorage;
}

/**
 * Runs ATC over CSV files, a dataset directory, columns or candles. Per-bar rows go to `rows` and are not kept; what a run
 * copies for itself is removed when it ends, whichever way it ends.
 *
 * @throws AtcError ARGUMENT for parameters, IO and CORRUPT for the source; the signal's reason when it is aborted.
 */
export async function backtest(source: HistorySource, options: AtcBacktestOptions = {}): Promise<AtcBacktestResult> {
  const strategy = atcStrategy(pickAtcParameters(options));
  const history = await openHistory(source, options);
  try {
    const result = await runBacktest(history.dataset, strategy, options);
    return { ...result, storage: history.storage };
  } finally {
    history.close();
  }
}

/** The same over columns that are in memory already; `timestamp` (UTC ms) and `close` are needed. */
export function backtestFromDataFrame(
  columns: Columns,
  { symbol = 'data', ...options }: AtcBacktestOptions & { readonly symbol?: string } = {},
): Promise<AtcBacktestResult> {
  return backtest({ symbol, columns }, options);
}

/** The same over several files; a symbol may go on from one file to the next, in time order. */
export function backtestMultipleFiles(
  paths: readonly string[],
  options: AtcBacktestOptions = {},
): Promise<AtcBacktestResult> {
  return backtest(paths, options);
}
