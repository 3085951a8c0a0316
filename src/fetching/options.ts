/** The options of `keepHistory`, checked and with their defaults. */
import { requireKnownOptions, requireOneOf, requireOptionalFunction, requirePath } from '../arguments.js';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import { AtcError, reasonOf, shown } from '../errors.js';
import { timeBound } from '../formats/options.js';
import type { Durability } from '../io/durability.js';
import type { DatasetLayout } from '../table.js';
import { type Interval, intervalOf, isoTime } from './interval.js';
import type { FetchPage, RequestLimits } from './requests.js';

/** How far a fetch is. Rows that are reported here survive the death of the process. */
export interface FetchProgress {
  /** The symbol of the page that came last. */
  readonly symbol: string;
  /** New rows of all symbols, stored. */
  readonly rows: number;
  /** Requests sent, repeated ones included. */
  readonly requests: number;
  /** Of those, the repeated ones: the source had failed, or was busy. */
  readonly repeated: number;
  /** How much of what was missing is known now, 0 to 1. */
  readonly share: number;
  /** Time left at the present pace in ms; undefined until one can be seen. */
  readonly remainingMs: number | undefined;
  /** UTC ms: until then the source wants no requests. Undefined when it takes them. */
  readonly waitingUntil: number | undefined;
}

/** What to fetch, from where, and how. */
export interface KeepHistoryOptions extends CompressionOptions {
  /** The dataset that is made or continued. */
  readonly directory: string;
  /** Gives one page of candles; called again for every page, and after a failure that can pass. */
  readonly fetchPage: FetchPage;
  /** Of the candles: `1m`, `4h`, `1d`, `1M`, or ms. */
  readonly interval: string | number;
  /** One symbol, or use `symbols`. */
  readonly symbol?: string;
  /** Several symbols. */
  readonly symbols?: readonly string[];
  /** First open that is wanted: UTC ms, a Date, or ISO text such as `2023-01-01`. */
  readonly since: number | string | Date;
  /** Opens before it are wanted. Default: now. Candles that are not closed yet are left out in any case. */
  readonly until?: number | string | Date;
  /** Names the source: a symbol of one source is not continued from another. Default `source`. */
  readonly source?: string;
  /** Most candles that the source gives at once. Default 500. A source that gives fewer is noticed. */
  readonly pageSize?: number;
  /** Most requests at once. Default 1. */
  readonly concurrency?: number;
  /** Most requests a second. Default: as many as are answered. */
  readonly rate?: number;
  /** Repetitions of a request that failed with what can pass. Default 8. */
  readonly retries?: number;
  /** Wait before the first repetition, then twice as long each time, in ms. Default 500. */
  readonly backoffMs?: number;
  /** Longest wait in ms; a source that asks for a longer one ends the fetch with IO. Default 15 minutes. */
  readonly maxWaitMs?: number;
  /** A request that takes longer counts as failed, in ms. Default 60,000. */
  readonly timeoutMs?: number;
  /** A candle counts as closed this long after its end, in ms: clocks differ. Default 5,000. */
  readonly closeDelayMs?: number;
  /** Ask once more for spans in which the source had no candles. Default false. */
  readonly retryEmpty?: boolean;
  /** Of a new dataset: `packed`, compressed, or `mapped`. Default `packed`. */
  readonly layout?: DatasetLayout;
  /** What the dataset survives; pages that are still in the journal survive the process only. Default `power`. */
  readonly durability?: Durability;
  /** Stops with the signal's reason. What was fetched is stored. */
  readonly signal?: AbortSignal;
  /** After every page, and when the source wants a pause. Must not throw. */
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** The same with everything decided. */
export interface FetchPlan {
  readonly directory: string;
  readonly fetchPage: FetchPage;
  readonly interval: Interval;
  readonly symbols: readonly string[];
  readonly since: number;
  /** Candles that open before it are closed, and wanted. */
  readonly end: number;
  readonly settledMs: number;
  readonly source: string;
  readonly pageSize: number;
  readonly limits: RequestLimits;
  readonly retryEmpty: boolean;
  readonly layout: DatasetLayout;
  readonly compression: CompressionOptions;
  readonly durability: Durability;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: FetchProgress) => void) | undefined;
}

const KNOWN: Record<keyof KeepHistoryOptions, true> = {
  ...{ directory: true, fetchPage: true, interval: true, symbol: true, symbols: true, since: true, until: true },
  ...{ source: true, pageSize: true, concurrency: true, rate: true, retries: true, backoffMs: true, maxWaitMs: true },
  ...{ timeoutMs: true, closeDelayMs: true, retryEmpty: true, layout: true, level: true, algorithm: true },
  ...{ durability: true, signal: true, onProgress: true },
};
const WHERE = 'keepHistory';
/** After that time a source that has no candle is taken not to have one: what is late has come. */
const SETTLE_MS = 24 * 3_600_000;
const MAX_PAGE = 1_000_000;
/** The longest that a timer of Node can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** ARGUMENT for what cannot be meant. */
export function planOf(options: KeepHistoryOptions): FetchPlan {
  if (options === undefined) throw new AtcError('ARGUMENT', `${WHERE} needs options: fetchPage, symbol, interval, …`);
  requireKnownOptions(options, Object.keys(KNOWN), WHERE);
  const {
    directory,
    fetchPage,
    layout = 'packed',
    durability = 'power',
    onProgress,
    signal,
    level,
    algorithm,
  } = options;
  requirePath(directory, `${WHERE}: directory`);
  if (typeof fetchPage !== 'function') refuse('fetchPage', fetchPage, 'a function that gives a page of candles');
  requireOneOf(layout, ['packed', 'mapped'], `${WHERE}: layout`);
  requireOneOf(durability, ['power', 'process'], `${WHERE}: durability`);
  requireOneOf(options.retryEmpty, [true, false], `${WHERE}: retryEmpty`);
  requireOptionalFunction(onProgress, `${WHERE}: onProgress`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal', signal, 'an AbortSignal');
  resolveCompression({ level, algorithm });
  const interval = intervalOf(options.interval);
  const { source = 'source' } = options;
  if (typeof source !== 'string' || source === '') refuse('source', source, 'a name, such as binance');
  const { since, end, nowMs } = rangeOf(options, interval);
  return {
    ...{ directory, fetchPage, interval, since, end, source, layout, durability, signal, onProgress },
    symbols: symbolsOf(options),
    settledMs: nowMs - SETTLE_MS,
    pageSize: numberOf(options, 'pageSize', 500, 1, MAX_PAGE, true),
    retryEmpty: options.retryEmpty ?? false,
    compression: { level, algorithm },
    limits: {
      concurrency: numberOf(options, 'concurrency', 1, 1, 1000, true),
      rate: options.rate === undefined ? undefined : numberOf(options, 'rate', 1, 0.001, 1e5),
      retries: numberOf(options, 'retries', 8, 0, 1000, true),
      backoffMs: numberOf(options, 'backoffMs', 500, 0, MAX_TIMER_MS),
      maxWaitMs: numberOf(options, 'maxWaitMs', 15 * 60_000, 0, MAX_TIMER_MS),
      timeoutMs: numberOf(options, 'timeoutMs', 60_000, 1, MAX_TIMER_MS),
    },
  };
}

function rangeOf(options: KeepHistoryOptions, interval: Interval): { since: number; end: number; nowMs: number } {
  const since = timeOf('since', options.since);
  if (since === undefined) refuse('since', options.since, 'the first time that is wanted');
  const until = timeOf('until', options.until) ?? Number.POSITIVE_INFINITY;
  if (!(since < until)) {
    const message = `${WHERE}: since (${isoTime(since)}) must be before until (${isoTime(until)})`;
    throw new AtcError('ARGUMENT', message, { key: 'since' });
  }
  const delay = numberOf(options, 'closeDelayMs', 5000, 0, MAX_TIMER_MS);
  const nowMs = Date.now();
  if (since > nowMs) {
    throw new AtcError('ARGUMENT', `${WHERE}: since (${isoTime(since)}) is in the future`, { key: 'since' });
  }
  const end = Math.min(until, interval.lastClosedOpen(nowMs - delay) + 1);
  return { since, end: Math.max(since, end), nowMs };
}

function timeOf(key: 'since' | 'until', value: KeepHistoryOptions['since'] | undefined): number | undefined {
  try {
    return timeBound(key, value);
  } catch (cause) {
    throw new AtcError('ARGUMENT', `${WHERE}: ${reasonOf(cause)}`, { key, cause });
  }
}

function symbolsOf({ symbol, symbols }: KeepHistoryOptions): readonly string[] {
  if (symbol !== undefined && symbols !== undefined) {
    throw new AtcError('ARGUMENT', `${WHERE} takes symbol or symbols, not both`, { key: 'symbols' });
  }
  const given: unknown = symbols ?? [symbol];
  if (!Array.isArray(given) || given.length === 0) return refuse('symbols', given, 'a list of names');
  for (const one of given) if (typeof one !== 'string' || one === '') refuse('symbol', one, 'a name, such as BTC/USDT');
  return [...new Set(given as string[])];
}

function numberOf(
  options: KeepHistoryOptions,
  key: keyof KeepHistoryOptions,
  standard: number,
  least: number,
  most: number,
  isWhole = false,
): number {
  const { [key]: value = standard } = options;
  const isRight = typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isInteger(value));
  return isRight ? value : refuse(key, value, `a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
}

function refuse(key: string, value: unknown, due: string): never {
  throw new AtcError('ARGUMENT', `${WHERE}: ${key} is ${shown(value)}; it must be ${due}`, { key });
}
