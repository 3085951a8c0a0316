/** A shard of a study, on a worker. */
import { type SweepStrategy, sweepPart } from 'atc-memory/sweep';
import type { JobContext } from './job-context.js';
import type { ShardJob } from './protocol.js';
import { loadStrategy } from './strategy-module.js';
import { sourceOnWorker } from './worker-source.js';

/** The bytes of its part. */
export async function runShard(job: ShardJob, { cacheDir, signal, onShare }: JobContext): Promise<Uint8Array> {
  const { source, study, identity, shard, from } = job;
  const part = await sweepPart({
    ...study,
    source: await sourceOnWorker(source),
    strategy: await loadStrategy<SweepStrategy>(study.strategy, 'create'),
    history: cacheDir === undefined ? study.history : { ...study.history, cacheDir },
    identity,
    shard,
    from,
    signal,
    onProgress: ({ share }) => onShare(share * shard.count),
  });
  return part.bytes;
}
