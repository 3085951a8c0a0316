/** What backtest-kit yields of a backtest: what a report needs of it, checked. */
import { AtcError, shown } from '../errors.js';

/** Profit or loss of a signal, as backtest-kit computes it. */
export interface SignalProfit {
  /** Per cent of the money in it, after fees and slippage. */
  readonly pnlPercentage: number;
}

/**
 * A result of `Backtest.run` or `Live.run` of backtest-kit whose `action` is `'closed'`: what a report needs of it.
 * Results with other actions are passed over.
 */
export interface SignalResult {
  /** Only `'closed'` ones are reported. */
  readonly action: string;
  /** As the exchange spells it. */
  readonly symbol: string;
  /** Name of the strategy. */
  readonly strategyName?: string;
  /** Price at the close. */
  readonly currentPrice: number;
  /** When it was closed, UTC ms. */
  readonly closeTimestamp: number;
  /** What it made. */
  readonly pnl: SignalProfit;
  /** The signal that was closed. */
  readonly signal: {
    /** Which way it was. */
    readonly position: 'long' | 'short';
    /** When it was opened, UTC ms. */
    readonly pendingAt: number;
    /** Price at which it was opened. */
    readonly priceOpen: number;
    /** Leverage. */
    readonly multiplier?: number;
    /** Entries, 1 without averaging. */
    readonly totalEntries?: number;
    /** Partial closes. */
    readonly totalPartials?: number;
    /** Worst moment. */
    readonly maxDrawdown?: SignalProfit;
    /** Best moment. */
    readonly peakProfit?: SignalProfit;
  };
}

/** The closed ones. @throws AtcError ARGUMENT for one without what a report needs, with its index and what is wrong. */
export function closedSignals(results: readonly unknown[]): SignalResult[] {
  return results.flatMap((one, index) => ((one as SignalResult)?.action === 'closed' ? [checked(one, index)] : []));
}

function checked(result: unknown, index: number): SignalResult {
  const { symbol, signal, currentPrice, closeTimestamp, pnl } = result as SignalResult;
  const reject = (what: string, value: unknown, allowed: string) => {
    throw new AtcError('ARGUMENT', `closed result ${index}: ${what} is ${shown(value)}; allowed: ${allowed}`);
  };
  if (typeof symbol !== 'string') reject('symbol', symbol, 'a string');
  if (signal?.position !== 'long' && signal?.position !== 'short') {
    reject('signal.position', signal?.position, "'long' or 'short'");
  }
  const finite = { currentPrice, closeTimestamp, 'pnl.pnlPercentage': pnl?.pnlPercentage };
  const opened = { 'signal.pendingAt': signal.pendingAt, 'signal.priceOpen': signal.priceOpen };
  for (const [name, value] of Object.entries({ ...finite, ...opened })) {
    if (!Number.isFinite(value)) reject(name, value, 'a finite number');
  }
  for (const [name, value] of Object.entries({ currentPrice, 'signal.priceOpen': signal.priceOpen })) {
    if (!(value > 0)) reject(name, value, 'a price above 0');
  }
  if (closeTimestamp < signal.pendingAt) reject('closeTimestamp', closeTimestamp, 'not before signal.pendingAt');
  return result as SignalResult;
}
