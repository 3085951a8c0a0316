/** Damage is located in two steps: a codec knows the offset inside its chunk, the reader where the chunk lies. */
import { AtcError } from '../errors.js';

/** Damage at a byte of the frame. */
export function corrupt(what: string, offset: number, path?: string, cause?: unknown): AtcError {
  const where = path === undefined ? `at byte ${offset}` : `in ${path} at byte ${offset}`;
  return new AtcError('CORRUPT', `${what} (${where}); restore the bytes from their source or a backup`, {
    path,
    offset,
    cause,
  });
}

/**
 * Damage at a byte of a chunk, thrown by its decoder; the registry adds column, codec, path and the chunk's location.
 */
export function chunkDamage(what: string, offset: number): AtcError {
  return new AtcError('CORRUPT', what, { offset });
}
