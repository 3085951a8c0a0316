/**
 * Partitions on worker threads: at most two waiting per thread, a crashed one retried once, results in the order of the
 * plan.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import type { Partition } from './plan.js';
import { workerLocation } from './program-location.js';
import {
  type SymbolAnswer,
  type SymbolDone,
  type SymbolTask,
  type ThreadStarted,
  unwrapAnswer,
} from './worker-protocol.js';

export interface PoolOptions {
  readonly workers: number;
  readonly signal?: AbortSignal;
  /** After every symbol, in the order in which they finish. */
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
  partitions: readonly Partition[],
  taskOf: (partition: Partition, index: number) => SymbolTask,
  { workers, signal, onDone }: PoolOptions,
): Promise<SymbolDone[]> {
  signal?.throwIfAborted();
  const { pool, end } = openPool(workerLocation(), workers);
  let ending: Promise<void> | undefined;
  const stop = () => (ending ??= end());
  signal?.addEventListener('abort', stop, { once: true });
  // Messages that no task waits for: answers of threads that were just ended, and errors of one between two symbols.
  const stray = new Promise<never>((_, reject) => {
    pool.on('error', (error: Error) =>
      reject(new AtcError('WORKER', `a worker thread: ${error.message}`, { cause: error })),
    );
  });
  const done = new Array<SymbolDone>(partitions.length);
  const order = longestFirst(partitions);
  let next = 0;
  const drain = async () => {
    while (next < order.length && ending === undefined) {
      const index = order[next++];
      done[index] = await runOne(pool, taskOf(partitions[index], index), () => ending !== undefined);
      onDone?.(partitions[index]);
    }
  };
  try {
    await Promise.race([stray, Promise.all(Array.from({ length: workers * TASKS_AHEAD }, drain))]);
    signal?.throwIfAborted();
    return done;
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await stop();
  }
}

/** Threads that run `filename`; `end` ends them all, whatever they do. */
export function openPool(filename: string, workers: number): { readonly pool: Piscina; end(): Promise<void> } {
  const { Piscina: Pool } = requireNow<typeof import('piscina')>('piscina');
  const pool = new Pool({
    filename,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: 1000,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  const started = new Set<number>();
  // A strategy may post messages of its own.
  pool.on('message', (message: Partial<ThreadStarted> | null) => {
    if (message?.startedThread !== undefined) started.add(message.startedThread);
  });
  return { pool, end: () => endThreads(pool, started) };
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

/** Indexes in the plan: were a long symbol the last to start, all threads but one would wait for it. */
function longestFirst(partitions: readonly Partition[]): number[] {
  return partitions.map((_, index) => index).sort((a, b) => partitions[b].rows - partitions[a].rows || a - b);
}

async function runOne(pool: Piscina, task: SymbolTask, isStopped: () => boolean): Promise<SymbolDone> {
  let crash: unknown;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    let answer: SymbolAnswer;
    try {
      answer = (await pool.run(task)) as SymbolAnswer;
    } catch (error) {
      if (isStopped()) throw error;
      crash = error;
      continue;
    }
    return unwrapAnswer(answer);
  }
  const what = crash instanceof Error ? crash.message : String(crash);
  throw new AtcError('WORKER', `${task.symbol}: the worker thread ended twice without an answer (${what})`, {
    cause: crash,
  });
}
