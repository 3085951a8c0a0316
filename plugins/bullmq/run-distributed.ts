/** A study on a fleet: cut into jobs, computed by whoever works on the queue, and brought together here. */
import { setTimeout as wait } from 'node:timers/promises';
import { AtcError, isAtcError, nearestHint } from 'atc-memory';
import {
  describeStudy,
  readSweep,
  type SweepOptions,
  type SweepProgress,
  type SweepResult,
  sweep,
} from 'atc-memory/sweep';
import type { Queue } from 'bullmq';
import { connectionOf, loadBullmq, type RedisConnection, requireRedis } from './host.js';
import { StudyJobs, type WantedJob } from './jobs.js';
import { DEFAULT_QUEUE, jobIdOf, type ShardJob, type StudySettings } from './protocol.js';
import { loadStrategy } from './strategy-module.js';

/**
 * What is searched: options of `sweep` as far as they are plain JSON. `source` is a path, or several, that workers
 * have too: a relative one is looked for in their working directories. `strategy` is a module that they have installed.
 */
export interface DistributedStudy extends StudySettings {
  /** Where the study is stored, on this machine. */
  readonly directory: string;
}

/** Where a study runs. */
export interface DistributedOptions {
  /** The Redis of the fleet. */
  readonly connection: RedisConnection;
  /** Name of the queue. Default 'atc-memory'. */
  readonly queue?: string;
  /** What keys in Redis begin with. Default 'bull'. */
  readonly prefix?: string;
  /** Into how many jobs the study is cut, which changes no byte of it. Default 32. */
  readonly jobs?: number;
  /** Where workers leave results above 64 KB, seen from here. Default: nowhere. */
  readonly sharedDirectory?: string;
  /** Cancels the jobs of the study and throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then; must not throw. */
  readonly onProgress?: (progress: SweepProgress) => void;
}

const STUDY_OPTIONS = [
  ...['source', 'history', 'strategy', 'space', 'objective', 'sampler', 'trials', 'seed', 'constraints'],
  ...['holdout', 'slices', 'fee', 'slippage', 'directory'],
];
/** ms between two looks at the jobs. */
const LOOK_MS = 250;
/** Jobs that are asked for at a time. */
const LOOKS_AT_A_TIME = 32;

/**
 * Runs a study on the workers of a queue. The directory has the bytes of `sweep` on one machine. The same call again
 * goes on where an earlier one was stopped: jobs have the hash of what they compute as their id.
 *
 * @throws AtcError ARGUMENT for wrong options and for workers with another history or strategy; UNSUPPORTED where
 *   BullMQ is missing; IO where no Redis answers; CORRUPT for a result that is not what its worker wrote; WORKER for a
 *   job that failed three times or ended its workers; the signal's reason when it is aborted.
 */
export async function runDistributed(study: DistributedStudy, options: DistributedOptions): Promise<SweepResult> {
  const { directory, ...settings } = requireStudy(study);
  const { jobs = 32, signal } = options ?? {};
  if (!Number.isSafeInteger(jobs) || jobs < 1)
    reject(
      'jobs',
      `is ${typeof jobs === 'number' ? jobs : `a value of type ${typeof jobs}`}; allowed: whole numbers from 1`,
    );
  signal?.throwIfAborted();
  const redis = connectionOf(options?.connection);
  const local: SweepOptions = { ...settings, strategy: await loadStrategy(settings.strategy), signal };
  const { identity, trials } = await describeStudy(local);
  if (identity.sampler === 'tpe') {
    reject('sampler', 'is tpe, each of whose trials depends on those before it; run it on one machine');
  }
  const from = await finishedTrials(directory);
  if (from >= trials) return sweep({ ...local, directory });
  const { symbols: _, ...checked } = identity;
  const wanted = Array.from({ length: jobs }, (_, k): WantedJob => {
    const data: ShardJob = {
      kind: 'shard',
      study: settings,
      identity: checked,
      shard: { index: k + 1, count: jobs },
      from,
    };
    return { id: jobIdOf(data, trials), data };
  });
  const bullmq = await loadBullmq();
  const queue: Queue<ShardJob> = new bullmq.Queue(options.queue ?? DEFAULT_QUEUE, {
    connection: redis,
    prefix: options.prefix,
  });
  // It connects again by itself; what cannot be reached at the start is an error below.
  queue.on('error', () => undefined);
  try {
    await requireRedis(queue.waitUntilReady(), options.connection);
    const parts = await collect(new StudyJobs(queue, options.sharedDirectory), wanted, trials, options);
    return await sweep({ ...local, directory, merge: parts });
  } finally {
    await closeSurely(queue);
  }
}

/** A connection to a Redis that is away is cut: it would be tried for ever. */
async function closeSurely(queue: Queue<ShardJob>): Promise<void> {
  const closed = queue.close().then(
    () => true,
    () => false,
  );
  if (await Promise.race([closed, wait(2000, false, { ref: false })])) return;
  await Promise.race([queue.disconnect().catch(() => undefined), wait(500, undefined, { ref: false })]);
}

/** Parts of the study in the order of their shards. */
async function collect(
  jobs: StudyJobs,
  wanted: readonly WantedJob[],
  trials: number,
  { signal, onProgress }: DistributedOptions,
) {
  const aborted = abortOf(signal);
  const shares = new Float64Array(wanted.length);
  const parts = new Map<number, Awaited<ReturnType<typeof sweepPartOf>>>();
  const started = performance.now();
  let pending = wanted.map((_, k) => k);
  try {
    while (pending.length > 0) {
      for (let at = 0; at < pending.length; at += LOOKS_AT_A_TIME) {
        const group = pending.slice(at, at + LOOKS_AT_A_TIME);
        const looks = await Promise.race([Promise.all(group.map((k) => jobs.look(wanted[k]))), aborted]);
        for (const [n, look] of looks.entries()) {
          const part = sweepPartOf(look);
          if (part !== undefined) parts.set(group[n], part);
          shares[group[n]] = 'share' in look ? look.share : 1;
        }
      }
      pending = pending.filter((k) => !parts.has(k));
      onProgress?.(progressOf(shares, trials, started));
      if (pending.length > 0) await Promise.race([wait(LOOK_MS), aborted]);
    }
    signal?.throwIfAborted();
  } catch (error) {
    const rest = pending.map((k) => wanted[k]);
    // A Redis that is away cannot be asked: its jobs run, and their results wait for the next call.
    await Promise.race([
      jobs.giveUp(rest, signal?.aborted === true).catch(() => undefined),
      wait(5000, undefined, { ref: false }),
    ]);
    throw error;
  }
  return wanted.map((_, k) => parts.get(k)!);
}

function sweepPartOf(look: Awaited<ReturnType<StudyJobs['look']>>) {
  return 'part' in look ? look.part : undefined;
}

function progressOf(shares: Float64Array, trials: number, started: number): SweepProgress {
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const secondsLeft = (((performance.now() - started) / 1000) * (1 - share)) / share;
  return { trialsDone: Math.floor(share * trials), trialsTotal: trials, share, secondsLeft };
}

/** Rejects when the signal is aborted: a command may wait for a Redis that is away. */
function abortOf(signal: AbortSignal | undefined): Promise<never> {
  const aborted = new Promise<never>((_, fail) => {
    signal?.addEventListener('abort', () => fail(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}

/** Trials of the finished study that a directory holds. */
async function finishedTrials(directory: string): Promise<number> {
  try {
    return (await readSweep(directory)).length;
  } catch (error) {
    if (isAtcError(error) && error.code === 'IO') return 0;
    throw error;
  }
}

function requireStudy(study: DistributedStudy): DistributedStudy {
  if (typeof study !== 'object' || study === null) reject('study', 'is missing: at least source, strategy, space');
  for (const key of Object.keys(study)) {
    if (!STUDY_OPTIONS.includes(key)) reject(key, `is no option of a study${nearestHint(key, STUDY_OPTIONS)}`);
  }
  const { source, directory } = study;
  const isPath = (one: unknown) => typeof one === 'string' && one !== '';
  if (!(Array.isArray(source) ? source.length > 0 && source.every(isPath) : isPath(source))) {
    reject('source', 'must be a path or several: histories do not travel, workers read them');
  }
  if (!isPath(directory)) reject('directory', 'must be a path: where the study is stored');
  const function_ = functionIn(study, '');
  if (function_ !== undefined) reject(function_, 'holds a function, and no code travels: give names and texts');
  return study;
}

/** The name of the first option that holds a function. */
function functionIn(value: unknown, name: string): string | undefined {
  if (typeof value === 'function') return name;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, one] of Object.entries(value)) {
    const found = functionIn(one, name === '' ? key : name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function reject(key: string, message: string): never {
  throw new AtcError('ARGUMENT', `${key} ${message}`, { key });
}
