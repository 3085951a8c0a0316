/**
 * Runs in a thread of a worker, a job at a time: work that keeps a processor busy must not keep the process from
 * renewing the locks of its jobs.
 */
import path from 'node:path';
import { workerData } from 'node:worker_threads';
import { AtcError } from 'atc-memory';
import { sweepPart } from 'atc-memory/sweep';
import type { SandboxedJob } from 'bullmq';
import {
  CANCELLED,
  MOST_INLINE_BYTES,
  resultName,
  type ShardJob,
  type ShardResult,
  textOfFailure,
} from './protocol.js';
import { loadStrategy } from './strategy-module.js';

/** What a worker gives its threads. */
export interface ThreadSettings {
  readonly cacheDir?: string;
  readonly sharedDirectory?: string;
  /** Modules whose strategies may run; undefined for all. */
  readonly strategies?: readonly string[];
}

/** Another try of these has the same end. */
const FINAL = ['ARGUMENT', 'CONFIG', 'UNSUPPORTED', 'FORMAT_VERSION', 'CORRUPT'];
/** ms between two reports of progress, each of them a write to Redis. */
const REPORT_MS = 1000;

export default async function processShard(
  job: SandboxedJob<ShardJob>,
  _token: string | undefined,
  signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void },
): Promise<ShardResult> {
  const controller = new AbortController();
  if (job.data.cancelled === true || signal?.aborted === true) throw final(CANCELLED);
  signal?.addEventListener('abort', () => controller.abort());
  try {
    return await resultOf(job, controller.signal, workerData as ThreadSettings);
  } catch (error) {
    if (controller.signal.aborted) throw final(CANCELLED);
    const text = textOfFailure(error);
    throw FINAL.includes(text.split(':')[0]) ? final(text) : new Error(text);
  }
}

async function resultOf(
  job: SandboxedJob<ShardJob>,
  signal: AbortSignal,
  { cacheDir, sharedDirectory, strategies }: ThreadSettings,
): Promise<ShardResult> {
  const { study, identity, shard, from } = job.data;
  if (job.data.kind !== 'shard')
    throw new AtcError('UNSUPPORTED', 'this worker knows no such job; install its release');
  if (strategies !== undefined && !strategies.includes(study.strategy.module)) {
    throw new AtcError('ARGUMENT', `this worker runs no strategies of ${study.strategy.module}`);
  }
  const strategy = await loadStrategy(study.strategy);
  let reported = performance.now();
  const part = await sweepPart({
    ...study,
    strategy,
    history: cacheDir === undefined ? study.history : { ...study.history, cacheDir },
    identity,
    shard,
    from,
    signal,
    onProgress: ({ share }) => {
      if (performance.now() - reported < REPORT_MS) return;
      reported = performance.now();
      // Nobody needs it; an unhandled rejection would end the thread.
      job.updateProgress(Math.min(1, share * shard.count)).catch(() => undefined);
    },
  });
  const result = { sha256: part.sha256, bytes: part.bytes.length };
  if (part.bytes.length <= MOST_INLINE_BYTES) {
    return { ...result, base64: Buffer.from(part.bytes).toString('base64') };
  }
  if (sharedDirectory === undefined) {
    const message = `a result of ${part.bytes.length} bytes is too large for Redis (${MOST_INLINE_BYTES})`;
    const advice =
      'give workers and submitter a shared directory (--shared-dir), or cut the study into more jobs (--jobs)';
    throw new AtcError('UNSUPPORTED', `${message}; ${advice}`);
  }
  const uri = resultName(String(job.id));
  await part.write(path.join(sharedDirectory, uri));
  return { ...result, uri };
}

/** BullMQ knows by its name an error after which there is no other attempt. */
function final(message: string): Error {
  return Object.assign(new Error(message), { name: 'UnrecoverableError' });
}
