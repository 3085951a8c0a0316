/** How much an acknowledged write survives, and the fsyncs that it takes. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { attempt } from './io-error.js';

/**
 * `power`: file and directory are fsynced before a commit returns (history, the default). `process`: survives the death of the
 * process, not of the machine; no fsync (caches, which can be made again).
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

/** Creates a directory and what is missing above it. With `power` their names are on the disk when this returns. */
export function makeDirectory(directory: string, durability: Durability): void {
  const first = attempt('create directory', directory, () => mkdirSync(directory, { recursive: true }));
  if (durability !== 'power') return;
  for (const parent of parentsOfNew(directory, first)) syncDirectory(parent);
}

/** The directories that hold a new name, when `first` is the topmost new one, as mkdir says; none when there is no new one. */
export function* parentsOfNew(directory: string, first: string | undefined): Generator<string> {
  if (first === undefined) return;
  const topmost = path.resolve(first);
  for (let at = path.resolve(directory); at.length >= topmost.length; at = path.dirname(at)) yield path.dirname(at);
}
