/**
 * Threads of a worker, a job at a time each: work that keeps a processor busy must not keep the process from renewing
 * the locks of its jobs. A thread that ends fails its job and nothing else; one that does not listen is ended.
 */
import { MessageChannel } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { CANCELLED, type FleetJob, type FleetResult } from './protocol.js';
import type { ThreadAnswer, ThreadSettings, ThreadTask } from './thread-protocol.js';

/** How threads run. */
export interface ThreadOptions {
  /** The file that they run. */
  readonly location: string;
  readonly concurrency: number;
  readonly settings: ThreadSettings;
  /** ms after which a job is ended. */
  readonly jobTimeoutMs: number | undefined;
}

/** A failure of a job as the queue stores it; a final one is not tried again. */
export class JobFailure extends Error {
  constructor(
    message: string,
    readonly isFinal: boolean,
  ) {
    super(message);
  }
}

/** ms that a job that is cancelled has for it, before its thread is ended. */
const CANCEL_MS = 5000;

export class JobThreads {
  readonly #pool: Piscina;
  readonly #jobTimeoutMs: number | undefined;

  private constructor(pool: Piscina, jobTimeoutMs: number | undefined) {
    this.#pool = pool;
    this.#jobTimeoutMs = jobTimeoutMs;
  }

  static async start({ location, concurrency, settings, jobTimeoutMs }: ThreadOptions): Promise<JobThreads> {
    const { Piscina: Pool } = await import('piscina');
    const pool = new Pool({
      filename: location,
      workerData: settings,
      minThreads: 0,
      maxThreads: concurrency,
      idleTimeout: Number.POSITIVE_INFINITY,
      // A thread that sleeps between two jobs would not hear of timers and files.
      atomics: 'disabled',
    });
    // A thread that ends without a job takes nothing with it.
    pool.on('error', () => undefined);
    return new JobThreads(pool, jobTimeoutMs);
  }

  /** @throws JobFailure */
  async run(id: string, job: FleetJob, signal: AbortSignal, onShare: (share: number) => void): Promise<FleetResult> {
    const { port1: port, port2 } = new MessageChannel();
    const end = new AbortController();
    const timers: NodeJS.Timeout[] = [];
    const endIn = (ms: number, failure: JobFailure) => timers.push(setTimeout(() => end.abort(failure), ms));
    const cancel = () => {
      port.postMessage('cancel');
      endIn(CANCEL_MS, new JobFailure(CANCELLED, true));
    };
    port.on('message', onShare);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    if (this.#jobTimeoutMs !== undefined) endIn(this.#jobTimeoutMs, tookTooLong(this.#jobTimeoutMs));
    try {
      const task: ThreadTask = { id, job, port: port2 };
      const answer: ThreadAnswer = await this.#pool.run(task, { transferList: [port2], signal: end.signal });
      if ('result' in answer) return answer.result;
      throw new JobFailure(answer.failure, answer.isFinal);
    } catch (error) {
      if (end.signal.aborted) throw end.signal.reason;
      throw error instanceof JobFailure ? error : new JobFailure(`WORKER: ${endOf(error)}`, false);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      port.close();
    }
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function tookTooLong(ms: number): JobFailure {
  const what = `the job took longer than ${ms / 1000} s and was ended`;
  return new JobFailure(
    `WORKER: ${what}; give it more time (jobTimeoutMs, --job-timeout) or cut it into more jobs`,
    true,
  );
}

/** Why a thread has ended within a job. */
function endOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'its thread ran out of memory; give the job less to do (--jobs)';
  return `its thread ended (${String(message ?? error)})`;
}
