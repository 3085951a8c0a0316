/** From the jobs of a run to their results: added to the queue, watched until all are there, given up on an error. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { atMost } from './at-most.js';
import { connectionOf, type Link, linkOf, loadBullmq, type RedisConnection, requireQueue } from './host.js';
import { FleetJobs, type JobLook, type WantedJob } from './jobs.js';
import { DEFAULT_QUEUE, type FleetJob } from './protocol.js';
import { asFailure, isPassing, requireRedis } from './redis-check.js';
import type { StoredResult } from './results.js';
import { numberShown, reject } from './wanted.js';

/** Where a run finds its workers. */
export interface FleetOptions {
  /** The Redis of the fleet. */
  readonly connection: RedisConnection;
  /** Name of the queue. Default 'atc-memory'. */
  readonly queue?: string;
  /** What keys in Redis begin with. Default 'bull'. */
  readonly prefix?: string;
  /** Into how many jobs the run is cut at most, which changes no byte of its result. Default 32. */
  readonly jobs?: number;
  /** Where workers leave results above 64 KB, seen from here. Default: nowhere. */
  readonly sharedDirectory?: string;
  /**
   * Directories and URLs (`https://`, `s3://`) that have the files of `source`, one dataset directory or one file.
   * Workers take them from there by their hashes, and need not have its path. Default: they have it.
   */
  readonly dataFrom?: readonly string[];
  /** Cancels the jobs of the run and throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** ms between two looks at the jobs, at least: as long as a look takes, so that large runs do not only ask. */
const LOOK_MS = 250;
/** ms in which a Redis that is there answers: the end of a run does not wait for one that is away. */
const ANSWER_MS = 700;
/** Jobs that are asked for at a time. */
const LOOKS_AT_A_TIME = 32;

/** @throws AtcError ARGUMENT for a number of jobs or a connection that cannot be. */
export function requireFleet(options: FleetOptions): { readonly jobs: number; readonly redis: object } {
  const { jobs = 32, signal } = options ?? {};
  if (!Number.isSafeInteger(jobs) || jobs < 1) {
    reject('jobs', `is ${numberShown(jobs)}; allowed: whole numbers from 1`);
  }
  requireQueue(options?.queue ?? DEFAULT_QUEUE, options?.prefix);
  signal?.throwIfAborted();
  return { jobs, redis: connectionOf(options?.connection) };
}

/**
 * Runs jobs, hands their results to `finish` in the order of the jobs, and removes those that are files once it is
 * done. `onShares`: how much of each job is done, and the number of the one that was finished last.
 */
export async function runJobs<Outcome>(
  wanted: readonly WantedJob[],
  options: FleetOptions,
  onShares: (shares: Float64Array, last: number) => void,
  finish: (results: readonly StoredResult[]) => Promise<Outcome>,
): Promise<Outcome> {
  const { redis } = requireFleet(options);
  const bullmq = await loadBullmq();
  await requireRedis(options.connection, options.signal);
  const link = linkOf(redis);
  const queue: Queue<FleetJob> = new bullmq.Queue(options.queue ?? DEFAULT_QUEUE, {
    connection: link.options,
    prefix: options.prefix,
  });
  // It connects again by itself; what cannot be reached at the start is an error below.
  queue.on('error', () => undefined);
  try {
    await queue.waitUntilReady();
    const jobs = new FleetJobs(queue, options.sharedDirectory);
    const results = await collect(jobs, wanted, options.signal, onShares);
    const outcome = await finish(results);
    // What stays is removed by its age.
    await atMost(5000, jobs.discard(wanted, results));
    return outcome;
  } catch (error) {
    throw asFailure(error, options.connection);
  } finally {
    await closeSurely(queue, link);
  }
}

/** A connection to a Redis that is away is cut: it would be tried for ever. */
async function closeSurely(queue: Queue<FleetJob>, link: Link): Promise<void> {
  link.letGo();
  if (await atMost(ANSWER_MS, queue.close())) return;
  await atMost(500, queue.disconnect());
}

async function collect(
  jobs: FleetJobs,
  wanted: readonly WantedJob[],
  signal: AbortSignal | undefined,
  onShares: (shares: Float64Array, last: number) => void,
): Promise<readonly StoredResult[]> {
  const aborted = abortOf(signal);
  const shares = new Float64Array(wanted.length);
  const results = new Map<number, StoredResult>();
  let last = 0;
  let pending = wanted.map((_, k) => k);
  const take = (k: number, look: JobLook) => {
    if ('result' in look) {
      results.set(k, look.result);
      last = k;
    }
    // A job that is done again does not take back what was reported.
    shares[k] = Math.max(shares[k], 'share' in look ? look.share : 1);
  };
  try {
    while (pending.length > 0) {
      const started = performance.now();
      for (let at = 0; at < pending.length; at += LOOKS_AT_A_TIME) {
        const group = pending.slice(at, at + LOOKS_AT_A_TIME);
        const looks = await Promise.race([lookAt(jobs, group, wanted), aborted]);
        for (const [n, look] of looks.entries()) take(group[n], look);
      }
      pending = pending.filter((k) => !results.has(k));
      onShares(shares, last);
      if (pending.length === 0) break;
      await Promise.race([wait(Math.max(LOOK_MS, performance.now() - started)), aborted]);
    }
    signal?.throwIfAborted();
  } catch (error) {
    const rest = pending.map((k) => wanted[k]);
    // Jobs of a Redis that is away run on, and their results wait for the next call.
    if (await atMost(ANSWER_MS, jobs.ping())) await atMost(5000, jobs.giveUp(rest, signal?.aborted === true));
    throw error;
  }
  return wanted.map((_, k) => results.get(k)!);
}

/** None where Redis cannot answer for the moment. */
async function lookAt(jobs: FleetJobs, group: readonly number[], wanted: readonly WantedJob[]): Promise<JobLook[]> {
  try {
    return await Promise.all(group.map((k) => jobs.look(wanted[k])));
  } catch (error) {
    if (isPassing(error)) return [];
    throw error;
  }
}

/** Rejects when the signal is aborted: a command may wait for a Redis that is away. */
function abortOf(signal: AbortSignal | undefined): Promise<never> {
  const aborted = new Promise<never>((_, fail) => {
    if (signal?.aborted === true) fail(signal.reason);
    signal?.addEventListener('abort', () => fail(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}
