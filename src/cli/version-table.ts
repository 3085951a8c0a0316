/** The versions of a dataset as a table: what each is, and what it costs. */
import type { SnapshotInfo } from '../dataset/versions/snapshot-info.js';
import { formatBytes, formatCount, formatTable, formatTime } from './text.js';

/** Without a name a version is opened by its generation. */
export function versionTable(versions: readonly SnapshotInfo[]): string {
  return formatTable(
    ['snapshot', 'generation', 'published', 'rows', 'own', 'shared'],
    versions.map(({ name = '-', generation, publishedMs, rows, ownBytes, sharedBytes }) => [
      name,
      formatCount(generation),
      formatTime(publishedMs - (publishedMs % 1000)),
      formatCount(rows),
      formatBytes(ownBytes),
      formatBytes(sharedBytes),
    ]),
  );
}
