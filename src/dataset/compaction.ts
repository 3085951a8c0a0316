/** Which segments of a symbol are worth writing again as one. */
import path from 'node:path';
import { itemSize } from '../dtype.js';
import { diskUsage } from '../io/disk-usage.js';
import type { DatasetLayout } from '../table.js';
import { type Catalogue, isFrameSegment, PagedCatalogue, type Segment, type SymbolEntry } from './catalogue.js';
import type { RowSpan } from './segment-slices.js';
import { MAX_SEGMENT_BYTES } from './segment-writer.js';

/** With more segments than this a symbol is compacted by the next append: opening each costs about 50 µs. */
export const CROWDED_SEGMENTS = 64;

export function isCrowded({ segments }: SymbolEntry): boolean {
  return segments.length > CROWDED_SEGMENTS;
}

/**
 * The rows of a crowded symbol to write again: from the end backwards, as long as a segment is not more than twice as
 * long as all that follows, so that history is left alone until as much again has been added.
 */
export function crowdedRows({ segments, rows }: SymbolEntry): RowSpan[] {
  let from = rows;
  for (let k = segments.length - 1; k >= 0; k -= 1) {
    if (from < rows && segments[k].rows > 2 * (rows - from)) break;
    from -= segments[k].rows;
  }
  return [[from, rows]];
}

/** Files of many frames of which less than half is still named, by their path in the catalogue. */
export function sparseBundles(directory: string, catalogue: Catalogue): ReadonlySet<string> {
  if (!(catalogue instanceof PagedCatalogue)) return new Set();
  const named = new Map<string, number>();
  for (const { segments } of catalogue.symbols) {
    const frames = new Map(segments.map((segment) => [`${segment.path}:${segment.offset}`, segment]));
    for (const { path: file, byteLength } of frames.values()) {
      if (byteLength !== undefined) named.set(file, (named.get(file) ?? 0) + byteLength);
    }
  }
  const isSparse = ([file, bytes]: [string, number]) => bytes < diskUsage(path.join(directory, file)).byteLength / 2;
  return new Set([...named].filter(isSparse).map(([file]) => file));
}

/**
 * The rows to write again for as few segments as possible, all of the dataset's layout. Full segments stay as they are;
 * none stays in one of the files `sparse`.
 */
export function scatteredRows(
  entry: SymbolEntry,
  layout: DatasetLayout,
  sparse: ReadonlySet<string> = new Set(),
): RowSpan[] {
  const spans: RowSpan[] = [];
  let row = 0;
  let run: Segment[] = [];
  const end = () => {
    const rows = run.reduce((sum, segment) => sum + segment.rows, 0);
    const isTidy =
      run.length === 1 &&
      isFrameSegment(run[0]) === (layout === 'packed') &&
      run[0].start === undefined &&
      !sparse.has(run[0].path);
    if (rows > 0 && !isTidy) spans.push([row - rows, row]);
    run = [];
  };
  for (const segment of entry.segments) {
    const stays = isLong(entry, segment);
    if (stays) end();
    else run.push(segment);
    row += segment.rows;
  }
  end();
  return spans;
}

/** Half of what a segment may hold: joining two of those would need two again. */
function isLong({ columns }: SymbolEntry, { rows, start }: Segment): boolean {
  const widest = Math.max(...columns.map(({ dtype }) => itemSize(dtype)));
  return start === undefined && rows * widest > MAX_SEGMENT_BYTES / 2;
}
