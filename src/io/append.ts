/**
 * Growing many files at once without holding a descriptor for each: opened, written, closed. Only for files that nobody
 * reads yet (inside a directory that is not committed).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { attempt } from './io-error.js';

/** Appends all bytes; creates the file when it is missing. */
export function appendBytes(path: string, bytes: Uint8Array): void {
  write(path, 'a', bytes, null);
}

/** Overwrites bytes that are already there (a header whose content is known only at the end). */
export function overwriteBytes(path: string, offset: number, bytes: Uint8Array): void {
  write(path, 'r+', bytes, offset);
}

function write(path: string, flags: string, bytes: Uint8Array, offset: number | null): void {
  const descriptor = attempt('open', path, () => openSync(path, flags));
  try {
    let done = 0;
    while (done < bytes.length) {
      const at = offset === null ? null : offset + done;
      done += attempt('write', path, () => writeSync(descriptor, bytes, done, bytes.length - done, at));
    }
  } finally {
    closeSync(descriptor);
  }
}
