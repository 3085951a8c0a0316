/** Letting go of old generations of a dataset, and of files that no version needs any more. */
import { diskUsage } from '../../io/disk-usage.js';
import { readCurrent } from '../catalogue-file.js';
import { removeAllSuperseded } from '../superseded.js';
import { underWriteLock } from '../write-lock.js';
import { pruneVersions, requireKeep } from './retain.js';
import { retainedVersions } from './version-usage.js';

/** What cleaning removed, or would remove. */
export interface CleanedVersions {
  /** Numbers of the generations that are not retained any more. */
  readonly removed: readonly number[];
  /** Freed now. What somebody is still reading goes with a later change. */
  readonly bytes: number;
}

/** Retains the newest `keep` generations, the current one included, and every version with a name. */
export async function cleanVersions(
  directory: string,
  keep: number,
  { dryRun = false, signal }: { readonly dryRun?: boolean; readonly signal?: AbortSignal },
): Promise<CleanedVersions> {
  requireKeep(keep);
  // The lock would make a directory that is not there.
  readCurrent(directory);
  let cleaned: CleanedVersions = { removed: [], bytes: 0 };
  await underWriteLock(directory, signal, (catalogue) => {
    if (dryRun) {
      const old = retainedVersions(directory).filter(
        ({ name, generation }) => name === undefined && generation <= catalogue.generation - keep,
      );
      const bytes = old.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
      cleaned = { removed: old.map(({ generation }) => generation), bytes };
      return;
    }
    const before = diskUsage(directory).byteLength;
    const removed = pruneVersions(directory, keep);
    removeAllSuperseded(directory, catalogue);
    cleaned = { removed, bytes: Math.max(0, before - diskUsage(directory).byteLength) };
  });
  return cleaned;
}
