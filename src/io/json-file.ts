/** Small text files that may be missing, looked up often: a look at a missing file costs no exception. */
import { readFileSync, statSync } from 'node:fs';
import { attempt, systemCode } from './io-error.js';

/** True when something stands at the path. */
export function isPresent(path: string): boolean {
  return attempt('look at', path, () => statSync(path, { throwIfNoEntry: false }) !== undefined);
}

/** The text of a file, undefined when there is none. */
export function readText(path: string): string | undefined {
  return attempt('read', path, () => {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}
