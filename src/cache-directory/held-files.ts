/**
 * Files that a process has moved out of the way to look at them: `.held/<name>.<owner>.<n>` beside where they belong.
 * One that turns out to be newer than what was to be removed is put back. Should its process die before that, the next
 * one that looks for the name finds it here: an acknowledged entry is never lost.
 */
import { linkSync, rmdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { isAtcError } from '../errors.js';
import { attempt, systemCode } from '../io/io-error.js';
import { isRealDirectory, isRealFile } from '../io/own-path.js';
import { ownerToken } from '../io/process-owner.js';
import { isAbandoned, namesIn } from '../io/temporary.js';
import { uniqueDigits } from '../io/unique-name.js';

const FOLDER = '.held';
const NAME = /^(.+)\.(\d+-\d+-[0-9a-f]{8})\.[0-9a-f]{8}$/;

/** A fresh name in the folder for files that are held, beside `target`. */
export function heldPath(target: string): string {
  return path.join(path.dirname(target), FOLDER, `${path.basename(target)}.${ownerToken()}.${uniqueDigits()}`);
}

/** The held files that belong at `target`; nearly always there is no such folder. */
export function heldFilesOf(target: string): string[] {
  return heldIn(path.dirname(target)).flatMap(({ file, name }) => (name === path.basename(target) ? [file] : []));
}

/** Puts back what dead processes held in `directory`, unless it has been replaced since. */
export function restoreHeld(directory: string): void {
  const held = heldIn(directory);
  if (held.length === 0) return;
  try {
    for (const { file, name, owner } of held) if (isAbandoned(owner, file)) putBack(file, path.join(directory, name));
    removeFolder(directory);
  } catch (error) {
    // A directory that this process may not change: its files are read where they are.
    if (!isAtcError(error, 'IO')) throw error;
  }
}

/** link(2) does not replace: what was written since then is newer than what is put back. */
export function putBack(held: string, target: string): void {
  attempt('restore', target, () => {
    try {
      linkSync(held, target);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT') return;
      if (code !== 'EEXIST') throw error;
    }
    removeHeld(held);
  });
}

/** Removes a held file: its entry was deleted, or is put back. */
export function removeHeld(held: string): void {
  attempt('remove', held, () => {
    try {
      unlinkSync(held);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  });
}

function heldIn(directory: string): { file: string; name: string; owner: string }[] {
  const folder = path.join(directory, FOLDER);
  if (!isRealDirectory(folder)) return [];
  return namesIn(folder).flatMap((entry) => {
    const match = NAME.exec(entry);
    const file = path.join(folder, entry);
    return match === null || !isRealFile(file) ? [] : [{ file, name: match[1], owner: match[2] }];
  });
}

function removeFolder(directory: string): void {
  try {
    rmdirSync(path.join(directory, FOLDER));
  } catch {
    // Not there, or in use.
  }
}
