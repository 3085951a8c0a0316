/** Whole files without the care that history gets: what the benchmark's other contenders read and write. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { attempt } from './io-error.js';

export function readPlainFile(file: string): Buffer {
  return attempt('read', file, () => readFileSync(file));
}

/** Makes a new file in place of one that is there, as nothing of ours cuts a file. */
export function writePlainFile(file: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  attempt('write', file, () => {
    rmSync(file, { force: true });
    const descriptor = openSync(file, 'wx');
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    } finally {
      closeSync(descriptor);
    }
  });
}

export function removePath(target: string): void {
  attempt('remove', target, () => rmSync(target, { recursive: true, force: true }));
}
