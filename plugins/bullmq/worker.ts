/** A worker of the fleet: takes jobs from a queue and runs them in threads. */
import { AtcError } from 'atc-memory';
import { ResultDirectory } from 'atc-memory/sweep';
import type { Job, Worker } from 'bullmq';
import { connectionOf, loadBullmq, type RedisConnection, requireRedis } from './host.js';
import { WorkerMetrics } from './metrics.js';
import { type MetricsOptions, type MetricsServer, requireMetrics, serveMetrics } from './metrics-server.js';
import type { ThreadSettings } from './processor.js';
import { processorLocation } from './processor-location.js';
import { DEFAULT_QUEUE, type FleetJob, RESULT_AGE_MS } from './protocol.js';
import { numberShown, reject } from './wanted.js';

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
  /**
   * Where copies of histories are made that the submitter asked to map or to compress, default the submitter's; and
   * where files go that were brought by their hashes (`dataFrom`), default `.cache/atc`.
   */
  readonly cacheDir?: string;
  /** Where results above 64 KB go; the submitter's `sharedDirectory` is the same one. Default: nowhere. */
  readonly sharedDirectory?: string;
  /** Directories and URLs that have the files of histories, in place of the submitter's `dataFrom`. */
  readonly dataFrom?: readonly string[];
  /** Modules whose strategies may run here. Default: every one that is installed. */
  readonly strategies?: readonly string[];
  /** ms after which the job of a worker that has gone silent is given to another. Default 30,000. */
  readonly lockMs?: number;
  /** ms between two looks for such jobs. Default 10,000. */
  readonly stalledIntervalMs?: number;
  /** Where the figures of the worker are served in the text format of Prometheus. Default: nowhere. */
  readonly metrics?: MetricsOptions;
  /** Called with every event; must not throw. */
  readonly onEvent?: (event: FleetWorkerEvent) => void;
}

/** A worker that runs. */
export interface FleetWorker {
  /** The address of its figures, where they are served. */
  readonly metricsUrl?: string;
  /** Takes no more jobs, finishes those that run, and disconnects; `now` gives them up, and other workers get them. */
  close(options?: { readonly now?: boolean }): Promise<void>;
}

/** ms between two looks whether a job that runs has been cancelled. */
const CANCEL_CHECK_MS = 1000;
/** ms between two looks for results that nobody wants any more. */
const CLEAN_MS = 3_600_000;
/** So many workers a job may end and go to another one; with the next it fails. */
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
    reject('concurrency', `is ${numberShown(concurrency)}; allowed: whole numbers from 1`);
  }
  const { cacheDir, sharedDirectory, strategies, dataFrom } = options;
  if (options.metrics !== undefined) requireMetrics(options.metrics);
  const redis = connectionOf(connection);
  const bullmq = await loadBullmq();
  const location = processorLocation();
  if (location === undefined) {
    throw new AtcError(
      'UNSUPPORTED',
      'a worker loads bullmq-processor.js of atc-memory: keep atc-memory out of bundles',
    );
  }
  const worker: Worker<FleetJob> = new bullmq.Worker(queue, new URL(location), {
    connection: redis,
    prefix,
    concurrency,
    useWorkerThreads: true,
    workerThreadsOptions: { workerData: { cacheDir, sharedDirectory, strategies, dataFrom } satisfies ThreadSettings },
    lockDuration: lockMs,
    stalledInterval: options.stalledIntervalMs ?? 10_000,
    maxStalledCount: MOST_STALLS,
  });
  const running = new Map<string, Job<FleetJob>>();
  const figures = new WorkerMetrics(queue, concurrency);
  const report = (kind: FleetWorkerEvent['kind'], jobId?: string, reason?: string) =>
    onEvent?.({ kind, jobId, reason });
  worker.on('active', (job) => {
    running.set(job.id as string, job);
    figures.start(job.id as string, Date.now());
    report('started', job.id);
  });
  worker.on('completed', (job) => {
    running.delete(job.id as string);
    figures.end(job.id as string, 'done', Date.now());
    report('done', job.id);
  });
  worker.on('failed', (job, error) => {
    running.delete(job?.id as string);
    figures.end(job?.id as string, 'failed', Date.now());
    report('failed', job?.id, error.message);
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) {
      figures.lose();
      report('lost', id);
    }
  });
  worker.on('error', (error) => {
    figures.redisError();
    report('error', undefined, error.message);
  });
  const timer = setInterval(() => void cancelAsked(bullmq, worker, running), CANCEL_CHECK_MS);
  const cleaning = cleanResults(sharedDirectory);
  const asked = options.metrics === undefined ? undefined : new bullmq.Queue(queue, { connection: redis, prefix });
  asked?.on('error', () => undefined);
  let served: MetricsServer | undefined;
  const close: FleetWorker['close'] = async ({ now = false } = {}) => {
    await worker.close(now);
    clearInterval(timer);
    clearInterval(cleaning);
    await Promise.all([served?.close(), asked?.close().catch(() => undefined)]);
  };
  try {
    await requireRedis(worker.waitUntilReady(), connection);
    if (options.metrics !== undefined)
      served = await serveMetrics(options.metrics, figures, () => asked!.getJobCounts());
  } catch (error) {
    await close({ now: true }).catch(() => undefined);
    throw error;
  }
  return { close, metricsUrl: served?.url };
}

/** Results whose submitter never came back for them go when Redis forgets theirs. */
function cleanResults(sharedDirectory: string | undefined): NodeJS.Timeout | undefined {
  if (sharedDirectory === undefined) return undefined;
  const directory = new ResultDirectory(sharedDirectory);
  const clean = () => void directory.removeOlderThan(RESULT_AGE_MS).catch(() => undefined);
  clean();
  return setInterval(clean, CLEAN_MS).unref();
}

/** Cancels what a submitter has given up. A Redis that is away is asked the next time. */
async function cancelAsked(
  bullmq: typeof import('bullmq'),
  worker: Worker<FleetJob>,
  running: ReadonlyMap<string, Job<FleetJob>>,
): Promise<void> {
  try {
    for (const id of running.keys()) {
      const job = await bullmq.Job.fromId<FleetJob>(worker, id);
      if (job?.data.cancelled === true) worker.cancelJob(id, 'cancelled');
    }
  } catch {
    // Reported as an event of the worker.
  }
}
