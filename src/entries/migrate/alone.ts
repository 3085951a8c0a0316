/**
 * What frames a migration in either direction: no other one beside it, and nothing of an earlier one that was killed.
 */
import { AtcError } from '../../errors.js';
import { tryLock } from '../../io/process-lock.js';
import { sweepUnfinished } from '../upkeep.js';

const LOCK = 'migrate';

/**
 * One migration of a directory at a time, in either direction: a second one would number the formats differently, or
 * lose its note. A dry run takes no lock and removes nothing.
 */
export async function alone<T>(
  directory: string,
  { dryRun = false }: { readonly dryRun?: boolean },
  run: () => Promise<T>,
): Promise<T> {
  if (dryRun) return run();
  const lock = tryLock(directory, LOCK);
  if (lock === undefined) {
    throw new AtcError('IO', `${directory} is being migrated by another process; wait for it, then run this again`, {
      path: directory,
    });
  }
  try {
    await sweepUnfinished(directory);
    return await run();
  } finally {
    lock.release();
  }
}
