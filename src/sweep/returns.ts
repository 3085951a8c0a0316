/** The returns of one trial, bar by bar: what a report needs of the best and of no other. */
import { barReturn, withNumericClose } from '../backtest/closes.js';
import type { Strategy } from '../backtest/seams.js';
import { naming, requireRows } from '../backtest/symbol-run.js';
import { costRateOf, type TradingCosts } from '../backtest/trading.js';
import { momentsOf, type ReturnMoments } from '../report/sharpe-tests.js';
import type { CandleTable } from '../table.js';

/** Sums of the first four powers of the returns over rows [0, to) of several tables, and their moments. */
export function returnMoments(
  strategy: Strategy<unknown>,
  tables: readonly { readonly table: CandleTable; readonly to: number }[],
  costs: TradingCosts,
): ReturnMoments {
  const powers = [0, 0, 0, 0, 0];
  for (const { table, to } of tables) {
    if (to < (strategy.minimumRows ?? 1)) continue;
    eachReturn(strategy, table, to, costs, (rate) => {
      let power = 1;
      for (let k = 0; k < powers.length; k++) {
        powers[k] += power;
        power *= rate;
      }
    });
  }
  return momentsOf(powers[0], powers[1], powers[2], powers[3], powers[4]);
}

/** The returns of `Equity`, in order. */
function eachReturn(
  strategy: Strategy<unknown>,
  table: CandleTable,
  to: number,
  costs: TradingCosts,
  take: (rate: number) => void,
): void {
  const costRate = costRateOf(costs);
  const run = naming(strategy, table.symbol, () => strategy.start(table));
  let price = Number.NaN;
  let held = 0;
  let isLost = false;
  for (const block of table.blocks([...new Set(['close', ...strategy.columns])], { from: 0, to })) {
    const priced = withNumericClose(block);
    const signal = naming(strategy, table.symbol, () => requireRows(run.push(priced), priced)).signal;
    for (let row = 0; row < block.length; row++) {
      const close = Number(priced.columns.close[row]);
      if (Number.isNaN(close)) continue;
      const wanted = signal === undefined ? 0 : signal[row];
      const position = wanted > 0 ? 1 : wanted < 0 ? -1 : 0;
      const paid = 1 - Math.abs(position - held) * costRate;
      if (!Number.isNaN(price)) {
        const factor: number = isLost ? 1 : Math.max(0, (1 + held * barReturn(price, close)) * paid);
        isLost ||= factor === 0;
        take(factor - 1);
      } else if (paid < 1) take(paid - 1);
      price = close;
      held = position;
    }
  }
  run.finish();
}
