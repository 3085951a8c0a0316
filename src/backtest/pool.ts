/**
 * Partitions on worker threads, and on the calling thread where it takes a share: short ones in groups, at most two
 * groups waiting per thread, those of a crashed thread retried once, results in the order of the plan.
 */
import type { Piscina } from 'piscina';
import { AtcError } from '../errors.js';
import { groupPartitions, type Partition, type Plan } from './plan.js';
import { workerLocation } from './program-location.js';
import { ShareTiming } from './share-timing.js';
import { openPool, type ThreadPool } from './threads.js';
import { type SymbolDone, type SymbolsAnswer, type SymbolsTask, unwrapAnswer } from './worker-protocol.js';

/** Runs symbols on the calling thread; `isAlone`: no thread waits for this one to hand over more. */
export type RunHere = (task: SymbolsTask, signal: AbortSignal, isAlone: boolean) => Promise<SymbolsAnswer>;

export interface PoolOptions {
  readonly workers: number;
  readonly signal?: AbortSignal;
  /** Makes the calling thread one of the workers; without it all of them are threads. */
  readonly here?: RunHere;
  /** Once for every symbol, in the order in which their groups finish. */
  readonly onDone?: (partition: Partition) => void;
}

/** Tasks per thread that are handed over ahead, so that no thread waits for the next one. */
const TASKS_AHEAD = 2;

export async function runOnWorkers(
  plan: Plan,
  task: Omit<SymbolsTask, 'symbols'>,
  { workers, signal, here, onDone }: PoolOptions,
): Promise<SymbolDone[]> {
  signal?.throwIfAborted();
  const run = new SharedRun(plan, groupPartitions(plan, workers), task, onDone);
  const stop = () => void run.end();
  signal?.addEventListener('abort', stop, { once: true });
  const work = here === undefined ? run.onThreads(workers) : run.withCaller(here, workers - 1);
  try {
    await Promise.race([run.failed, work]);
    signal?.throwIfAborted();
    return run.done;
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await run.end();
    // Files of the run are removed next: nothing may write any more.
    await work.catch(() => undefined);
  }
}

/** Groups of symbols, handed out to whatever asks for the next one. */
class SharedRun {
  readonly done: SymbolDone[];
  /** Never settles but with the first error that no task waits for. */
  readonly failed: Promise<never>;
  #fail!: (reason: unknown) => void;
  #next = 0;
  #rowsLeft: number;
  #threads: ThreadPool | undefined;
  #ending: Promise<void> | undefined;
  readonly #ended = new AbortController();
  readonly #plan: Plan;
  readonly #groups: readonly (readonly number[])[];
  readonly #task: Omit<SymbolsTask, 'symbols'>;
  readonly #onDone: ((partition: Partition) => void) | undefined;

  constructor(
    plan: Plan,
    groups: readonly (readonly number[])[],
    task: Omit<SymbolsTask, 'symbols'>,
    onDone: ((partition: Partition) => void) | undefined,
  ) {
    this.#plan = plan;
    this.#groups = groups;
    this.#task = task;
    this.#onDone = onDone;
    this.#rowsLeft = plan.rows;
    this.done = new Array<SymbolDone>(plan.partitions.length);
    this.failed = new Promise<never>((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
  }

  /** All groups that are left, on `count` threads; each takes its first one when `isReady` has settled. */
  async onThreads(count: number, isReady?: (loaded: Promise<void>) => Promise<void>): Promise<void> {
    const { pool, started } = (this.#threads = openPool(workerLocation(), count));
    // Messages that no task waits for: answers of threads that were just ended, and errors of one between two symbols.
    pool.on('error', (error: Error) =>
      this.#fail(new AtcError('WORKER', `a worker thread: ${error.message}`, { cause: error })),
    );
    const ahead = Array.from({ length: count * TASKS_AHEAD }, async (_, k) => {
      await isReady?.(started(Math.floor(k / TASKS_AHEAD) + 1));
      await this.#drain((task) => runGroup(pool, task, () => this.#ended.signal.aborted));
    });
    await Promise.all(ahead);
  }

  /** All groups, on the calling thread, and on `count` more as soon as they pay. */
  async withCaller(here: RunHere, count: number): Promise<void> {
    const timing = new ShareTiming(this.#plan.rows);
    let others: Promise<void> | undefined;
    const own: Promise<void> = this.#drain(async (task) => {
      // The first group is asked for before `own` has its value.
      await undefined;
      const rows = task.symbols.reduce((sum, { index }) => sum + this.#plan.partitions[index].rows, 0);
      if (others === undefined && timing.threadsPay(this.#rowsLeft, rows)) {
        // No symbol waits for a thread that starts: this one may have run it by then.
        others = this.onThreads(count, (loaded) => Promise.race([own, loaded]));
        others.catch(this.#fail);
      }
      return unwrapAnswer(await here(task, this.#ended.signal, others === undefined));
    });
    await own;
    await others;
  }

  /** Ends threads whatever they do, and the calling thread's share between two blocks. */
  end(): Promise<void> {
    this.#ended.abort();
    return (this.#ending ??= this.#threads?.end() ?? Promise.resolve());
  }

  async #drain(runTask: (task: SymbolsTask) => Promise<readonly SymbolDone[]>): Promise<void> {
    const { partitions } = this.#plan;
    while (this.#next < this.#groups.length && !this.#ended.signal.aborted) {
      const group = this.#groups[this.#next++];
      const symbols = group.map((index) => ({ symbol: partitions[index].symbol, index }));
      const answers = await runTask({ ...this.#task, symbols });
      for (const [k, index] of group.entries()) {
        this.done[index] = answers[k];
        this.#rowsLeft -= partitions[index].rows;
        this.#onDone?.(partitions[index]);
      }
    }
  }
}

/**
 * Runs a group; when its thread dies, each of its symbols once more by itself, so that the one which ends threads is
 * known and the others are done.
 */
async function runGroup(pool: Piscina, task: SymbolsTask, isStopped: () => boolean): Promise<readonly SymbolDone[]> {
  let answer: SymbolsAnswer;
  try {
    answer = await pool.run(task);
  } catch (error) {
    if (isStopped()) throw error;
    return retryEach(pool, task, isStopped);
  }
  return unwrapAnswer(answer);
}

async function retryEach(pool: Piscina, task: SymbolsTask, isStopped: () => boolean): Promise<readonly SymbolDone[]> {
  const done: SymbolDone[] = [];
  for (const one of task.symbols) {
    let answer: SymbolsAnswer;
    try {
      answer = await pool.run({ ...task, symbols: [one] });
    } catch (cause) {
      if (isStopped()) throw cause;
      const what = cause instanceof Error ? cause.message : String(cause);
      const message = `${one.symbol}: the worker thread ended twice without an answer (${what})`;
      throw new AtcError('WORKER', message, { cause });
    }
    done.push(...unwrapAnswer(answer));
  }
  return done;
}
