/**
 * Keeping a cache directory below a size without looking at all of it after every write: each process counts what it
 * writes, and looks when its count says that the bound may be reached, or that it has written a tenth of it since it
 * last looked. P processes can exceed it by (P - 1) tenths at most until one of them looks.
 */
import { enforceMaxBytes, listUsage } from './cache-usage.js';

/** Removal goes on down to this share of the bound, so that not every write has to remove. */
const LOW_WATER = 0.9;

/** Written without a look: the others do not see it before either. */
const LOOK_SHARE = 0.1;

/** Bytes in a directory at the last look, and what this process has written since. */
const counts = new Map<string, { readonly present: number; written: number }>();

/** To be called after every write of `writtenBytes` below `directory`. Does nothing without a bound. */
export function boundCache(directory: string, maxBytes: number | false | undefined, writtenBytes: number): void {
  if (maxBytes === undefined || maxBytes === false) return;
  const count = counts.get(directory);
  if (count !== undefined) {
    count.written += writtenBytes;
    if (count.written <= Math.min(maxBytes * LOOK_SHARE, maxBytes - count.present)) return;
  }
  let present = bytesIn(directory);
  if (present > maxBytes) {
    enforceMaxBytes(directory, maxBytes * LOW_WATER);
    present = bytesIn(directory);
  }
  counts.set(directory, { present, written: 0 });
}

function bytesIn(directory: string): number {
  return listUsage(directory).reduce(
    (sum, { kind, allocatedBytes }) => sum + (kind === 'other' ? 0 : allocatedBytes),
    0,
  );
}
