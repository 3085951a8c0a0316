/** Exit codes of `atc`: 0 done, 1 failed work or bad data, 2 bad usage or configuration, 130 interrupted. */
import { isAtcError } from '../errors.js';
import { ChildFailure } from './child-failure.js';

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** What an error means for the caller of `atc`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ChildFailure) return error.exitCode;
  if (isAtcError(error)) return error.code === 'CONFIG' || error.code === 'ARGUMENT' ? EXIT.usage : EXIT.failed;
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  return EXIT.failed;
}

/**
 * One line for an error the package foresaw, a stack for one it did not (a bug of ours), nothing for one that a child
 * has reported.
 */
export function describeError(error: unknown): string | undefined {
  if (error instanceof ChildFailure) return undefined;
  if (isAtcError(error)) return error.message;
  if (error instanceof Error && error.name === 'AbortError') return 'interrupted';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
