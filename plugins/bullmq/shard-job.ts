/** A shard of a study, on a worker. */
import { type SweepStrategy, sweepPart } from 'atc-memory/sweep';
import type { JobContext } from './job-context.js';
import type { ShardJob } from './protocol.js';
import { loadStrategy } from './strategy-module.js';
import { sourceOnWorker } from './worker-source.js';

/** The bytes of its part. */
export async function runShard(job: ShardJob, context: JobContext): Promise<Uint8Array> {
  const { cacheDir, signal, onShare } = context;
  const { study, identity, shard, from } = job;
  const { source, release } = await sourceOnWorker(job, context);
  const part = await sweepPart({
    ...study,
    source,
    strategy: await loadStrategy<SweepStrategy>(study.strategy, 'create'),
    history: cacheDir === undefined ? study.history : { ...study.history, cacheDir },
    identity,
    shard,
    from,
    signal,
    onProgress: ({ share }) => onShare(share * shard.count),
  }).finally(release);
  return part.bytes;
}
