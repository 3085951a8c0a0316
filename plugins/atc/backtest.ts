/** The main job: the ATC strategy over any history, held in the heap, mapped, or packed, with the same result bytes. */
import {
  AtcError,
  type BacktestResult,
  type Columns,
  type HistoryOptions,
  type HistorySource,
  type HistoryStorage,
  nearestHint,
  openHistory,
  type RunOptions,
  runBacktest,
  type Strategy,
} from 'atc-memory';
import { cachedAtcStrategy } from './cached-strategy.js';
import { ATC_DEFAULTS, type AtcParameters } from './parameters.js';
import type { SignalsStore } from './signals-cache.js';
import { type AtcSummary, atcStrategy } from './strategy.js';

/**
 * Every option of `backtest`: how history is stored (off by default), how the run goes (one result per symbol, no rows,
 * no costs by default), and the parameters of the strategy.
 */
export interface AtcBacktestOptions extends HistoryOptions, RunOptions, AtcParameters {
  /**
   * Where signals are cached, by the bits of the closes and all parameters: symbols that were run before are not
   * computed again. A cache (then the run stays on one thread), or a directory.
   */
  readonly signalsCache?: SignalsStore;
}

/** Summary and statistics of every symbol in the order of the source, and how its history was stored. */
export interface AtcBacktestResult extends BacktestResult<AtcSummary> {
  /** How the history was stored while it was read. */
  readonly storage: HistoryStorage;
}

/**
 * Runs ATC over CSV files, a dataset directory, columns or candles. Per-bar rows go to `rows` and are not retained;
 * what a run copies for itself is removed when it ends, whichever way it ends.
 *
 * @throws AtcError ARGUMENT for parameters, IO and CORRUPT for the source; the signal's reason when it is aborted.
 */
export async function backtest(source: HistorySource, options: AtcBacktestOptions = {}): Promise<AtcBacktestResult> {
  const strategy = strategyOf(options);
  const history = await openHistory(source, options);
  try {
    const result = await runBacktest(history.dataset, strategy, options);
    return { ...result, storage: history.storage };
  } finally {
    history.close();
  }
}

/** Cached signals are compressed when compression is on. */
function strategyOf(options: AtcBacktestOptions): Strategy<AtcSummary> {
  const parameters = parametersOf(options);
  const { signalsCache, useCompression = false, level } = options;
  if (signalsCache === undefined) return atcStrategy(parameters);
  return cachedAtcStrategy(parameters, signalsCache, useCompression === true ? level : 0);
}

/** Options that are not parameters of the strategy; the type holds the list complete. */
const OTHER_OPTIONS: Record<Exclude<keyof AtcBacktestOptions, keyof AtcParameters>, true> = {
  signalsCache: true,
  useMemoryMapped: true,
  useCompression: true,
  mappingBackend: true,
  cacheDir: true,
  maxCacheBytes: true,
  keepCopies: true,
  fullHash: true,
  level: true,
  algorithm: true,
  onRows: true,
  onProgress: true,
  signal: true,
  rows: true,
  onPath: true,
  rowsDirectory: true,
  workers: true,
  fee: true,
  slippage: true,
  as: true,
  timezone: true,
  symbol: true,
  columns: true,
  decimal: true,
  dates: true,
  interval: true,
  duplicates: true,
  from: true,
  to: true,
  encoding: true,
  checksums: true,
  onFile: true,
  asOf: true,
};

/**
 * The parameters of the strategy among all options. ARGUMENT for a name that is neither: a typing error must not be a
 * default.
 */
function parametersOf(options: AtcBacktestOptions): AtcParameters {
  requireObject(options);
  const known = [...Object.keys(ATC_DEFAULTS), ...Object.keys(OTHER_OPTIONS)];
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new AtcError('ARGUMENT', `backtest has no option "${key}"${nearestHint(key, known)}`, { key });
    }
  }
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(ATC_DEFAULTS, key)));
}

function requireObject(options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new AtcError(
    'ARGUMENT',
    'the options of a backtest must be an object, got ' +
      `${options === null ? 'null' : `a value of type ${typeof options}`}`,
  );
}

/** The same over columns that are in memory already; `timestamp` (UTC ms) and `close` are needed. */
export async function backtestFromDataFrame(
  columns: Columns,
  options: AtcBacktestOptions & { readonly symbol?: string } = {},
): Promise<AtcBacktestResult> {
  requireObject(options);
  const { symbol = 'data', ...others } = options;
  return backtest({ symbol, columns }, others);
}

/** The same over several files; a symbol may go on from one file to the next, in time order. */
export function backtestMultipleFiles(
  paths: readonly string[],
  options: AtcBacktestOptions = {},
): Promise<AtcBacktestResult> {
  return backtest(paths, options);
}
