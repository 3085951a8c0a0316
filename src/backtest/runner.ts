/** Runs a strategy over the symbols of a dataset: on this thread, or on workers that open the dataset themselves. */

import { availableParallelism } from 'node:os';
import { requireMethodsOf, requireNames, requireOptions, requireSignal } from '../arguments.js';
import type { SymbolEntry } from '../dataset/catalogue.js';
import { DirectoryDataset } from '../dataset/directory-dataset.js';
import { leaseVersion } from '../dataset/versions/lease-version.js';
import { AtcError } from '../errors.js';
import { DirectoryWriter } from '../io/atomic-directory.js';
import { Turns } from '../io/turns.js';
import type { Dataset } from '../table.js';
import type { EquityPath } from './equity-path.js';
import { type Plan, planPartitions, requireStrategy, type SkippedSymbol, workerCount } from './plan.js';
import { type RunHere, runOnWorkers } from './pool.js';
import { strategyModule, workersAvailable } from './program-location.js';
import { SymbolRows, writeRowCatalogue } from './row-dataset.js';
import type { RowSink, Strategy } from './seams.js';
import { runSymbol, type SymbolResult } from './symbol-run.js';
import { runSymbols } from './symbols-run.js';
import type { TradingCosts } from './trading.js';

/**
 * Outcome of a backtest: plain data, the same bytes for the same input whatever the storage and the number of workers.
 */
export interface BacktestResult<Summary> {
  /** The `name` of the strategy that was run. */
  readonly strategy: string;
  /** Rows of all symbols that were run. */
  readonly rows: number;
  /** In the order of the dataset's symbols, whatever the number of workers. */
  readonly symbols: readonly SymbolResult<Summary>[];
  /** Symbols with fewer rows than the strategy needs. */
  readonly skipped: readonly SkippedSymbol[];
}

/** How far a run is. */
export interface BacktestProgress {
  /** The one whose rows were done last. */
  readonly symbol: string;
  /** Rows of all symbols so far. */
  readonly rowsDone: number;
  /** Rows of the whole run. */
  readonly rowsTotal: number;
}

export interface RunOptions extends TradingCosts {
  /** Stops within a block by throwing the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Called after every block, with workers for every symbol when its group is done; must not throw. */
  readonly onProgress?: (progress: BacktestProgress) => void;
  /** Receives every block's rows on the calling thread, which then does all the work; without one they are dropped. */
  readonly rows?: RowSink;
  /** Called for every symbol, in the order of the result, before the run returns: what a terminal draws. @internal */
  readonly onPath?: (symbol: string, path: EquityPath) => void;
  /** A new dataset directory for the rows: timestamp, price and the strategy's columns, packed. */
  readonly rowsDirectory?: string;
  /**
   * Threads. Default: the cores, fewer where there is too little to do. Needs a dataset on disk and a strategy with a
   * reference.
   */
  readonly workers?: number;
}

/**
 * Runs a strategy over every symbol. ARGUMENT for wrong options, WORKER for a strategy that throws (an AtcError of its
 * own keeps its code) or a thread that dies twice.
 */
export async function runBacktest<Summary>(
  dataset: Dataset,
  strategy: Strategy<Summary>,
  options: RunOptions = {},
): Promise<BacktestResult<Summary>> {
  requireMethodsOf(dataset, ['table'], 'a dataset');
  requireNames(dataset.symbols, 'symbols of the dataset');
  requireStrategy(strategy);
  requireOptions(options, 'runBacktest');
  requireSignal(options.signal, 'runBacktest');
  const plan = planPartitions(
    strategy,
    dataset.symbols.map((symbol) => dataset.table(symbol)),
  );
  const workers = threadsFor(dataset, strategy, plan, options);
  const writer = options.rowsDirectory === undefined ? undefined : new DirectoryWriter(options.rowsDirectory);
  try {
    const run = workers > 1 ? runParallel : runHere;
    const { results, entries } = await run(dataset, strategy, plan, { ...options, workers }, writer?.temporary);
    if (writer !== undefined) {
      writeRowCatalogue(writer.temporary, entries, {});
      writer.commit();
    }
    return {
      strategy: strategy.name,
      rows: plan.rows,
      symbols: results as SymbolResult<Summary>[],
      skipped: plan.skipped,
    };
  } catch (error) {
    writer?.abort();
    throw error;
  }
}

/** 1 where the work cannot leave this thread; asking for more is then an error, not a silent 1. */
function threadsFor(dataset: Dataset, strategy: Strategy<unknown>, plan: Plan, { workers, rows }: RunOptions): number {
  const count = workerCount(plan, workers, availableParallelism());
  const reasons = [
    dataset instanceof DirectoryDataset ? undefined : 'the history is in memory; workers read datasets on disk',
    strategy.reference === undefined
      ? `the strategy ${strategy.name} has no reference that a worker could import`
      : undefined,
    rows === undefined ? undefined : 'a row sink runs on the calling thread; use rowsDirectory',
  ].filter((reason) => reason !== undefined);
  if (reasons.length === 0) return workers === undefined && count > 1 ? threadsAvailable(strategy, count) : count;
  if (workers !== undefined && workers > 1 && plan.partitions.length > 1) {
    throw new AtcError('ARGUMENT', `workers: ${workers} cannot be used: ${reasons.join('; ')}`, { key: 'workers' });
  }
  return 1;
}

/** `count`, or 1 and a warning where nobody asked for threads and they cannot be started: in a bundle. */
function threadsAvailable({ name, reference }: Strategy<unknown>, count: number): number {
  const { reason } = workersAvailable(reference!.module);
  if (reason === undefined) return count;
  process.emitWarning(`${name} runs on one thread: ${reason}`, { code: 'ATC_ONE_THREAD' });
  return 1;
}

interface Outcome {
  readonly results: readonly SymbolResult<unknown>[];
  readonly entries: readonly SymbolEntry[];
}

type Run = (
  dataset: Dataset,
  strategy: Strategy<unknown>,
  plan: Plan,
  options: RunOptions & { readonly workers: number },
  rowsDirectory: string | undefined,
) => Promise<Outcome>;

const runHere: Run = async (dataset, strategy, plan, options, rowsDirectory) => {
  const results: SymbolResult<unknown>[] = [];
  const entries: SymbolEntry[] = [];
  const turns = new Turns(options.signal);
  let before = 0;
  for (const [index, { symbol, rows }] of plan.partitions.entries()) {
    const file = rowsDirectory === undefined ? undefined : new SymbolRows(rowsDirectory, index, {});
    const result = await runSymbol(dataset.table(symbol), strategy, {
      costs: options,
      signal: options.signal,
      turns,
      rows: bothSinks(file, options.rows),
      onPath: options.onPath === undefined ? undefined : (path) => options.onPath?.(symbol, path),
      onRows: (done) => options.onProgress?.({ symbol, rowsDone: before + done, rowsTotal: plan.rows }),
    });
    results.push(result);
    if (file !== undefined) entries.push(file.finish(symbol));
    before += rows;
  }
  return { results, entries };
};

const runParallel: Run = async (dataset, strategy, plan, options, rowsDirectory) => {
  const { directory, options: open, snapshotId, catalogueKey } = dataset as DirectoryDataset;
  const reference = strategy.reference!;
  let rowsDone = 0;
  const { endLease } = leaseVersion(directory, open.asOf);
  const done = await runOnWorkers(
    plan,
    {
      directory,
      open,
      snapshotId,
      catalogueKey,
      strategy: { ...reference, module: strategyModule(reference.module) },
      costs: { fee: options.fee, slippage: options.slippage },
      rowsDirectory,
      isTraced: options.onPath !== undefined,
    },
    {
      workers: options.workers,
      signal: options.signal,
      here: strategy.sharesCallingThread === true ? sharing(dataset, strategy) : undefined,
      onDone: ({ symbol, rows }) => {
        rowsDone += rows;
        options.onProgress?.({ symbol, rowsDone, rowsTotal: plan.rows });
      },
    },
  ).finally(endLease);
  for (const { result, path } of done) if (path !== undefined) options.onPath?.(result.symbol, path);
  return { results: done.map(({ result }) => result), entries: done.flatMap(({ rows }) => rows ?? []) };
};

/** While threads may wait for their next symbols, which the event loop hands over, ms. */
const SHARED_TURN_MS = 5;

function sharing(dataset: Dataset, strategy: Strategy<unknown>): RunHere {
  let alone: Turns | undefined;
  let shared: Turns | undefined;
  return (task, signal, isAlone) => {
    const turns = isAlone ? (alone ??= new Turns(signal)) : (shared ??= new Turns(signal, SHARED_TURN_MS));
    return runSymbols(task, async () => ({ dataset, strategy }), { signal, turns });
  };
}

function bothSinks(first: RowSink | undefined, second: RowSink | undefined): RowSink | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    async write(symbol, block, rows) {
      await first.write(symbol, block, rows);
      await second.write(symbol, block, rows);
    },
  };
}
