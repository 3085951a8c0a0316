/** A worker of the fleet: takes jobs from a queue and runs them in threads. */
import { setTimeout as wait } from 'node:timers/promises';
import { AtcError } from 'atc-memory';
import { ResultDirectory } from 'atc-memory/sweep';
import type { Job, Worker } from 'bullmq';
import { atMost } from './at-most.js';
import { linkOf, loadBullmq } from './host.js';
import { type JobFailure, JobThreads } from './job-threads.js';
import { WorkerMetrics } from './metrics.js';
import { type MetricsServer, serveMetrics } from './metrics-server.js';
import { processorLocation } from './processor-location.js';
import { type FleetJob, RESULT_AGE_MS } from './protocol.js';
import { isAnswer, requireRedis } from './redis-check.js';
import type { ThreadSettings } from './thread-protocol.js';
import { checkedWorkerOptions, type FleetWorkerEvent, type FleetWorkerOptions } from './worker-options.js';

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
/** ms for which a Redis that is away is waited for when jobs are given up. */
const GIVE_UP_MS = 2000;
/** ms between two looks whether jobs still run in a worker that ends. */
const RUNNING_CHECK_MS = 100;
/** ms in which Redis has to take the last results of a worker that ends. */
const LAST_ANSWER_MS = 10_000;
/** ms for which no job is taken after Redis has refused a command: BullMQ would ask again at once, without end. */
const REFUSED_MS = 1000;
/** What the figures count of the queue. */
const QUEUE_STATES = ['waiting', 'active', 'delayed', 'completed', 'failed'] as const;
/**
 * Starts a worker, which runs jobs of `runDistributed` until it is closed.
 *
 * @throws AtcError ARGUMENT for wrong options; UNSUPPORTED where BullMQ is missing; IO where no Redis answers, or
 *   where it refuses.
 */
export async function createWorker(options: FleetWorkerOptions): Promise<FleetWorker> {
  const { redis, queue, concurrency, lockMs, stalledIntervalMs, maxStalls } = checkedWorkerOptions(options);
  const { connection, prefix, cacheDir, sharedDirectory, strategies, dataFrom, jobTimeoutMs, onEvent } = options;
  const bullmq = await loadBullmq();
  const location = processorLocation();
  if (location === undefined) {
    throw new AtcError(
      'UNSUPPORTED',
      'a worker loads bullmq-processor.js of atc-memory: keep atc-memory out of bundles',
    );
  }
  await requireRedis(connection);
  const settings: ThreadSettings = { cacheDir, sharedDirectory, strategies, dataFrom };
  const threads = await JobThreads.start({ location, concurrency, settings, jobTimeoutMs });
  const link = linkOf(redis);
  const running = new Map<string, Job<FleetJob>>();
  const figures = new WorkerMetrics(queue, concurrency);
  let isGivenUp = false;
  const process = async (job: Job<FleetJob>, token: string | undefined, signal: AbortSignal | undefined) => {
    const id = String(job.id);
    running.set(id, job);
    figures.start(id, Date.now());
    // Nobody needs it: a Redis that is away misses it.
    const onShare = (share: number) => void job.updateProgress(share).catch(() => undefined);
    try {
      return await threads.run(id, job.data, signal ?? new AbortController().signal, onShare);
    } catch (error) {
      // Another worker may begin it at once; without a Redis to hear of it, when its lock runs out.
      if (isGivenUp) throw await atMost(GIVE_UP_MS, job.moveToWait(token)).then(() => new bullmq.WaitingError());
      const { message, isFinal } = error as JobFailure;
      throw isFinal ? new bullmq.UnrecoverableError(message) : new Error(message);
    } finally {
      running.delete(id);
      figures.stop(id, Date.now());
    }
  };
  const worker: Worker<FleetJob> = new bullmq.Worker(queue, process, {
    connection: link.options,
    prefix,
    // Jobs come when everything is ready: the caller has the worker before its first event.
    autorun: false,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledIntervalMs,
    maxStalledCount: maxStalls,
  });
  const report = (kind: FleetWorkerEvent['kind'], jobId?: string, reason?: string) =>
    onEvent?.({ kind, jobId, reason });
  let isResting = false;
  let isClosing = false;
  const rest = async () => {
    if (isResting) return;
    isResting = true;
    await worker.pause(true);
    await wait(REFUSED_MS, undefined, { ref: false });
    isResting = false;
    if (!isClosing) await worker.resume();
  };
  worker.on('active', (job) => report('started', job.id));
  worker.on('completed', (job) => {
    figures.end('done');
    report('done', job.id);
  });
  worker.on('failed', (job, error) => {
    figures.end('failed');
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
    if (isAnswer(error)) void rest().catch(() => undefined);
  });
  const timer = setInterval(() => void cancelAsked(bullmq, worker, running), CANCEL_CHECK_MS);
  const cleaning = cleanResults(sharedDirectory);
  const asked =
    options.metrics === undefined ? undefined : new bullmq.Queue(queue, { connection: link.options, prefix });
  asked?.on('error', () => undefined);
  let served: MetricsServer | undefined;
  const close: FleetWorker['close'] = async ({ now = false } = {}) => {
    isClosing = true;
    if (now) {
      isGivenUp = true;
      await threads.close();
    }
    // A close under way goes on: there is one of each worker.
    const closed = worker.close();
    while (running.size > 0 && !(await atMost(RUNNING_CHECK_MS, closed)));
    // A Redis that is away would be waited for without end. What it has not heard is done again by others.
    const isHeard = await atMost(now ? GIVE_UP_MS : LAST_ANSWER_MS, closed);
    link.letGo();
    if (!isHeard) {
      // It waits for a job that was asked for, and would not begin another close beside that one.
      worker.closing = undefined;
      await atMost(GIVE_UP_MS, worker.close(true));
    }
    clearInterval(timer);
    clearInterval(cleaning);
    await threads.close();
    await Promise.all([served?.close(), asked?.close().catch(() => undefined)]);
  };
  try {
    await worker.waitUntilReady();
    if (options.metrics !== undefined)
      served = await serveMetrics(options.metrics, figures, () => asked!.getJobCounts(...QUEUE_STATES));
  } catch (error) {
    await close({ now: true }).catch(() => undefined);
    throw error;
  }
  // Not before the caller goes on.
  setImmediate(() => void worker.run().catch((error) => worker.emit('error', error)));
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
      // One that was removed, after its lock had run out say, is wanted by nobody either.
      if (job === undefined || job.data.cancelled === true) worker.cancelJob(id, 'cancelled');
    }
  } catch {
    // Reported as an event of the worker.
  }
}
