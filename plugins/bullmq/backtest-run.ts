/**
 * A backtest on a fleet: blocks of symbols are run by workers, and put together here into the result of one machine.
 */
import {
  type BacktestProgress,
  type BacktestResult,
  type CandleTable,
  type HistoryOptions,
  type HistoryStorage,
  nearestHint,
  openHistory,
  type RowSink,
  runBacktest,
  type Strategy,
  type SymbolResult,
  TradingAccount,
} from 'atc-memory';
import { identityOf } from './backtest-identity.js';
import { decodeBlock } from './block-result.js';
import { type FleetOptions, requireFleet, runJobs } from './collect.js';
import { dataOf } from './job-data.js';
import type { WantedJob } from './jobs.js';
import { type BacktestSettings, type FleetSource, type FleetStrategy, jobIdOf, type SymbolsJob } from './protocol.js';
import { replayOf } from './replay.js';
import type { StoredResult } from './results.js';
import { loadStrategy, referenceOf } from './strategy-module.js';
import { blocksOf } from './symbol-blocks.js';
import { reject, requireJson, requireSource } from './wanted.js';

/** Where a backtest runs, and what of the options of a local one there is. */
export interface DistributedBacktestOptions extends FleetOptions {
  /** How the history is stored while it is read, by workers as here; plain JSON. Default: as it is. */
  readonly history?: HistoryOptions;
  /** Fee of every trade, as a share of what is traded. Default 0. */
  readonly fee?: number;
  /** What every trade loses against the close, as a share. Default 0. */
  readonly slippage?: number;
  /**
   * Receives every bar's rows as in a local run, here and after all jobs are done: workers return the columns of the
   * strategy, and this machine reads its history once.
   */
  readonly rows?: RowSink;
  /** The same as a new dataset directory of rows. */
  readonly rowsDirectory?: string;
  /** Called now and then; must not throw. */
  readonly onProgress?: (progress: BacktestProgress) => void;
}

/** What a local `backtest` of the same source returns. */
export interface DistributedBacktest<Summary> extends BacktestResult<Summary> {
  /** How this machine read the history. */
  readonly storage: HistoryStorage;
}

const KNOWN: Record<keyof DistributedBacktestOptions, true> = {
  connection: true,
  queue: true,
  prefix: true,
  jobs: true,
  sharedDirectory: true,
  dataFrom: true,
  signal: true,
  history: true,
  fee: true,
  slippage: true,
  rows: true,
  rowsDirectory: true,
  onProgress: true,
};

export async function runBacktestJobs<Summary>(
  source: FleetSource,
  strategy: FleetStrategy,
  options: DistributedBacktestOptions,
): Promise<DistributedBacktest<Summary>> {
  requireSource(source);
  const { jobs } = requireFleet(options);
  const backtest = await settingsOf(strategy, options);
  const local = await loadStrategy<Strategy<Summary>>(backtest.strategy, 'start');
  const history = await openHistory(source, { ...options.history, signal: options.signal });
  try {
    const { dataset, storage } = history;
    const needed = local.minimumRows ?? 1;
    const tables = dataset.symbols.map((symbol) => dataset.table(symbol));
    const runnable = tables.filter(({ length }) => length >= needed);
    // A history without a symbol that is long enough: as a local run reports it.
    if (runnable.length === 0) await runBacktest(dataset, local, { ...costsOf(options), workers: 1 });
    const run: WantedRun = {
      source,
      data: await dataOf(source, options),
      backtest,
      identity: identityOf(dataset, local, options),
      rows: returnsRows(options),
    };
    const blocks = blocksOf(runnable, jobs);
    const wanted = blocks.map((block, k) => jobOf(run, block, `block ${k + 1} of ${blocks.length}`));
    const onShares = progressOf(blocks, options.onProgress);
    return await runJobs(wanted, options, onShares, async (results) => {
      const symbols = blocks.map((block) => block.map(({ symbol }) => symbol));
      if (run.rows) return { ...(await replayed(dataset, local, symbols, results, options)), storage };
      const found: SymbolResult<Summary>[] = [];
      for (const [k, result] of results.entries()) {
        const block = decodeBlock(await result.bytes(), symbols[k], false);
        found.push(...(block.symbols as readonly SymbolResult<Summary>[]));
      }
      const skipped = tables
        .filter(({ length }) => length < needed)
        .map(({ symbol, length }) => ({ symbol, rows: length, needed }));
      return {
        strategy: local.name,
        rows: runnable.reduce((sum, { length }) => sum + length, 0),
        symbols: found,
        skipped,
        storage,
      };
    });
  } finally {
    history.close();
  }
}

/** The run on this machine, with the columns that workers computed in place of the strategy. */
function replayed<Summary>(
  dataset: Parameters<typeof runBacktest>[0],
  strategy: Strategy<Summary>,
  symbols: readonly (readonly string[])[],
  results: readonly StoredResult[],
  options: DistributedBacktestOptions,
): Promise<BacktestResult<Summary>> {
  const { rows, rowsDirectory, signal } = options;
  const replay = replayOf(strategy, symbols, async (k) => decodeBlock(await results[k].bytes(), symbols[k], true));
  return runBacktest(dataset, replay, { ...costsOf(options), rows, rowsDirectory, signal, workers: 1 });
}

async function settingsOf(strategy: FleetStrategy, options: DistributedBacktestOptions): Promise<BacktestSettings> {
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(KNOWN, key)) {
      reject(key, `is no option of a distributed backtest${nearestHint(key, Object.keys(KNOWN))}`);
    }
  }
  const { history } = options;
  requireJson({ history });
  // Refuses costs that cannot be.
  void new TradingAccount(costsOf(options));
  return { strategy: await referenceOf(strategy), history, ...costsOf(options) };
}

function costsOf({ fee, slippage }: DistributedBacktestOptions) {
  return { fee, slippage };
}

function returnsRows({ rows, rowsDirectory }: DistributedBacktestOptions): boolean {
  return rows !== undefined || rowsDirectory !== undefined;
}

type WantedRun = Pick<SymbolsJob, 'source' | 'data' | 'backtest' | 'identity' | 'rows'>;

function jobOf(run: WantedRun, block: readonly CandleTable[], label: string): WantedJob {
  const symbols = block.map(({ symbol }) => symbol);
  const data: SymbolsJob = { kind: 'symbols', ...run, symbols };
  const id = jobIdOf(['symbols', run.identity, run.backtest.strategy, run.rows, symbols]);
  const names = symbols.slice(0, 3).join(', ');
  const more = symbols.length > 3 ? ` and ${symbols.length - 3} more` : '';
  return { id, data, label: `${label} (${names}${more})` };
}

function progressOf(blocks: readonly (readonly CandleTable[])[], onProgress: DistributedBacktestOptions['onProgress']) {
  const rows = blocks.map((block) => block.reduce((sum, { length }) => sum + length, 0));
  const rowsTotal = rows.reduce((sum, one) => sum + one, 0);
  return (shares: Float64Array, last: number) => {
    const rowsDone = Math.floor(rows.reduce((sum, one, k) => sum + one * shares[k], 0));
    onProgress?.({ symbol: blocks[last].at(-1)!.symbol, rowsDone, rowsTotal });
  };
}
