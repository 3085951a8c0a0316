/**
 * Partitions on worker threads: short ones in groups, at most two groups waiting per thread, those of a crashed thread
 * retried once, results in the order of the plan.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import { groupPartitions, type Partition, type Plan } from './plan.js';
import { workerLocation } from './program-location.js';
import {
  type SymbolDone,
  type SymbolsAnswer,
  type SymbolsTask,
  type ThreadStarted,
  unwrapAnswer,
} from './worker-protocol.js';

/** Runs symbols on the calling thread. */
export type RunHere = (task: SymbolsTask, signal: AbortSignal) => Promise<SymbolsAnswer>;

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

/**
 * A thread makes little garbage: at the engine's default size that little would stay in memory, some 15 MiB a thread.
 */
const YOUNG_GENERATION_MIB = 8;

/** A thread that has not loaded its modules by then never will. */
const LONGEST_START_MS = 2000;

export async function runOnWorkers(
  plan: Plan,
  run: Omit<SymbolsTask, 'symbols'>,
  { workers, signal, here, onDone }: PoolOptions,
): Promise<SymbolDone[]> {
  signal?.throwIfAborted();
  const threads = here === undefined ? workers : workers - 1;
  const { pool, started, end } = openPool(workerLocation(), threads);
  const ended = new AbortController();
  let ending: Promise<void> | undefined;
  const stop = () => {
    ended.abort();
    return (ending ??= end());
  };
  signal?.addEventListener('abort', stop, { once: true });
  // Messages that no task waits for: answers of threads that were just ended, and errors of one between two symbols.
  const stray = new Promise<never>((_, reject) => {
    pool.on('error', (error: Error) =>
      reject(new AtcError('WORKER', `a worker thread: ${error.message}`, { cause: error })),
    );
  });
  const { partitions } = plan;
  const done = new Array<SymbolDone>(partitions.length);
  const groups = groupPartitions(plan, workers);
  let next = 0;
  const drain = async (runTask: (task: SymbolsTask) => Promise<readonly SymbolDone[]>) => {
    while (next < groups.length && !ended.signal.aborted) {
      const group = groups[next++];
      const symbols = group.map((index) => ({ symbol: partitions[index].symbol, index }));
      const answers = await runTask({ ...run, symbols });
      for (const [k, index] of group.entries()) {
        done[index] = answers[k];
        onDone?.(partitions[index]);
      }
    }
  };
  const onThreads = () => drain((task) => runGroup(pool, task, () => ended.signal.aborted));
  const ahead = Array.from({ length: threads * TASKS_AHEAD });
  const own = here === undefined ? undefined : drain(async (task) => unwrapAnswer(await here(task, ended.signal)));
  // Beside a thread that works already, no symbol waits for one that starts.
  const others =
    own === undefined
      ? ahead.map(onThreads)
      : ahead.map((_, k) => Promise.race([own, started(Math.floor(k / TASKS_AHEAD) + 1)]).then(onThreads));
  try {
    await Promise.race([stray, Promise.all([own, ...others])]);
    signal?.throwIfAborted();
    return done;
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await Promise.all([stop(), own?.catch(() => undefined)]);
  }
}

/** Threads that run a program. */
export interface ThreadPool {
  readonly pool: Piscina;
  /** Settles when so many of them have loaded it. */
  started(count: number): Promise<void>;
  /** Ends them all, whatever they do. */
  end(): Promise<void>;
}

export function openPool(filename: string, workers: number): ThreadPool {
  const { Piscina: Pool } = requireNow<typeof import('piscina')>('piscina');
  const pool = new Pool({
    filename,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: 1000,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  const loaded = new Set<number>();
  const loading: { readonly count: number; readonly settle: () => void }[] = [];
  // A strategy may post messages of its own.
  pool.on('message', (message: Partial<ThreadStarted> | null) => {
    if (message?.startedThread === undefined) return;
    loaded.add(message.startedThread);
    for (const { count, settle } of loading) if (loaded.size >= count) settle();
  });
  return {
    pool,
    started: (count) => new Promise((settle) => void loading.push({ count, settle })),
    end: () => endThreads(pool, loaded),
  };
}

/**
 * A thread that is ended while it loads modules may take the whole process with it (Node 20): each is let finish that
 * first.
 */
async function endThreads(pool: Piscina, started: ReadonlySet<number>): Promise<void> {
  const deadline = performance.now() + LONGEST_START_MS;
  // The number of a thread that has ended is -1.
  const isLoading = () => pool.threads.some(({ threadId }) => threadId > 0 && !started.has(threadId));
  while (isLoading() && performance.now() < deadline) await sleep(2);
  await pool.destroy();
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
