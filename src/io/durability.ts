/** How much an acknowledged write survives, and the fsyncs that it takes. */
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { attempt, systemCode } from './io-error.js';
import { makeDirectories } from './make-directories.js';

/**
 * `power`: file and directory are fsynced before a commit returns (history, the default). `process`: survives the death
 * of the
 * process, not of the machine; no fsync (caches, which can be rebuilt).
 */
export type Durability = 'power' | 'process';

/** Makes a rename in `directory` permanent. Windows cannot open directories and keeps its own journal. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  attempt('sync directory', directory, () => {
    const descriptor = openSync(directory, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Puts the content of a file on the disk; one that was deleted meanwhile needs it no more. */
export function syncFile(file: string): void {
  attempt('sync', file, () => {
    try {
      const descriptor = openSync(file, 'r+');
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  });
}

/** Creates a directory and what is missing above it. With `power` all their names are on the disk when this returns. */
export function makeDirectory(directory: string, durability: Durability): void {
  attempt('create directory', directory, () => makeDirectories(directory));
  if (durability === 'power') syncNames(directory);
}

/** Directories whose names this process has synced, up to the root: by path, with the inode that had that name. */
const durable = new Map<string, number>();
const MOST_REMEMBERED = 10_000;

/**
 * Makes the name of a directory and of all directories above it permanent, whichever process made them: another process
 * may have, without a sync, a moment ago. Once per process and directory. A directory above that may not be opened is
 * left out: it is not one that we could have made.
 */
export function syncNames(directory: string): void {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    const parent = path.dirname(at);
    const { ino } = attempt('inspect', at, () => statSync(at));
    if (parent === at || durable.get(at) === ino) return;
    try {
      syncDirectory(parent);
    } catch (error) {
      if (!['EACCES', 'EPERM', 'EINVAL'].includes(systemCode((error as Error).cause) ?? '')) throw error;
    }
    if (durable.size >= MOST_REMEMBERED) durable.clear();
    durable.set(at, ino);
  }
}
