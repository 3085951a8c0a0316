/** Candles through an exchange of ccxt, which knows how each of them is asked. ccxt itself is not loaded here. */
import { requireKnownOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { headerOf, parseRetryAfter } from './failure.js';
import type { FetchPage, PageRequest } from './requests.js';

/** What is used of an exchange of ccxt. */
export interface CcxtLike {
  /** Such as `binance`. */
  readonly id: string;
  /** What the exchange can do, and how much at once. */
  readonly features?: unknown;
  /** By symbol, once they are loaded. */
  readonly markets?: unknown;
  /** Names of its intervals. */
  readonly timeframes?: unknown;
  /** Headers of the answer that came last. */
  readonly last_response_headers?: unknown;
  /** Loads them. */
  loadMarkets?(): Promise<unknown>;
  /** One of the features, for a symbol. */
  featureValue?(symbol: string, method: string, feature: string): unknown;
  /** Rows `[ms, open, high, low, close, volume]`. */
  fetchOHLCV(symbol: string, timeframe?: string, since?: number, limit?: number, params?: object): Promise<unknown>;
}

/** How an exchange is asked. */
export interface CcxtHistoryOptions {
  /** Most candles of a page. Default: what ccxt knows of the symbol's market, else 500. */
  readonly pageSize?: number;
  /** Whether the end of a page is handed over, as ccxt's `until`. Default true. */
  readonly until?: boolean;
  /** Passed on with every request, such as `{ price: 'mark' }`. */
  readonly params?: object;
}

/** Options of `keepHistory` that an exchange decides. */
export interface CcxtHistory {
  /** Id of the exchange. */
  readonly source: string;
  /** Asks the exchange. */
  readonly fetchPage: FetchPage;
  /** Most candles of a page. */
  readonly pageSize: number;
}

const PAGE_SIZE = 500;

/**
 * The part of `keepHistory`'s options that an exchange of ccxt decides: `keepHistory({ ...ccxtHistory(exchange), … })`.
 * The exchange's own rate limit holds.
 *
 * @throws AtcError ARGUMENT for what is no exchange; UNSUPPORTED for one without candles.
 */
export function ccxtHistory(exchange: CcxtLike, options: CcxtHistoryOptions = {}): CcxtHistory {
  requireKnownOptions(options, ['pageSize', 'until', 'params'], 'ccxtHistory');
  if (typeof exchange?.fetchOHLCV !== 'function' || typeof exchange.id !== 'string') {
    throw new AtcError('ARGUMENT', `ccxtHistory needs an exchange of ccxt, got ${shown(exchange)}`);
  }
  const { has } = exchange as { has?: { fetchOHLCV?: unknown } | null };
  if (has !== undefined && has !== null && (has.fetchOHLCV === false || has.fetchOHLCV === undefined)) {
    throw new AtcError('UNSUPPORTED', `${exchange.id} gives no candles through ccxt (has.fetchOHLCV is false)`);
  }
  const { pageSize = pageSizeOf(exchange) ?? PAGE_SIZE, until = true, params = {} } = options ?? {};
  const limitOf = async (symbol: string, wanted: number) => {
    if (options?.pageSize !== undefined || exchange.featureValue === undefined) return wanted;
    if (exchange.markets === undefined) await exchange.loadMarkets?.();
    const most = exchange.featureValue(symbol, 'fetchOHLCV', 'limit');
    return typeof most === 'number' && most > 0 ? Math.min(most, wanted) : wanted;
  };
  const fetchPage = async (request: PageRequest): Promise<readonly unknown[]> => {
    const { symbol, interval, since } = request;
    requireTimeframe(exchange, interval);
    // ccxt's `until` is the last moment that counts.
    const given = until ? { ...params, until: request.until - 1 } : params;
    try {
      const limit = await limitOf(symbol, request.limit);
      return (await exchange.fetchOHLCV(symbol, interval, since, limit, given)) as readonly unknown[];
    } catch (error) {
      const wait = parseRetryAfter(headerOf(exchange.last_response_headers), Date.now());
      if (wait !== undefined && isBusy(error)) Object.assign(error, { retryAfterMs: wait });
      throw error;
    }
  };
  return { source: exchange.id, fetchPage, pageSize };
}

function requireTimeframe({ id, timeframes }: CcxtLike, interval: string): void {
  if (typeof timeframes !== 'object' || timeframes === null || Object.hasOwn(timeframes, interval)) return;
  const known = Object.keys(timeframes).join(', ');
  throw new AtcError('ARGUMENT', `${id} has no interval ${interval}; it has ${known}`, { key: 'interval' });
}

/** The largest of the limits of its kinds of markets; a symbol of another kind gets its own. */
function pageSizeOf({ features }: CcxtLike): number | undefined {
  const limits: number[] = [];
  const visit = (node: unknown, depth: number): void => {
    if (typeof node !== 'object' || node === null || depth > 3) return;
    for (const [name, value] of Object.entries(node)) {
      if (name !== 'fetchOHLCV') visit(value, depth + 1);
      else if (typeof value?.limit === 'number' && value.limit > 0) limits.push(value.limit);
    }
  };
  visit(features, 0);
  return limits.length === 0 ? undefined : Math.max(...limits);
}

/** The classes of ccxt for 429, 418, 5xx and unnamed answers: headers of an earlier one say nothing about others. */
function isBusy(error: unknown): error is object {
  if (typeof error !== 'object' || error === null) return false;
  if (error.constructor?.name === 'ExchangeError') return true;
  for (let one = error; one !== null; one = Object.getPrototypeOf(one)) {
    if (['RateLimitExceeded', 'DDoSProtection', 'ExchangeNotAvailable'].includes(one.constructor?.name)) return true;
  }
  return false;
}
