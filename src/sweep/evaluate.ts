/**
 * Trials over one symbol: every block is read and decoded once, all trials advance together, their accounts side by
 * side. Memory grows with the trials, not with the history.
 */
import { CHUNK, LANES } from '../backtest/account-layout.js';
import type { Accounts } from '../backtest/accounts.js';
import { withNumericClose } from '../backtest/closes.js';
import { naming } from '../backtest/symbol-run.js';
import type { TradingCosts } from '../backtest/trading.js';
import { dtypeOf } from '../dtype.js';
import { Turns } from '../io/turns.js';
import type { CandleTable, TableBlock } from '../table.js';
import type { PositionSink, SweepStrategy } from './seams.js';
import type { TrialParameters } from './space.js';
import { type Evaluation, TradedAccounts, type TradedRows } from './traded-accounts.js';
import { trialRunOf } from './trial-runs.js';

/** Bars of all trials together between two looks at the clock: a fraction of a second. */
const TRIAL_BARS_PER_TURN = 1_500_000;

export interface EvaluateOptions {
  readonly costs?: TradingCosts;
  readonly signal?: AbortSignal;
  /** Rows of the table done so far. */
  readonly onRows?: (rows: number) => void;
}

/** One evaluation for each element of `traded`, out of one pass over the history. */
export async function evaluateTrials(
  table: CandleTable,
  strategy: SweepStrategy,
  trials: readonly TrialParameters[],
  traded: readonly TradedRows[],
  { costs, signal, onRows }: EvaluateOptions = {},
): Promise<Evaluation[]> {
  const lastRow = Math.max(...traded.map(({ to }) => to));
  const isLong = trials.map((parameters) => {
    const { minimumRows = 1 } = strategy.create(parameters);
    return minimumRows <= lastRow;
  });
  const running = trials.filter((_, k) => isLong[k]);
  const stretches = traded.map((rows) => new TradedAccounts(rows, running.length, costs));
  const run = trialRunOf(strategy, table, running);
  const turns = new Turns(signal);
  const barsPerTurn = Math.max(64, Math.floor(TRIAL_BARS_PER_TURN / Math.max(1, running.length)));
  if (running.length > 0) {
    for (const block of table.blocks(run.columns, { from: 0, to: lastRow })) {
      signal?.throwIfAborted();
      const priced = naming(strategy, table.symbol, () => withNumericClose(block));
      const closes = wide(priced);
      await run.begin(priced, turns);
      for (let from = 0; from < block.length; ) {
        const most = Math.min(block.length, from + CHUNK, from + barsPerTurn);
        const to = Math.min(most, ...stretches.map((one) => one.edgeAfter(block.start + from) - block.start));
        const chunk = closes.subarray(from, to);
        const active = stretches.filter((one) => one.covers(block.start + from));
        naming(strategy, table.symbol, () => {
          for (const one of active) one.accounts.begin(chunk);
          run.advance(chunk, from, sinkOf(active.map(({ accounts }) => accounts)));
        });
        for (const one of active) one.reach(block.start + to);
        from = to;
        if (turns.due) await turns.take();
      }
      onRows?.(block.start + block.length);
    }
  }
  signal?.throwIfAborted();
  const summaries = running.length === 0 ? [] : await run.finish(table.symbol);
  return stretches.map((one) => one.evaluation(table, summaries, isLong));
}

/** Trials write where the first of the accounts reads; the others get a copy. */
function sinkOf(accounts: readonly Accounts[]): PositionSink {
  if (accounts.length === 0) return { positions: IDLE, take: () => undefined };
  const [first, ...others] = accounts;
  if (others.length === 0) return { positions: first.positions, take: (group) => first.trade(group) };
  return {
    positions: first.positions,
    take(group) {
      first.trade(group);
      for (const other of others) {
        other.positions.set(first.positions);
        other.trade(group);
      }
    },
  };
}

/** Where positions go that nobody trades. */
const IDLE = new Int8Array(CHUNK * LANES);

function wide({ columns, length }: TableBlock): Float64Array {
  const close = columns.close as Float64Array;
  if (dtypeOf(close) !== 'float64') return Float64Array.from(close.subarray(0, length));
  return close.length === length ? close : close.subarray(0, length);
}
