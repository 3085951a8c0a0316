/** Whole files without the care that history gets: what the benchmark's other contenders read and write. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { attempt } from './io-error.js';

export function readPlainFile(file: string): Buffer<ArrayBuffer> {
  return attempt('read', file, () => readFileSync(file));
}

export function writePlainFile(file: string, content: string | Uint8Array): void {
  attempt('write', file, () => writeFileSync(file, content));
}

export function removePath(target: string): void {
  attempt('remove', target, () => rmSync(target, { recursive: true, force: true }));
}
