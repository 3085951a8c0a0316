/** A pool of worker threads: how they start, and how they end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import { requireNow } from '../require-now.js';
import type { ThreadStarted } from './worker-protocol.js';

/**
 * A thread makes little garbage: at the engine's default size that little would stay in memory, some 15 MiB a thread.
 */
const YOUNG_GENERATION_MIB = 8;

/** A thread that has not loaded its modules by then never will. */
const LONGEST_START_MS = 2000;

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
