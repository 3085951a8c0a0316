/** Where a worker finds the history that a job names: the one place that looks data up. */
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAtcError } from 'atc-memory';
import { dataByHash, type LocalData } from 'atc-memory/remote';
import type { JobContext } from './job-context.js';
import { manifestOf } from './job-data.js';
import type { FleetJob, FleetSource } from './protocol.js';

/** A source that can be opened here; until `release` its files stay. */
export interface WorkerSource {
  readonly source: FleetSource;
  release(): void;
}

/** ms for which data that cannot be reached are waited for within one attempt: a link that was cut may heal. */
const PATIENCE_MS = 120_000;
const MOST_WAIT_MS = 10_000;

/**
 * The path that the job names, or the files of its history by their hashes: from a mount, the cache of this machine, or
 * a server.
 *
 * @throws AtcError CORRUPT, naming the file, for other content; IO where the data cannot be reached.
 */
export async function sourceOnWorker({ source, data }: FleetJob, context: JobContext): Promise<WorkerSource> {
  if (data === undefined) return { source, release: () => {} };
  const { cacheDir = '.cache/atc', dataFrom = data.from, sharedDirectory, signal } = context;
  const manifest = await manifestOf(data, sharedDirectory);
  const local = await patiently(() => dataByHash(manifest, { from: dataFrom, cacheDir, signal }), signal);
  const [{ path: name }, ...others] = manifest.files;
  const isFile = others.length === 0;
  return { source: isFile ? path.join(local.directory, name) : local.directory, release: () => local.release() };
}

async function patiently(find: () => Promise<LocalData>, signal: AbortSignal): Promise<LocalData> {
  const end = performance.now() + PATIENCE_MS;
  for (let waitMs = 500; ; waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)) {
    try {
      return await find();
    } catch (error) {
      if (!isAtcError(error, 'IO') || signal.aborted || performance.now() + waitMs > end) throw error;
      await wait(waitMs, undefined, { signal });
    }
  }
}
