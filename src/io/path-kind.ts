/** What stands at a path. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { attempt } from './io-error.js';

/** Throws IO when there is nothing. */
export function isDirectory(path: string): boolean {
  return attempt('open', path, () => statSync(path)).isDirectory();
}

/** Creates a directory and what is missing above it. */
export function createDirectories(path: string): void {
  attempt('create directory', path, () => mkdirSync(path, { recursive: true }));
}

/** The text of a small file, or undefined when there is none. */
export function readTextFile(path: string): string | undefined {
  return attempt('read', path, () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined));
}

/** Undefined when files can be made in a directory (which is created for the try), else why not. */
export function probeWritable(directory: string): string | undefined {
  try {
    attempt('write in', directory, () => {
      const created = mkdirSync(directory, { recursive: true });
      accessSync(directory, constants.W_OK);
      // What was not there before is not left behind.
      if (created !== undefined) rmSync(created, { recursive: true });
    });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
