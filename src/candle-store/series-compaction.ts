/**
 * Turns sealed journals into segments, and small segments into larger ones. No lock: what a segment holds is decided by
 * the numbers in its name, so two processes that do the same work write the same candles, and a process that dies
 * leaves either the old files or the new one.
 */
import { isAtcError } from '../errors.js';
import { removeFile } from '../io/directory-entries.js';
import { syncDirectory } from '../io/durability.js';
import { isPresent } from '../io/json-file.js';
import { sweepTemporaries } from '../io/temporary.js';
import { writeSegment } from './candle-segment-writer.js';
import { gatherRows, type RowSource } from './gather.js';
import type { Segment } from './segment.js';
import type { SeriesFiles, SeriesSettings } from './series-files.js';
import { segmentName } from './series-listing.js';
import { seriesIdentity } from './series-path.js';

/** Segments of about the same size that are merged: the files of a series grow with the logarithm of its rows. */
const MERGE_COUNT = 4;
/** A merge rewrites at most that many rows: half a year of minutes, 12 MiB as numbers. */
const MAX_MERGED_ROWS = 1 << 18;
/** Characters of documents in a merged segment: they are read together. */
const MAX_MERGED_TEXT = 1 << 26;

/** Publishes every sealed journal as a segment and merges what has grown; deletes what that replaced. */
export function compact(files: SeriesFiles, settings: SeriesSettings): void {
  for (const journal of files.journals) {
    if (journal.sealed) publish(files, settings, journal.generation, journal.generation, [journal.rows]);
  }
  files.load();
  for (let run = mergeRun(files.segments, settings.sealRows); run !== undefined; ) {
    const [first, last] = [run[0].name.first, Math.max(...run.map(({ name }) => name.last))];
    try {
      if (!publish(files, settings, first, last, run, MAX_MERGED_TEXT)) break;
    } catch (error) {
      // Another process has merged one of them away, or one is damaged: reading finds out and deals with it.
      if (isAtcError(error, 'IO') || isAtcError(error, 'CORRUPT')) break;
      throw error;
    }
    files.load();
    run = mergeRun(files.segments, settings.sealRows);
  }
  const { obsolete } = files.list();
  // The name of a segment that another process published may not be on the disk yet.
  if (obsolete.length > 0) syncDirectory(files.directory);
  for (const name of obsolete) removeFile(files.pathOf(name));
  sweepTemporaries(files.directory);
}

/** False when the documents have more than `mostText` characters: then nothing has happened. */
function publish(
  files: SeriesFiles,
  { layout, compression }: SeriesSettings,
  first: number,
  last: number,
  sources: readonly RowSource[],
  mostText = Number.POSITIVE_INFINITY,
): boolean {
  const file = files.pathOf(segmentName(first, last));
  // Another process was faster; it has the same candles.
  if (isPresent(file)) return true;
  const { tables, documents } = gatherRows(sources);
  if (documents.reduce((sum, [, text]) => sum + text.length, 0) > mostText) return false;
  const origin = { series: seriesIdentity(files.directory), first, last };
  writeSegment(file, tables, documents, layout, compression, origin);
  return true;
}

/** The shortest run of segments at the end that are of one size or smaller, when it is long enough to merge. */
function mergeRun(segments: readonly Segment[], sealRows: number): readonly Segment[] | undefined {
  const tierOf = ({ rows }: Segment) =>
    Math.max(0, Math.floor(Math.log(Math.max(1, rows / sealRows)) / Math.log(MERGE_COUNT)));
  const tiers = segments.map(tierOf);
  for (const tier of [...new Set(tiers)].sort((a, b) => a - b)) {
    let from = segments.length;
    let rows = 0;
    // Never across a gap in the numbers: a journal that is not published yet would count as replaced.
    const adjoins = () => from === segments.length || segments[from].name.first <= segments[from - 1].name.last + 1;
    while (from > 0 && tiers[from - 1] <= tier && rows + segments[from - 1].rows <= MAX_MERGED_ROWS && adjoins()) {
      from--;
      rows += segments[from].rows;
    }
    if (segments.length - from >= MERGE_COUNT) return segments.slice(from);
  }
  return undefined;
}
