/**
 * Keeping a cache directory below a size without looking at all of it after every write: each process counts what it writes, and
 * looks when its count says that the bound may be reached. P processes can exceed it by (P - 1) tenths at most until one of them looks.
 */
import { enforceMaxBytes, listUsage } from './cache-usage.js';

/** Removal goes on down to this share of the bound, so that not every write has to remove. */
const LOW_WATER = 0.9;

/** Bytes in a directory at the last look, plus what this process has written since. */
const estimates = new Map<string, number>();

/** To be called after every write of `writtenBytes` below `directory`. Does nothing without a bound. */
export function boundCache(directory: string, maxBytes: number | false | undefined, writtenBytes: number): void {
  if (maxBytes === undefined || maxBytes === false) return;
  const known = estimates.get(directory);
  const estimate = known === undefined ? Number.POSITIVE_INFINITY : known + writtenBytes;
  if (estimate <= maxBytes) {
    estimates.set(directory, estimate);
    return;
  }
  const present = bytesIn(directory);
  if (present <= maxBytes) {
    estimates.set(directory, present);
    return;
  }
  enforceMaxBytes(directory, maxBytes * LOW_WATER);
  estimates.set(directory, bytesIn(directory));
}

function bytesIn(directory: string): number {
  return listUsage(directory).reduce(
    (sum, { kind, allocatedBytes }) => sum + (kind === 'other' ? 0 : allocatedBytes),
    0,
  );
}
