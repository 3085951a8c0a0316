/** Directories and bytes for tests of files. */
import { mkdirSync } from 'node:fs';
import { useWorkspace } from './workspace.js';

export const workspace = useWorkspace();
let number = 0;

/** A fresh empty directory. */
export function fresh(): string {
  const directory = workspace.at(`directory-${number++}`);
  mkdirSync(directory);
  return directory;
}

export const bytesOfLength = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);
