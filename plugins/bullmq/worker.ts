/** A worker of the fleet: takes jobs from a queue and runs them in threads. */
import { AtcError } from 'atc-memory';
import type { Job, Worker } from 'bullmq';
import { connectionOf, loadBullmq, type RedisConnection, requireRedis } from './host.js';
import type { ThreadSettings } from './processor.js';
import { processorLocation } from './processor-location.js';
import { DEFAULT_QUEUE, type ShardJob } from './protocol.js';

/** What became of a job on this worker, or of its connection. */
export interface FleetWorkerEvent {
  /** `lost`: the job's lock ran out, and another worker may have it; `error`: the connection, which is tried again. */
  readonly kind: 'started' | 'done' | 'failed' | 'lost' | 'error';
  /** Absent for `error`. */
  readonly jobId?: string;
  /** Why it failed. */
  readonly reason?: string;
}

/** Options of `createWorker`. */
export interface FleetWorkerOptions {
  /** The Redis of the fleet. */
  readonly connection: RedisConnection;
  /** Name of the queue. Default 'atc-memory'. */
  readonly queue?: string;
  /** What keys in Redis begin with. Default 'bull'. */
  readonly prefix?: string;
  /** Jobs at a time, a thread each. Default 1. */
  readonly concurrency?: number;
  /** Where copies of histories are made that the submitter asked to map or to compress. Default: the submitter's. */
  readonly cacheDir?: string;
  /** Where results above 64 KB go; the submitter's `sharedDirectory` is the same one. Default: nowhere. */
  readonly sharedDirectory?: string;
  /** Modules whose strategies may run here. Default: every one that is installed. */
  readonly strategies?: readonly string[];
  /** ms after which the job of a worker that has gone silent is given to another. Default 30,000. */
  readonly lockMs?: number;
  /** ms between two looks for such jobs. Default 10,000. */
  readonly stalledIntervalMs?: number;
  /** Called with every event; must not throw. */
  readonly onEvent?: (event: FleetWorkerEvent) => void;
}

/** A worker that runs. */
export interface FleetWorker {
  /** Takes no more jobs, finishes those that run, and disconnects; `now` gives them up, and other workers get them. */
  close(options?: { readonly now?: boolean }): Promise<void>;
}

/** ms between two looks whether a job that runs has been cancelled. */
const CANCEL_CHECK_MS = 1000;
/** A job that has ended that many workers fails. */
const MOST_STALLS = 2;

/**
 * Starts a worker, which runs jobs of `runDistributed` until it is closed.
 *
 * @throws AtcError ARGUMENT for wrong options; UNSUPPORTED where BullMQ is missing; IO where no Redis answers.
 */
export async function createWorker(options: FleetWorkerOptions): Promise<FleetWorker> {
  if (typeof options !== 'object' || options === null) {
    throw new AtcError('ARGUMENT', 'createWorker needs its options: at least connection');
  }
  const { connection, queue = DEFAULT_QUEUE, prefix, concurrency = 1, onEvent, lockMs = 30_000 } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new AtcError(
      'ARGUMENT',
      `concurrency is ${typeof concurrency === 'number' ? concurrency : `a value of type ${typeof concurrency}`}; allowed: whole numbers from 1`,
      {
        key: 'concurrency',
      },
    );
  }
  const { cacheDir, sharedDirectory, strategies } = options;
  const redis = connectionOf(connection);
  const bullmq = await loadBullmq();
  const location = processorLocation();
  if (location === undefined) {
    throw new AtcError(
      'UNSUPPORTED',
      'a worker loads bullmq-processor.js of atc-memory: keep atc-memory out of bundles',
    );
  }
  const worker: Worker<ShardJob> = new bullmq.Worker(queue, new URL(location), {
    connection: redis,
    prefix,
    concurrency,
    useWorkerThreads: true,
    workerThreadsOptions: { workerData: { cacheDir, sharedDirectory, strategies } satisfies ThreadSettings },
    lockDuration: lockMs,
    stalledInterval: options.stalledIntervalMs ?? 10_000,
    maxStalledCount: MOST_STALLS,
  });
  const running = new Map<string, Job<ShardJob>>();
  const report = (kind: FleetWorkerEvent['kind'], jobId?: string, reason?: string) =>
    onEvent?.({ kind, jobId, reason });
  worker.on('active', (job) => {
    running.set(job.id as string, job);
    report('started', job.id);
  });
  worker.on('completed', (job) => {
    running.delete(job.id as string);
    report('done', job.id);
  });
  worker.on('failed', (job, error) => {
    running.delete(job?.id as string);
    report('failed', job?.id, error.message);
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) report('lost', id);
  });
  worker.on('error', (error) => report('error', undefined, error.message));
  const timer = setInterval(() => void cancelAsked(bullmq, worker, running), CANCEL_CHECK_MS);
  const close: FleetWorker['close'] = async ({ now = false } = {}) => {
    await worker.close(now);
    clearInterval(timer);
  };
  try {
    await requireRedis(worker.waitUntilReady(), connection);
  } catch (error) {
    await close({ now: true }).catch(() => undefined);
    throw error;
  }
  return { close };
}

/** Cancels what a submitter has given up. A Redis that is away is asked the next time. */
async function cancelAsked(
  bullmq: typeof import('bullmq'),
  worker: Worker<ShardJob>,
  running: ReadonlyMap<string, Job<ShardJob>>,
): Promise<void> {
  try {
    for (const id of running.keys()) {
      const job = await bullmq.Job.fromId<ShardJob>(worker, id);
      if (job?.data.cancelled === true) worker.cancelJob(id, 'cancelled');
    }
  } catch {
    // Reported as an event of the worker.
  }
}
