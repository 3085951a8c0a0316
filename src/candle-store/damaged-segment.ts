/** Whether a segment that gave wrong bytes is damaged, or was another file when it was opened. */
import { isAtcError } from '../errors.js';
import { BlockCache } from './block-cache.js';
import { Segment } from './segment.js';
import type { SegmentName } from './series-listing.js';

/**
 * Looks again, from the beginning. A file that is whole was another one when it was first looked at: a process that
 * does not compress the same way has published the same candles, and the index of the one was used on the bytes of the
 * other.
 */
export function isDamagedSegment(name: SegmentName, file: string): boolean {
  try {
    const segment = new Segment(name, file, new BlockCache(0), 'read');
    for (const _table of segment.tables);
    segment.documents.size;
    segment.close();
    return false;
  } catch (error) {
    return isAtcError(error, 'CORRUPT');
  }
}
