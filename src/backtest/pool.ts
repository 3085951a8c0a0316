/** Partitions on worker threads: at most two waiting per thread, a crashed one retried once, results in the order of the plan. */
import { createRequire } from 'node:module';
import type { Piscina } from 'piscina';
import { AtcError } from '../errors.js';
import { moduleLocation } from '../io/module-location.js';
import type { Partition } from './plan.js';
import { workerLocation } from './worker-location.js';
import { type SymbolAnswer, type SymbolDone, type SymbolTask, unwrapAnswer } from './worker-protocol.js';

export interface PoolOptions {
  readonly workers: number;
  readonly signal?: AbortSignal;
  /** After every symbol, in the order in which they finish. */
  readonly onDone?: (partition: Partition) => void;
}

/** Tasks per thread that are handed over ahead, so that no thread waits for the next one. */
const TASKS_AHEAD = 2;

/** A thread makes little garbage: at the engine's default size that little would stay in memory, some 15 MiB a thread. */
const YOUNG_GENERATION_MIB = 8;

export async function runOnWorkers(
  partitions: readonly Partition[],
  taskOf: (partition: Partition, index: number) => SymbolTask,
  { workers, signal, onDone }: PoolOptions,
): Promise<SymbolDone[]> {
  signal?.throwIfAborted();
  const { Piscina: Pool } = createRequire(moduleLocation)('piscina') as typeof import('piscina');
  const pool = new Pool({
    filename: workerLocation,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: 1000,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  const stop = new AbortController();
  const forward = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', forward, { once: true });
  const done = new Array<SymbolDone>(partitions.length);
  const order = longestFirst(partitions);
  let next = 0;
  const drain = async () => {
    while (next < order.length && !stop.signal.aborted) {
      const index = order[next++];
      done[index] = await runOne(pool, taskOf(partitions[index], index), stop.signal);
      onDone?.(partitions[index]);
    }
  };
  try {
    await Promise.all(Array.from({ length: workers * TASKS_AHEAD }, drain));
    signal?.throwIfAborted();
    return done;
  } catch (error) {
    stop.abort(error);
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', forward);
    await pool.destroy();
  }
}

/** Places in the plan: were a long symbol the last to start, all threads but one would wait for it. */
function longestFirst(partitions: readonly Partition[]): number[] {
  return partitions.map((_, index) => index).sort((a, b) => partitions[b].rows - partitions[a].rows || a - b);
}

async function runOne(pool: Piscina, task: SymbolTask, signal: AbortSignal): Promise<SymbolDone> {
  let crash: unknown;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    let answer: SymbolAnswer;
    try {
      answer = (await pool.run(task, { signal })) as SymbolAnswer;
    } catch (error) {
      if (signal.aborted) throw error;
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
