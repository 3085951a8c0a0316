/** Removing the file of an entry, wherever it is at this moment. */
import path from 'node:path';
import { identifyFile, removeFile } from '../cache-directory/entry-files.js';
import { heldFilesOf, removeHeld } from '../cache-directory/held-files.js';
import { isAtcError } from '../errors.js';
import { appliedError } from '../io/io-error.js';
import { isRealDirectory } from '../io/own-path.js';

/** True when there was one. An error has `applied: true` when the entry is deleted although a later step failed. */
export async function removeEntry(file: string): Promise<boolean> {
  let removed = false;
  let isUnlinked = false;
  try {
    // Held first: what a process puts back after that is removed under its own name.
    do {
      for (const held of heldFilesOf(file)) {
        removeHeld(held);
        removed = true;
      }
      isUnlinked = (isRealDirectory(path.dirname(file)) && (await removeFile(file))) || isUnlinked;
    } while (heldFilesOf(file).length > 0);
    return removed || isUnlinked;
  } catch (error) {
    if (!removed && !isUnlinked) throw error;
    throw (await isGone(file, isUnlinked)) ? appliedError(error, file) : error;
  }
}

/** `known` where the disk does not say it. */
async function isGone(file: string, known: boolean): Promise<boolean> {
  try {
    return (await identifyFile(file)) === undefined && heldFilesOf(file).length === 0;
  } catch (error) {
    if (isAtcError(error, 'IO')) return known;
    throw error;
  }
}
