/** The six columns of a candle, which ccxt, freqtrade, backtest-kit and LEAN have and no others. */
import { AtcError } from '../../errors.js';

const CANDLE = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Names of the six columns as a table has them, in any case. ARGUMENT where one is missing; `where` names the file. */
export function candleColumns(names: readonly string[], where: string): string[] {
  return CANDLE.map((wanted) => {
    const found = names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === wanted);
    if (found !== undefined) return found;
    const what = `${where}: rows of this format need ${CANDLE.join(', ')}; there is no "${wanted}"`;
    throw new AtcError('ARGUMENT', what, { column: wanted });
  });
}
