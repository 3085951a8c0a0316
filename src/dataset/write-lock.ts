/** One process at a time changes a dataset. */
import path from 'node:path';
import { acquireLock, type ProcessLock } from '../io/process-lock.js';
import { sweepTemporaries } from '../io/temporary.js';
import type { Catalogue } from './catalogue.js';
import { readCatalogue } from './catalogue-file.js';
import { removeSuperseded, removeUnfinished } from './superseded.js';
import { VERSIONS_DIRECTORY } from './versions/version-files.js';

export const WRITE_LOCK = 'write';

/** Runs with the catalogue in force; what dead writers left has been removed by then. */
export async function underWriteLock(
  directory: string,
  signal: AbortSignal | undefined,
  run: (catalogue: Catalogue, lock: ProcessLock) => void | Promise<void>,
): Promise<void> {
  const lock = await acquireLock(directory, WRITE_LOCK, signal);
  try {
    sweepTemporaries(directory);
    sweepTemporaries(path.join(directory, VERSIONS_DIRECTORY));
    const catalogue = readCatalogue(directory);
    removeUnfinished(directory, catalogue);
    // What the last change had to leave, because its writer was still reading the generation before.
    removeSuperseded(directory, catalogue);
    await run(catalogue, lock);
  } finally {
    lock.release();
  }
}
