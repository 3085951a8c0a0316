/** Whole files without the care that history gets: what the benchmark's other contenders read and write. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

/** A new directory below the system's directory for temporary files. */
export function temporaryDirectory(prefix: string): string {
  return attempt('create directory', tmpdir(), () => mkdtempSync(path.join(tmpdir(), prefix)));
}
