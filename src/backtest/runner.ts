/** Runs a strategy over the symbols of a dataset, block by block: memory stays at one block per column. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dataset } from '../dataset/table.js';
import { AtcError, isAtcError } from '../errors.js';
import type { RowSink, Strategy } from './seams.js';
import { TradingAccount, type TradingStatistics } from './trading.js';

export interface SymbolResult<Summary> {
  readonly symbol: string;
  readonly rows: number;
  /** Timestamps of the first and last candle, UTC ms; NaN for a table without rows. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastClose: number;
  readonly summary: Summary;
  readonly trading: TradingStatistics;
}

export interface BacktestResult<Summary> {
  readonly strategy: string;
  readonly rows: number;
  /** In the order of the dataset's symbols. */
  readonly symbols: readonly SymbolResult<Summary>[];
  /** Symbols with fewer rows than the strategy needs. */
  readonly skipped: readonly { readonly symbol: string; readonly rows: number; readonly needed: number }[];
}

export interface BacktestProgress {
  readonly symbol: string;
  readonly rowsDone: number;
  readonly rowsTotal: number;
}

export interface RunOptions {
  /** Stops between two blocks by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BacktestProgress) => void;
  /** Receives every block's rows; without one they are dropped. */
  readonly rows?: RowSink;
}

/** The event loop gets a turn at least this often, so that signals and timers of the host are served. */
const TURN_MS = 50;

export async function runBacktest<Summary>(
  dataset: Dataset,
  strategy: Strategy<Summary>,
  { signal, onProgress, rows: sink }: RunOptions = {},
): Promise<BacktestResult<Summary>> {
  const needed = strategy.minimumRows ?? 1;
  const all = dataset.symbols.map((symbol) => dataset.table(symbol));
  const tables = all.filter((table) => table.length >= needed);
  const skipped = all
    .filter((table) => table.length < needed)
    .map(({ symbol, length }) => ({ symbol, rows: length, needed }));
  if (tables.length === 0) {
    const longest = skipped.reduce((most, { rows }) => Math.max(most, rows), 0);
    throw new AtcError(
      'ARGUMENT',
      `${strategy.name} needs at least ${needed} rows of a symbol; the longest has ${longest}`,
    );
  }
  const rowsTotal = tables.reduce((sum, table) => sum + table.length, 0);
  const names = [...new Set(['timestamp', 'close', ...strategy.columns])];
  const symbols: SymbolResult<Summary>[] = [];
  let rowsDone = 0;
  let lastTurn = performance.now();
  for (const table of tables) {
    const run = strategy.start(table);
    const account = new TradingAccount();
    let firstMs = Number.NaN;
    let lastMs = Number.NaN;
    let lastClose = Number.NaN;
    for (const block of table.blocks(names)) {
      signal?.throwIfAborted();
      const closes = block.columns.close as Float64Array;
      const times = block.columns.timestamp as Float64Array;
      const rows = naming(strategy, table.symbol, () => run.push(block));
      if (rows.signal !== undefined) account.push(closes, rows.signal as Float64Array);
      if (block.start === 0) firstMs = times[0];
      lastMs = times[block.length - 1];
      lastClose = closes[block.length - 1];
      if (sink !== undefined) await sink.write(table.symbol, block, rows);
      rowsDone += block.length;
      onProgress?.({ symbol: table.symbol, rowsDone, rowsTotal });
      if (performance.now() - lastTurn > TURN_MS) {
        await nextTurn();
        lastTurn = performance.now();
      }
    }
    signal?.throwIfAborted();
    const summary = naming(strategy, table.symbol, () => run.finish());
    symbols.push({
      symbol: table.symbol,
      rows: table.length,
      firstMs,
      lastMs,
      lastClose,
      summary,
      trading: account.statistics(),
    });
  }
  return { strategy: strategy.name, rows: rowsTotal, symbols, skipped };
}

/** Says which symbol a strategy failed on; errors of ours keep their code. */
function naming<T>(strategy: { readonly name: string }, symbol: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const code = isAtcError(cause) ? cause.code : 'WORKER';
    throw new AtcError(code, `${strategy.name} on ${symbol}: ${what}`, { cause });
  }
}
