/** Equity curves of some trials of a finished study: a file a trial, written once the trials are ranked. */
import { withNumericClose } from '../backtest/closes.js';
import type { Strategy } from '../backtest/seams.js';
import { naming, requireRows } from '../backtest/symbol-run.js';
import { costRateOf, type TradingCosts } from '../backtest/trading.js';
import { Turns } from '../io/turns.js';
import type { CandleTable } from '../table.js';
import { equityOf } from './equity-of.js';

/** One symbol of one trial. */
export interface EquityCurve {
  /** As the dataset spells it. */
  readonly symbol: string;
  /** UTC ms of each bar. */
  readonly times: Float64Array;
  /** Equity after each bar, 1 before the first. */
  readonly equity: Float64Array;
}

/** The equity of a strategy over rows [0, to) of a table. */
export async function equityCurve(
  strategy: Strategy<unknown>,
  table: CandleTable,
  to: number,
  costs: TradingCosts,
  signal?: AbortSignal,
): Promise<EquityCurve> {
  const times = new Float64Array(to);
  const closes = new Float64Array(to);
  const signals = new Float64Array(to);
  const turns = new Turns(signal);
  // Without enough rows nothing is traded.
  const isLong = to >= (strategy.minimumRows ?? 1);
  const run = isLong ? naming(strategy, table.symbol, () => strategy.start(table)) : undefined;
  const names = [...new Set(['timestamp', 'close', ...strategy.columns])];
  for (const block of table.blocks(names, { from: 0, to })) {
    signal?.throwIfAborted();
    const priced = withNumericClose(block);
    const wanted = run && naming(strategy, table.symbol, () => requireRows(run.push(priced), priced)).signal;
    for (let row = 0; row < block.length; row++) {
      const at = block.start + row;
      times[at] = Number(block.columns.timestamp[row]);
      closes[at] = Number(priced.columns.close[row]);
      signals[at] = wanted === undefined ? 0 : Number(wanted[row]);
    }
    if (turns.due) await turns.take();
  }
  run?.finish();
  return { symbol: table.symbol, times, equity: equityOf(closes, signals, costRateOf(costs)) };
}
