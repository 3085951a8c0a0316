/** What a worker is given, checked before it connects. */
import { AtcError } from 'atc-memory';
import { connectionOf, type RedisConnection, requireQueue } from './host.js';
import { type MetricsOptions, requireMetrics } from './metrics-server.js';
import { DEFAULT_QUEUE } from './protocol.js';
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
  /** ms after which the job of a worker that has gone silent is given to another; from 1,000. Default 30,000. */
  readonly lockMs?: number;
  /** ms between two looks for such jobs; from 100. Default 10,000. */
  readonly stalledIntervalMs?: number;
  /**
   * How many workers a job may end, or leave behind silent, until it fails: 0 to fail with the first. The same for all
   * workers of a queue. Default 2, so that the third one is the last.
   */
  readonly maxStalls?: number;
  /** ms after which a job is ended and fails, its thread with it. Default: it may take as long as it likes. */
  readonly jobTimeoutMs?: number;
  /** Where the figures of the worker are served in the text format of Prometheus. Default: nowhere. */
  readonly metrics?: MetricsOptions;
  /** Called with every event; must not throw. */
  readonly onEvent?: (event: FleetWorkerEvent) => void;
}

/** A job that has ended more workers fails. */
const MOST_STALLS = 2;
/** What a timer of Node holds. */
const MOST_MS = 2 ** 31 - 1;

/** Options with their defaults. */
export interface CheckedWorkerOptions {
  readonly redis: object;
  readonly queue: string;
  readonly concurrency: number;
  readonly lockMs: number;
  readonly stalledIntervalMs: number;
  readonly maxStalls: number;
}

/** @throws AtcError ARGUMENT for wrong options. */
export function checkedWorkerOptions(options: FleetWorkerOptions): CheckedWorkerOptions {
  if (typeof options !== 'object' || options === null) {
    throw new AtcError('ARGUMENT', 'createWorker needs its options: at least connection');
  }
  const { connection, queue = DEFAULT_QUEUE, prefix, metrics, jobTimeoutMs } = options;
  const whole = (key: WholeOption, normal: number, least: number, most: number): number => {
    const value = options[key] ?? normal;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const allowed = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    return reject(key, `is ${numberShown(value)}; allowed: whole numbers ${allowed}`);
  };
  if (jobTimeoutMs !== undefined) whole('jobTimeoutMs', jobTimeoutMs, 1, MOST_MS);
  requireQueue(queue, prefix);
  for (const key of ['strategies', 'dataFrom'] as const) requireTexts(options[key], key);
  if (metrics !== undefined) requireMetrics(metrics);
  return {
    redis: connectionOf(connection),
    queue,
    concurrency: whole('concurrency', 1, 1, Number.MAX_SAFE_INTEGER),
    lockMs: whole('lockMs', 30_000, 1000, MOST_MS),
    stalledIntervalMs: whole('stalledIntervalMs', 10_000, 100, MOST_MS),
    maxStalls: whole('maxStalls', MOST_STALLS, 0, Number.MAX_SAFE_INTEGER),
  };
}

type WholeOption = 'concurrency' | 'lockMs' | 'stalledIntervalMs' | 'maxStalls' | 'jobTimeoutMs';

function requireTexts(value: unknown, key: string): void {
  if (value === undefined) return;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) reject(key, 'must be a list of texts');
}
