/** One process at a time changes a dataset. */
import path from 'node:path';
import { isRealDirectory } from '../io/own-path.js';
import { acquireLock, type ProcessLock, tryLock } from '../io/process-lock.js';
import { sweepTemporaries, sweepTraces } from '../io/temporary.js';
import type { Catalogue } from './catalogue.js';
import { readCatalogue } from './catalogue-file.js';
import { removeSuperseded, removeUnfinished, unfinishedIn } from './superseded.js';
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
    const versions = path.join(directory, VERSIONS_DIRECTORY);
    if (isRealDirectory(versions)) sweepTemporaries(versions);
    const catalogue = readCatalogue(directory);
    removeUnfinished(directory, catalogue);
    // What the last change had to leave, because its writer was still reading the generation before.
    removeSuperseded(directory, catalogue);
    await run(catalogue, lock);
  } finally {
    lock.release();
  }
}

/**
 * Removes what dead writers left, for a process that opens a dataset of its own and finds nothing to change. Never
 * waits: a writer at work removes it. What cannot be removed is left to the next change, which reports it.
 */
export function removeTraces(directory: string): void {
  sweepTraces(directory);
  try {
    const versions = path.join(directory, VERSIONS_DIRECTORY);
    if (isRealDirectory(versions)) sweepTraces(versions);
    if (unfinishedIn(directory, readCatalogue(directory)).length === 0) return;
    const lock = tryLock(directory, WRITE_LOCK);
    if (lock === undefined) return;
    try {
      // Read again under the lock: the writer may have finished.
      removeUnfinished(directory, readCatalogue(directory));
    } finally {
      lock.release();
    }
  } catch {
    // Read-only, or damaged: opening it is what reports that.
  }
}
