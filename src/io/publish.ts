/**
 * Publishing a new generation of a directory that others read: its files become complete, one rename shows them (a pointer, a catalogue), and
 * what nobody needs any more is removed. A failure before the rename leaves everything as it was; one after it (a sync that the disk
 * refuses) leaves the new generation in force, and then its files are all there is.
 */
import { AtcError, isAtcError } from '../errors.js';
import type { DirectoryWriter } from './atomic-directory.js';
import { systemCode } from './io-error.js';
import { discard } from './leases.js';

export interface Publication {
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

/** Only under the lock of the directory. A rejected publication that is in force all the same has `applied: true` in its error. */
export function publish({ generation, writer, beforeShown, show, shown, collect }: Publication): void {
  writer?.commit();
  try {
    beforeShown?.();
    show();
  } catch (error) {
    const isApplied = isInForce(generation, shown);
    if (isApplied === false && writer !== undefined) discard(writer.path);
    throw isApplied === true && isAtcError(error) ? appliedError(error) : error;
  }
  try {
    collect();
  } catch (error) {
    if (!isAtcError(error, 'IO')) throw error;
  }
}

/** Undefined when it cannot be found out: then the files stay, and the next writer removes them if they are not in force. */
function isInForce(generation: number, shown: () => number): boolean | undefined {
  try {
    return shown() >= generation;
  } catch (error) {
    // A directory in the place of the pointer: no rename of ours has happened.
    return systemCode((error as Error).cause) === 'EISDIR' ? false : undefined;
  }
}

function appliedError({ code, message, path, cause }: AtcError): AtcError {
  const text = `${message}. The change itself is in force and is read from now on; only its durability is unknown`;
  return new AtcError(code, text, { path, cause, applied: true });
}
