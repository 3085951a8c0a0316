/** Exit codes of `atc`: 0 done, 1 failed work or bad data, 2 bad usage or configuration, 130 interrupted. */
import { isAtcError } from '../errors.js';

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** What an error means for whoever called `atc`. */
export function exitCodeOf(error: unknown): number {
  if (isAtcError(error)) return error.code === 'CONFIG' || error.code === 'ARGUMENT' ? EXIT.usage : EXIT.failed;
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  return EXIT.failed;
}

/** One line for an error the package foresaw, a stack for one it did not (a bug of ours). */
export function describeError(error: unknown): string {
  if (isAtcError(error)) return error.message;
  if (error instanceof Error && error.name === 'AbortError') return 'interrupted';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
