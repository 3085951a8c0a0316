/** Runs in a thread of a worker, a job at a time. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { AtcError } from 'atc-memory';
import type { JobContext } from './job-context.js';
import { CANCELLED, type FleetJob, textOfFailure } from './protocol.js';
import { storeResult } from './results.js';
import { runShard } from './shard-job.js';
import { runSymbols } from './symbols-job.js';
import type { ThreadAnswer, ThreadSettings, ThreadTask } from './thread-protocol.js';

/** Another try of these has the same end. */
const FINAL = ['ARGUMENT', 'CONFIG', 'UNSUPPORTED', 'FORMAT_VERSION', 'CORRUPT'];
/** ms between two reports of progress, each of them a write to Redis. */
const REPORT_MS = 1000;

export default async function runTask({ id, job, port }: ThreadTask): Promise<ThreadAnswer> {
  const cancelled: ThreadAnswer = { failure: CANCELLED, isFinal: true };
  if (job.cancelled === true) return cancelled;
  const controller = new AbortController();
  port.on('message', () => controller.abort());
  const { strategies, ...settings } = workerData as ThreadSettings;
  try {
    const context = { ...settings, signal: controller.signal, onShare: reporterOf(port) };
    return { result: await storeResult(id, await bytesOf(job, context, strategies), settings.sharedDirectory) };
  } catch (error) {
    if (controller.signal.aborted) return cancelled;
    const failure = textOfFailure(error);
    return { failure, isFinal: FINAL.includes(failure.split(':')[0]) };
  } finally {
    port.close();
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

function reporterOf(port: MessagePort): (share: number) => void {
  let reported = performance.now();
  return (share) => {
    if (performance.now() - reported < REPORT_MS) return;
    reported = performance.now();
    port.postMessage(Math.min(1, share));
  };
}
