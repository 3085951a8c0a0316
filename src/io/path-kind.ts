/** What stands at a path. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
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
