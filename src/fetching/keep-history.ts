/**
 * History that fetches itself: what a dataset lacks is asked for, page by page, and stored. Pages go into a journal as
 * they come and into the dataset when there are many of them, when the work ends, or when it is stopped.
 */
import path from 'node:path';
import { addKnownRows } from '../dataset/amend.js';
import type { DirectoryDataset } from '../dataset/directory-dataset.js';
import { ensureDataset } from '../dataset/new-dataset.js';
import { openDatasetSync } from '../dataset/open.js';
import { FetchMeter } from './fetch-meter.js';
import { KeptHistory } from './kept-history.js';
import { type FetchPlan, type KeepHistoryOptions, planOf } from './options.js';
import { Requests } from './requests.js';
import { type PageSizes, SpanFetch } from './span-fetch.js';
import { type Move, SymbolHistory, type SymbolPlace } from './symbol-history.js';

/** Rows of a symbol that wait in the journal: 6 MiB, three months of minutes. */
const FOLD_ROWS = 1 << 17;
/** The source waits for the disk only when it is so many times ahead. */
const MAX_AHEAD = 3;
/** Pages of a claim where several are fetched at once: near enough to each other that rows come nearly in order. */
const CLAIMED_PAGES = 16;

/**
 * Fetches the candles of [since, until) that `directory` does not have, and opens the dataset. Only what is missing is
 * asked for; where the source has no candles is remembered. Of two candles of one time the first one stays.
 *
 * @throws AtcError ARGUMENT for options, CORRUPT for pages that cannot be right, UNSUPPORTED for a source that cannot
 *   be asked for older candles, IO when the source fails too often; the signal's reason. In each case everything that
 *   was fetched is stored, and the next call continues from there.
 */
export async function keepHistory(options: KeepHistoryOptions): Promise<KeptHistory> {
  const plan = planOf(options);
  plan.signal?.throwIfAborted();
  const { directory, layout, durability, compression, signal } = plan;
  await ensureDataset(directory, { layout, durability, signal, ...compression });
  const dataset = openDatasetSync(directory);
  try {
    return await new Keeper(plan, dataset).run();
  } catch (error) {
    dataset.close();
    throw error;
  }
}

interface Job {
  readonly place: SymbolPlace;
  readonly history: SymbolHistory;
}

class Keeper {
  readonly #plan: FetchPlan;
  readonly #dataset: DirectoryDataset;
  readonly #requests: Requests;
  readonly #meter: FetchMeter;
  readonly #sizes: PageSizes;
  /** Ends what is under way: the caller's signal, or the first failure. */
  readonly #stop = new AbortController();
  readonly #jobs: Job[] = [];
  #folding: Promise<void> = Promise.resolve();
  /** Of which rows are on their way into the dataset. */
  readonly #folds = new Set<Job>();

  constructor(plan: FetchPlan, dataset: DirectoryDataset) {
    this.#plan = plan;
    this.#dataset = dataset;
    this.#sizes = { limit: plan.pageSize, largest: 0, lead: 0 };
    this.#requests = new Requests(plan.fetchPage, plan.limits, () => this.#meter.report());
    this.#meter = new FetchMeter(this.#requests, plan.onProgress);
  }

  async run(): Promise<KeptHistory> {
    const { signal, symbols, limits } = this.#plan;
    const abort = () => this.#stop.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for (const symbol of symbols) await this.#open(symbol);
      this.#meter.begin(this.#jobs.map(({ history }) => history));
      await this.#work(limits.concurrency);
      return this.#result();
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#requests.close();
      for (const { history } of this.#jobs) history.close();
    }
  }

  async #open(symbol: string): Promise<void> {
    const { directory, source, interval, since, end, settledMs, retryEmpty } = this.#plan;
    const place: SymbolPlace = {
      ...{ source, symbol, interval, settledMs, retryEmpty },
      directory: path.resolve(directory),
      range: [since, end],
    };
    this.#jobs.push({ place, history: await SymbolHistory.open(place, this.#dataset, this.#stop.signal) });
  }

  /** Whatever ends the work, what was fetched becomes part of the dataset. */
  async #work(concurrency: number): Promise<void> {
    const workers = Array.from({ length: concurrency }, () => this.#fetchClaims(concurrency));
    const ends = await Promise.allSettled(
      workers.map((worker) =>
        worker.catch((error) => {
          this.#stop.abort(error);
          throw error;
        }),
      ),
    );
    await this.#fold(this.#jobs);
    this.#stop.signal.throwIfAborted();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #fetchClaims(concurrency: number): Promise<void> {
    const { interval } = this.#plan;
    for (;;) {
      this.#stop.signal.throwIfAborted();
      const most =
        concurrency === 1 ? Number.POSITIVE_INFINITY : CLAIMED_PAGES * this.#sizes.limit * interval.longestMs;
      const claimed = this.#claim(most);
      if (claimed === undefined) return;
      const { job, span } = claimed;
      const { place, history } = job;
      const fetch = new SpanFetch(place, history, {
        requests: this.#requests,
        sizes: this.#sizes,
        signal: this.#stop.signal,
        onPage: async () => {
          this.#meter.report(place.symbol);
          if (history.pendingRows >= FOLD_ROWS) await this.#foldBehind(job);
        },
      });
      try {
        await fetch.fetch(span);
      } finally {
        history.release(span);
      }
    }
  }

  #claim(mostMs: number) {
    for (const job of this.#jobs) {
      const span = job.history.claim(mostMs);
      if (span !== undefined) return { job, span };
    }
    return undefined;
  }

  /** While the source is asked for more; what fails here fails again, and is reported, when the work ends. */
  async #foldBehind(job: Job): Promise<void> {
    const folding = this.#folds.has(job) ? this.#folding : this.#fold([job]);
    this.#folds.add(job);
    const ended = folding.then(
      () => this.#folds.delete(job),
      (error) => this.#stop.abort(error),
    );
    if (job.history.pendingRows >= MAX_AHEAD * FOLD_ROWS) await ended;
  }

  /** One after the other: a change to the dataset is all or nothing. */
  #fold(jobs: readonly Job[]): Promise<void> {
    const fold = async () => {
      const moves = jobs.map(({ history }) => history.beginMove()).filter((move): move is Move => move !== undefined);
      if (moves.length === 0) return;
      let isDone = false;
      try {
        await addKnownRows(this.#plan.directory, moves, { durability: this.#plan.durability });
        isDone = true;
      } finally {
        for (const move of moves) move.end(isDone);
      }
      this.#dataset.refresh();
    };
    this.#folding = this.#folding.catch(() => undefined).then(fold);
    return this.#folding;
  }

  #result(): KeptHistory {
    const { since, end } = this.#plan;
    const { sent, repeated } = this.#requests;
    const symbols = this.#jobs.map(({ place, history }) => ({
      symbol: place.symbol,
      rows: history.count,
      added: history.added,
      changed: history.changes.count,
    }));
    const changed = this.#jobs.flatMap(({ history }) => history.changes.listed);
    return new KeptHistory(this.#dataset, [since, end], { symbols, requests: sent, repeated, changed });
  }
}
