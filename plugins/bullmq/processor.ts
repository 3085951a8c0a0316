/**
 * Runs in a thread of a worker, a job at a time: work that keeps a processor busy must not keep the process from
 * renewing the locks of its jobs.
 */
import { workerData } from 'node:worker_threads';
import { AtcError } from 'atc-memory';
import type { SandboxedJob } from 'bullmq';
import type { JobContext } from './job-context.js';
import { CANCELLED, type FleetJob, type FleetResult, textOfFailure } from './protocol.js';
import { storeResult } from './results.js';
import { runShard } from './shard-job.js';
import { runSymbols } from './symbols-job.js';

/** What a worker gives its threads. */
export interface ThreadSettings {
  readonly cacheDir?: string;
  readonly sharedDirectory?: string;
  /** Modules whose strategies may run; undefined for all. */
  readonly strategies?: readonly string[];
  readonly dataFrom?: readonly string[];
}

/** Another try of these has the same end. */
const FINAL = ['ARGUMENT', 'CONFIG', 'UNSUPPORTED', 'FORMAT_VERSION', 'CORRUPT'];
/** ms between two reports of progress, each of them a write to Redis. */
const REPORT_MS = 1000;

export default async function processJob(
  job: SandboxedJob<FleetJob>,
  _token: string | undefined,
  signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void },
): Promise<FleetResult> {
  const controller = new AbortController();
  if (job.data.cancelled === true || signal?.aborted === true) throw final(CANCELLED);
  signal?.addEventListener('abort', () => controller.abort());
  const { strategies, ...settings } = workerData as ThreadSettings;
  try {
    const context = { ...settings, signal: controller.signal, onShare: reporterOf(job) };
    return await storeResult(String(job.id), await bytesOf(job.data, context, strategies), settings.sharedDirectory);
  } catch (error) {
    if (controller.signal.aborted) throw final(CANCELLED);
    const text = textOfFailure(error);
    throw FINAL.includes(text.split(':')[0]) ? final(text) : new Error(text);
  }
}

function bytesOf(job: FleetJob, context: JobContext, allowed: readonly string[] | undefined): Promise<Uint8Array> {
  if (job.kind !== 'shard' && job.kind !== 'symbols') {
    throw new AtcError('UNSUPPORTED', 'this worker knows no such job; install the release of its submitter');
  }
  const { module } = (job.kind === 'shard' ? job.study : job.backtest).strategy;
  if (allowed !== undefined && !allowed.includes(module)) {
    throw new AtcError('ARGUMENT', `this worker runs no strategies of ${module}`);
  }
  return job.kind === 'shard' ? runShard(job, context) : runSymbols(job, context);
}

function reporterOf(job: SandboxedJob<FleetJob>): (share: number) => void {
  let reported = performance.now();
  return (share) => {
    if (performance.now() - reported < REPORT_MS) return;
    reported = performance.now();
    // Nobody needs it; an unhandled rejection would end the thread.
    job.updateProgress(Math.min(1, share)).catch(() => undefined);
  };
}

/** BullMQ knows by its name an error after which there is no other attempt. */
function final(message: string): Error {
  return Object.assign(new Error(message), { name: 'UnrecoverableError' });
}
