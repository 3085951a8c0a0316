/**
 * What the operating system refused, reported once: action, path and what to do, with the system's own error as
 * `cause`.
 */
import { AtcError, isAtcError } from '../errors.js';

/** What to do about the system errors that people meet; the others keep the system's own words. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory; check the path: a relative one starts at the working directory',
  EISDIR: 'it is a directory; name a file',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EACCES: 'permission denied; check the owner and mode of the file and of its directories',
  EPERM: 'the system does not permit it; check the owner, mode and attributes of the file',
  EROFS: 'the file system is read-only; choose another directory',
  ENOSPC: 'no space left on the device; free some, or choose another directory',
  EDQUOT: 'the disk quota is used up; free some, or choose another directory',
  EMFILE: 'too many open files in this process; close some datasets or arrays, or raise `ulimit -n`',
  ENFILE: 'too many open files on this system',
  EEXIST: 'it exists already; choose another name or remove it first',
  ENOTEMPTY: 'the directory is not empty',
  ENAMETOOLONG:
    'a name in the path (most file systems take 255 bytes) or the path itself (4,095) is too long; choose a shorter ' +
    'one',
  ELOOP: 'the path goes round in symbolic links',
  EXDEV: 'source and target are on different file systems',
  EBUSY: 'another program holds it',
  EIO: 'the device reported an error; check the disk',
};

/** The `code` of a system error ('ENOENT'), or undefined. Not by instanceof: errors of other realms count too. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** IO error for a failed action on a path; an AtcError passes through unchanged, so that nothing is wrapped twice. */
export function ioError(cause: unknown, action: string, path: string): AtcError {
  if (isAtcError(cause)) return cause;
  const code = systemCode(cause);
  const advice = code === undefined ? undefined : ADVICE[code];
  const reason = advice ?? (cause instanceof Error ? cause.message : String((cause as Error)?.message ?? cause));
  return new AtcError('IO', `cannot ${action} ${path}: ${reason}${code ? ` (${code})` : ''}`, { path, cause });
}

/**
 * The error of a change that is in force although it is rejected: the rename has happened, what comes after it (a sync,
 * opening) has failed.
 */
export function appliedError(cause: unknown, path: string): AtcError {
  const error = ioError(cause, 'finish writing', path);
  if (error.applied === true) return error;
  const text = `${error.message}. The change itself is in force: do not repeat it`;
  return new AtcError(error.code, text, { path: error.path ?? path, cause: error.cause ?? cause, applied: true });
}

/**
 * Runs what comes after a change to `path` that is in force: its errors are those of an applied change. The reason of
 * an aborted signal stays what it is.
 */
export async function whenApplied<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isAtcError(error) ? appliedError(error, path) : error;
  }
}

/** The error of a change that is not in force, though a part of it (new files that nothing names) was. */
export function unappliedError(error: unknown): unknown {
  if (!isAtcError(error) || error.applied !== true) return error;
  const cause = error.cause as Error | undefined;
  return ioError(cause, 'write', error.path ?? '');
}

/** Runs a synchronous file operation and throws what goes wrong as IO. `action` completes "cannot … <path>". */
export function attempt<T>(action: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw ioError(error, action, path);
  }
}

/** The same for an asynchronous one. */
export async function attemptAsync<T>(action: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw ioError(error, action, path);
  }
}
