/** Runs trials over symbols: on this thread, or cut into as many parts as there are worker threads. */
import type { Piscina } from 'piscina';
import { LANES } from '../backtest/account-layout.js';
import { strategyModule, sweepWorkerLocation } from '../backtest/program-location.js';
import { openPool } from '../backtest/threads.js';
import type { TradingCosts } from '../backtest/trading.js';
import { leaseVersion } from '../dataset/versions/lease-version.js';
import { AtcError, shown } from '../errors.js';
import type { CandleTable } from '../table.js';
import { evaluateTrials } from './evaluate.js';
import type { SweepHistory } from './history.js';
import type { SweepStrategy } from './seams.js';
import type { TrialParameters } from './space.js';
import type { Evaluation, TradedRows } from './traded-accounts.js';
import type { TrialsAnswer, TrialsTask } from './worker-protocol.js';

export interface EvaluatorOptions {
  readonly costs: TradingCosts;
  readonly workers?: number;
  readonly signal?: AbortSignal;
}

export class Evaluator {
  readonly #pool: { readonly pool: Piscina; end(): Promise<void> } | undefined;
  readonly #stop = () => void this.#pool?.end();
  readonly #endLease: (() => void) | undefined;
  readonly #history: SweepHistory;
  readonly #strategy: SweepStrategy;
  readonly #options: EvaluatorOptions;

  /** @throws AtcError ARGUMENT for workers that cannot be used. */
  constructor(history: SweepHistory, strategy: SweepStrategy, options: EvaluatorOptions) {
    this.#history = history;
    this.#strategy = strategy;
    this.#options = options;

    const { workers = 1, signal } = options;
    if (!Number.isSafeInteger(workers) || workers < 1) {
      throw new AtcError('ARGUMENT', `workers must be a whole number from 1, got ${shown(workers)}`, {
        key: 'workers',
      });
    }
    if (workers === 1) return;
    const reasons = [
      history.dataset === undefined ? 'the history is in memory; workers read datasets on disk' : undefined,
      strategy.reference === undefined ? `the strategy ${strategy.name} has no reference to import` : undefined,
    ].filter((reason) => reason !== undefined);
    if (reasons.length > 0) {
      throw new AtcError('ARGUMENT', `workers: ${workers} cannot be used: ${reasons.join('; ')}`, { key: 'workers' });
    }
    const { directory, options: open } = history.dataset!;
    this.#endLease = leaseVersion(directory, open.asOf).endLease;
    this.#pool = openPool(sweepWorkerLocation(), workers);
    signal?.addEventListener('abort', this.#stop, { once: true });
  }

  /** Evaluations that run at a time. */
  get threads(): number {
    return this.#pool === undefined ? 1 : (this.#options.workers ?? 1);
  }

  /**
   * One evaluation for each element of `traded`. `threads`: how many share it; trials that are evaluated apart share no
   * work.
   */
  async run(
    table: CandleTable,
    trials: readonly TrialParameters[],
    traded: readonly TradedRows[],
    { onRows, threads = this.threads }: { readonly onRows?: (rows: number) => void; readonly threads?: number } = {},
  ): Promise<readonly Evaluation[]> {
    const { costs, signal } = this.#options;
    signal?.throwIfAborted();
    if (this.#pool === undefined)
      return evaluateTrials(table, this.#strategy, trials, traded, { costs, signal, onRows });
    const groups = Math.ceil(trials.length / LANES);
    const each = Math.ceil(groups / Math.min(threads, groups)) * LANES;
    const parts = Array.from({ length: Math.ceil(trials.length / each) }, (_, k) =>
      trials.slice(k * each, (k + 1) * each),
    );
    try {
      const answers = await Promise.all(parts.map((part) => this.#ask(table, part, traded)));
      return traded.map((_, k) => joined(answers.map((evaluations) => evaluations[k])));
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  }

  async #ask(table: CandleTable, trials: readonly TrialParameters[], traded: readonly TradedRows[]) {
    const { directory, options: open, snapshotId, catalogueKey } = this.#history.dataset!;
    const reference = this.#strategy.reference!;
    const task: TrialsTask = {
      directory,
      open,
      snapshotId,
      catalogueKey,
      symbol: table.symbol,
      strategy: { ...reference, module: strategyModule(reference.module) },
      trials,
      traded,
      costs: this.#options.costs,
    };
    const answer = (await this.#pool!.pool.run(task)) as TrialsAnswer;
    if ('evaluations' in answer) return answer.evaluations;
    const { code, message, path, offset } = answer.failure;
    throw new AtcError(code, message, { path, offset });
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#stop);
    await this.#pool?.end();
    this.#endLease?.();
  }
}

/** Parts of one evaluation, in order. Parts without a trial that ran may lack the names of the summary. */
function joined(parts: readonly Evaluation[]): Evaluation {
  const { names, buyAndHold } = parts.reduce((most, part) => (part.names.length > most.names.length ? part : most));
  const rows = parts.reduce((sum, part) => sum + part.figures.length / part.names.length, 0);
  const figures = new Float64Array(rows * names.length).fill(Number.NaN);
  let row = 0;
  for (const part of parts) {
    const columns = part.names.map((name) => names.indexOf(name));
    for (let at = 0; at < part.figures.length; at += part.names.length) {
      for (const [k, column] of columns.entries()) figures[row * names.length + column] = part.figures[at + k];
      row += 1;
    }
  }
  const slices = new Float64Array(parts.reduce((sum, part) => sum + part.slices.length, 0));
  let to = 0;
  for (const part of parts) {
    slices.set(part.slices, to);
    to += part.slices.length;
  }
  return { names, figures, slices, buyAndHold };
}
