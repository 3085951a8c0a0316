/** A directory and what is missing above it. */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from './io-error.js';

/** Another process may remove an empty parent meanwhile; one that the system denies stays denied. */
const MOST_TRIES = 10;

/**
 * As `mkdirSync` with `recursive`, which never returns (Node 20) where the system denies that a directory can be there,
 * as below `/proc`. Returns the topmost directory that was made; throws the system's error.
 */
export function makeDirectories(directory: string): string | undefined {
  const wanted = path.resolve(directory);
  // Most are there, and the error that says so costs more than the question.
  if (statSync(wanted, { throwIfNoEntry: false })?.isDirectory() === true) return undefined;
  let topmost: string | undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      mkdirSync(wanted);
      return topmost ?? wanted;
    } catch (error) {
      if (systemCode(error) === 'ENOENT' && tries < MOST_TRIES && path.dirname(wanted) !== wanted) {
        topmost = makeDirectories(path.dirname(wanted)) ?? topmost;
      } else if (statSync(wanted, { throwIfNoEntry: false })?.isDirectory() === true) return topmost;
      else throw error;
    }
  }
}
