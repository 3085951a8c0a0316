/** Names of things that are not finished yet: `.<name>.<owner>.<n>.atc-tmp`, beside where they are going to be. */

import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { attempt, systemCode } from './io-error.js';
import { ownerState, ownerToken } from './process-owner.js';
import { uniqueDigits } from './unique-name.js';

const TEMPORARY = /^\..+\.(\d+-\d+-[0-9a-f]{8})\.[0-9a-f]{8}\.atc-tmp$/;

/** What is left of owners that cannot be asked (another host or container) is removed after this long. */
const UNKNOWN_OWNER_MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** A fresh hidden name in the directory of `target`, so that the rename stays on one file system. */
export function temporaryPath(target: string): string {
  // Cut, so that the longest name a file may have still has a temporary one (255 bytes).
  const name = `.${path.basename(target).slice(0, 40)}.${ownerToken()}.${uniqueDigits()}.atc-tmp`;
  return path.join(path.dirname(target), name);
}

export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Removes files and directories that dead processes left unfinished in `directory`; returns their paths. */
export function sweepTemporaries(directory: string): string[] {
  return sweepOwned(directory, TEMPORARY);
}

/** Unfinished files and directories, locks, and the marks of readers (leases.ts). */
const TRACE = /^(?:\..+|(?:lease|doomed)\.\d+)\.(\d+-\d+-[0-9a-f]{8})\.[0-9a-f]{8}(?:\.atc-(?:tmp|lock))?$/;

/**
 * Everything that dead processes left in `directory`, for a process that works there without changing anything. What
 * cannot be listed or removed is left.
 */
export function sweepTraces(directory: string): void {
  try {
    sweepOwned(directory, TRACE);
  } catch {
    // It is in nobody's way; a process that changes something there gets the error of the disk.
  }
}

/** Directories that this process has swept. */
const swept = new Set<string>();
const MOST_SWEPT = 10_000;

/**
 * The same before the first file of this process goes into `directory`, and then no more. What cannot be swept is left.
 */
export function sweepOnce(directory: string): void {
  if (swept.has(directory) || isTemporaryName(path.basename(directory))) return;
  if (swept.size >= MOST_SWEPT) swept.clear();
  swept.add(directory);
  try {
    sweepTemporaries(directory);
  } catch {
    // It is missing, or not to be listed: then nothing of ours is found there.
  }
}

/**
 * Removes the entries of `directory` whose name matches `pattern` (group 1: the owner) and whose owner has ended. What
 * this process may not remove (of another user, on a read-only file system) is left and is not among them: it is in
 * nobody's way.
 */
export function sweepOwned(directory: string, pattern: RegExp): string[] {
  const removed: string[] = [];
  for (const name of namesIn(directory)) {
    const owner = pattern.exec(name)?.[1];
    if (owner === undefined) continue;
    const full = path.join(directory, name);
    if (!isAbandoned(owner, full)) continue;
    try {
      rmSync(full, { recursive: true, force: true });
    } catch {
      continue;
    }
    removed.push(full);
  }
  return removed;
}

/** The entries of a directory; none when it is missing, because another process may remove it at any time. */
export function namesIn(directory: string): string[] {
  return attempt('list', directory, () => {
    try {
      return readdirSync(directory);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  });
}

/**
 * Removes the mark of a process that has ended; where this process may not, it stays and counts for nothing all the
 * same.
 */
export function removeMark(full: string): void {
  try {
    rmSync(full, { force: true });
  } catch {
    // A read-only file system, or the directory of another user.
  }
}

/** True when the process that made `full` has ended, or cannot be asked and has not touched it for long. */
export function isAbandoned(owner: string, full: string): boolean {
  const state = ownerState(owner);
  if (state !== 'unknown') return state === 'dead';
  try {
    return Date.now() - statSync(full).mtimeMs > UNKNOWN_OWNER_MAX_AGE_MS;
  } catch {
    return false;
  }
}
