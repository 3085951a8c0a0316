/**
 * Publishing a new generation of a directory that others read: its files become complete, one rename shows them (a
 * pointer, a catalogue), and what nobody needs any more is removed. A failure before the rename leaves everything as it
 * was; one after it (a sync that the disk refuses) leaves the new generation in force, and then its files are all there
 * is.
 */
import { isAtcError } from '../errors.js';
import type { DirectoryWriter } from './atomic-directory.js';
import { appliedError, systemCode, unappliedError } from './io-error.js';
import { discard } from './leases.js';
import type { ProcessLock } from './process-lock.js';

export interface Publication {
  /** What the generation belongs to. */
  readonly directory: string;
  /** The lock of the directory, which the caller holds. */
  readonly lock: ProcessLock;
  /** The number of the new generation. */
  readonly generation: number;
  /** Its files, not committed yet; undefined when the generation differs in its catalogue only. */
  readonly writer: DirectoryWriter | undefined;
  /** Runs between the commit of the files and `show`. */
  readonly beforeShown?: () => void;
  /** Puts the name in place that makes readers see the generation: one atomic rename. */
  readonly show: () => void;
  /** The generation that readers see now, 0 for none. May throw: then nobody knows. */
  readonly shown: () => number;
  /** Removes what the new generation replaces. Its failures are the next writer's business. */
  readonly collect: () => void;
}

/** A rejected publication that is in force all the same has `applied: true` in its error. */
export function publish({ directory, lock, generation, writer, beforeShown, show, shown, collect }: Publication): void {
  let isCommitted = false;
  let isShowing = false;
  try {
    lock.requireHeld();
    writer?.commit();
    isCommitted = true;
    beforeShown?.();
    lock.requireHeld();
    isShowing = true;
    show();
  } catch (error) {
    const isRenamed = isAtcError(error) && error.applied === true;
    // The rename that shows it has happened: nothing has to be looked at to know.
    const isShown = isShowing && isRenamed;
    const isApplied = isShown || (isShowing && isInForce(generation, shown));
    if (isApplied === true) throw appliedError(error, directory);
    if (!isCommitted && !isRenamed) writer?.abort();
    else if (isApplied === false && writer !== undefined) discard(writer.path);
    throw unappliedError(error);
  }
  try {
    collect();
  } catch (error) {
    if (!isAtcError(error, 'IO')) throw error;
  }
}

/**
 * Undefined when it cannot be found out: then the files stay, and the next writer removes them if they are not in
 * force.
 */
function isInForce(generation: number, shown: () => number): boolean | undefined {
  try {
    return shown() >= generation;
  } catch (error) {
    // A directory in place of the pointer: no rename of ours has happened.
    return systemCode((error as Error).cause) === 'EISDIR' ? false : undefined;
  }
}
