/** How much an acknowledged write survives, and the fsyncs that it takes. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
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
