/**
 * Requests to a source: at most so many at once and so many a second, each tried again while that can help. A source
 * that asks for a pause gets it from all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type PQueue from 'p-queue';
import type pRetry from 'p-retry';
import { AtcError, isAtcError, reasonOf } from '../errors.js';
import { canPass, requestedWaitMs } from './failure.js';
import { isoTime, lengthText } from './interval.js';

/** What a source is asked for: candles that open in [since, until), oldest first where it can. */
export interface PageRequest {
  /** As it was given. */
  readonly symbol: string;
  /** Such as `1m`. */
  readonly interval: string;
  /** UTC ms of the first open that is wanted. */
  readonly since: number;
  /** UTC ms; opens before it are wanted. For sources that take the end of a page. */
  readonly until: number;
  /** Most rows that are wanted. */
  readonly limit: number;
  /** Aborted when the page is not wanted any more or takes longer than `timeoutMs`. */
  readonly signal: AbortSignal;
}

/** One page of candles as the source has them: `[ms, open, high, low, close, volume]`, in any order. */
export type FetchPage = (request: PageRequest) => Promise<readonly unknown[]> | readonly unknown[];

export interface RequestLimits {
  readonly concurrency: number;
  /** Requests a second. */
  readonly rate: number | undefined;
  readonly retries: number;
  /** Wait before the first repetition; twice as long before each further one. */
  readonly backoffMs: number;
  /** Longest wait; a source that asks for a longer one is given up. */
  readonly maxWaitMs: number;
  readonly timeoutMs: number;
}

/** Spacing of requests cannot be finer than timers are. */
const LEAST_INTERVAL_MS = 20;

export class Requests {
  /** Sent so far, repetitions included. */
  sent = 0;
  /** Of those, the repetitions. */
  repeated = 0;
  /** Until when the source wants no request, UTC ms; in the past when it takes them. */
  pausedUntil = 0;
  readonly #fetchPage: FetchPage;
  readonly #limits: RequestLimits;
  readonly #onWait: () => void;
  #queue: PQueue | undefined;
  #retry: typeof pRetry | undefined;
  #resume: NodeJS.Timeout | undefined;

  constructor(fetchPage: FetchPage, limits: RequestLimits, onWait: () => void) {
    this.#fetchPage = fetchPage;
    this.#limits = limits;
    this.#onWait = onWait;
  }

  /**
   * The answer of the source. IO when it fails for good or too often, with its error as `cause`; the signal's reason
   * when that is aborted.
   */
  async page(request: Omit<PageRequest, 'signal'>, signal: AbortSignal): Promise<unknown> {
    const { retries, backoffMs, maxWaitMs } = this.#limits;
    const retry = (this.#retry ??= (await import('p-retry')).default);
    const queue = (this.#queue ??= await this.#createQueue());
    let attempts = 0;
    let hasWaited = false;
    try {
      return await retry(
        () =>
          queue.add(
            () => {
              if (attempts++ > 0) this.repeated++;
              return this.#attempt(request, signal);
            },
            { signal },
          ),
        {
          retries,
          minTimeout: backoffMs,
          maxTimeout: maxWaitMs,
          randomize: true,
          signal,
          shouldRetry: ({ error }) => attempts <= retries && canPass(error),
          onFailedAttempt: async ({ error }) => {
            hasWaited = await this.#heed(error, signal);
          },
          // The wait that the source asked for takes the place of the growing one.
          shouldConsumeRetry: () => !hasWaited || attempts > retries,
        },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (isAtcError(error)) throw error;
      throw failed(request, attempts, error);
    }
  }

  /** Nothing of it holds the process. */
  close(): void {
    clearTimeout(this.#resume);
    this.#queue?.clear();
  }

  async #createQueue(): Promise<PQueue> {
    const { default: Queue } = await import('p-queue');
    const { concurrency, rate } = this.#limits;
    if (rate === undefined) return new Queue({ concurrency });
    const interval = Math.max(LEAST_INTERVAL_MS, 1000 / rate);
    return new Queue({ concurrency, interval, intervalCap: Math.max(1, Math.round((rate * interval) / 1000)) });
  }

  async #attempt(request: Omit<PageRequest, 'signal'>, signal: AbortSignal): Promise<unknown> {
    const { timeoutMs } = this.#limits;
    const own = new AbortController();
    const abort = () => own.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(() => {
      own.abort(new Error(`no answer within ${lengthText(timeoutMs)}`));
    }, timeoutMs);
    this.sent++;
    try {
      // A source that does not look at the signal is left behind.
      const aborted = new Promise<never>((_, reject) => {
        own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
      });
      const answer = (async () => this.#fetchPage({ ...request, signal: own.signal }))();
      return await Promise.race([answer, aborted]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Waits as long as the source asked for, if it did, and lets no other request go out before. */
  async #heed(error: unknown, signal: AbortSignal): Promise<boolean> {
    const waitMs = canPass(error) ? requestedWaitMs(error, Date.now()) : undefined;
    if (waitMs === undefined || waitMs === 0) return false;
    if (waitMs > this.#limits.maxWaitMs) {
      throw new AtcError(
        'IO',
        `the source wants no request for ${Math.ceil(waitMs / 1000)} s; what was fetched is stored, run again then`,
        { cause: error },
      );
    }
    this.#pause(waitMs);
    this.#onWait();
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    return true;
  }

  #pause(waitMs: number): void {
    const until = Date.now() + waitMs;
    if (until <= this.pausedUntil) return;
    this.pausedUntil = until;
    clearTimeout(this.#resume);
    this.#queue?.pause();
    this.#resume = setTimeout(() => this.#queue?.start(), waitMs);
  }
}

function failed({ symbol, since }: Omit<PageRequest, 'signal'>, attempts: number, error: unknown): AtcError {
  const times = attempts > 1 ? ` ${attempts} times` : '';
  const message =
    `${symbol}: the source failed${times} on candles from ${isoTime(since)}: ${reasonOf(error)}; what was fetched ` +
    'is stored, run again for the rest';
  return new AtcError('IO', message, { cause: error });
}
