/** One symbol through one strategy, block by block: the same loop on the calling thread and in a worker. */

import { type Columns, dtypeOf } from '../dtype.js';
import { AtcError, isAtcError } from '../errors.js';
import { Turns } from '../io/turns.js';
import type { CandleTable, TableBlock } from '../table.js';
import { withNumericClose } from './closes.js';
import { type EquityPath, EquityTrace } from './equity-path.js';
import { timesOfRows } from './row-times.js';
import type { RowSink, Strategy } from './seams.js';
import { TradedSignal, type TradingCosts, type TradingStatistics } from './trading.js';

/** What a backtest reports of one symbol. */
export interface SymbolResult<Summary> {
  /** As the dataset spells it. */
  readonly symbol: string;
  /** Candles that were run. */
  readonly rows: number;
  /** Timestamps of the first and last candle, UTC ms; NaN for a table without rows. */
  readonly firstMs: number;
  /** Inclusive: the timestamp of the last candle itself. */
  readonly lastMs: number;
  /** Close of the last candle. */
  readonly lastClose: number;
  /** What the strategy's `finish` returned. */
  readonly summary: Summary;
  /** What trading the strategy's signal would have made; docs/backtest.md defines the figures. */
  readonly trading: TradingStatistics;
}

export interface SymbolRunOptions {
  readonly costs?: TradingCosts;
  /** Stops between two blocks by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  readonly rows?: RowSink;
  /** Of a run over many symbols: each alone may be too short for a turn. */
  readonly turns?: Turns;
  /** Rows of this symbol done so far. */
  readonly onRows?: (rows: number) => void;
  /** After the last row. */
  readonly onPath?: (path: EquityPath) => void;
}

export async function runSymbol<Summary>(
  table: CandleTable,
  strategy: Strategy<Summary>,
  { costs, signal, rows: sink, onRows, onPath, turns = new Turns(signal) }: SymbolRunOptions = {},
): Promise<SymbolResult<Summary>> {
  // A sink is given the times of its rows; else the few that the result needs are looked up at the end.
  const names = [...new Set([...(sink === undefined ? [] : ['timestamp']), 'close', ...strategy.columns])];
  const run = await namingAsync(strategy, table.symbol, () => strategy.prepare?.(table) ?? strategy.start(table));
  const trades = new TradedSignal(costs, 'CORRUPT');
  const trace = onPath === undefined ? undefined : new EquityTrace(table.length, costs);
  let lastClose = Number.NaN;
  for (const block of table.blocks(names)) {
    signal?.throwIfAborted();
    const rows = naming(strategy, table.symbol, () => {
      const priced = withNumericClose(block);
      const closes = priced.columns.close as Float64Array;
      const given = requireRows(run.push(priced), priced);
      if (given.signal !== undefined) trades.push(closes, given.signal as Float64Array);
      trace?.push(closes, given.signal);
      lastClose = closes[block.length - 1];
      return given;
    });
    if (sink !== undefined) await sink.write(table.symbol, block, rows);
    onRows?.(block.start + block.length);
    if (turns.due) await turns.take();
  }
  signal?.throwIfAborted();
  if (trace !== undefined) onPath?.(trace.path());
  const summary = naming(strategy, table.symbol, () => run.finish());
  if (run.settle !== undefined) await namingAsync(strategy, table.symbol, () => run.settle?.());
  const wanted = [0, table.length - 1, trades.firstPriced, trades.lastPriced];
  const [firstMs, lastMs, firstPricedMs, lastPricedMs] = timesOfRows(table, wanted);
  return {
    symbol: table.symbol,
    rows: table.length,
    firstMs,
    lastMs,
    lastClose,
    summary,
    trading: trades.statistics(firstPricedMs, lastPricedMs),
  };
}

/**
 * What `push` answered, if that is a typed array per column with a value per row: anything else would be traded as no
 * position.
 */
export function requireRows(rows: Columns, { length }: TableBlock): Columns {
  if (typeof rows !== 'object' || rows === null || rows instanceof Promise) {
    const found = rows instanceof Promise ? 'a promise' : String(rows);
    throw new AtcError('WORKER', `push must return the columns of its block, got ${found}`);
  }
  for (const [name, values] of Object.entries(rows)) {
    if (dtypeOf(values) === undefined) throw new AtcError('WORKER', `the column "${name}" is not a typed array`);
    if (values.length !== length) {
      throw new AtcError(
        'WORKER',
        `the column "${name}" has ${values.length} values for the ${length} rows of its block`,
      );
    }
  }
  return rows;
}

/** Names the symbol that a strategy failed on; errors of ours keep their code. */
export function naming<T>(strategy: { readonly name: string }, symbol: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw named(strategy, symbol, cause);
  }
}

async function namingAsync<T>(
  strategy: { readonly name: string },
  symbol: string,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw named(strategy, symbol, cause);
  }
}

function named({ name }: { readonly name: string }, symbol: string, cause: unknown): AtcError {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new AtcError(isAtcError(cause) ? cause.code : 'WORKER', `${name} on ${symbol}: ${what}`, { cause });
}
