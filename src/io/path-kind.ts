/** What stands at a path. */
import { accessSync, constants, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { attempt, systemCode } from './io-error.js';
import { makeDirectories } from './make-directories.js';

/** Throws IO when there is nothing. */
export function isDirectory(path: string): boolean {
  return attempt('open', path, () => statSync(path)).isDirectory();
}

/** Whether anything stands at a path that this process may look at. */
export function pathExists(path: string): boolean {
  return existsSync(path);
}

/** Creates a directory and what is missing above it. */
export function createDirectories(path: string): void {
  attempt('create directory', path, () => makeDirectories(path));
}

/** The text of a small file, or undefined when there is none. */
export function readTextFile(path: string): string | undefined {
  return attempt('read', path, () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      // ENOTDIR: what would be the directory is a file.
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  });
}

/** Undefined when files can be made in a directory (which is created for the try), else why not. */
export function probeWritable(directory: string): string | undefined {
  try {
    attempt('write in', directory, () => {
      const created = makeDirectories(directory);
      accessSync(directory, constants.W_OK);
      // What was not there before is not left behind.
      if (created !== undefined) rmSync(created, { recursive: true });
    });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** When a file was last written, whole ms UTC. */
export function modifiedMs(path: string): number {
  return Math.floor(attempt('inspect', path, () => statSync(path)).mtimeMs);
}
