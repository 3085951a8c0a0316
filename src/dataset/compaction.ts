/** Which segments of a symbol are worth writing again as one. */
import { itemSize } from '../dtype.js';
import type { DatasetLayout } from '../table.js';
import { isFrameSegment, type Segment, type SymbolEntry } from './catalogue.js';
import type { RowSpan } from './segment-slices.js';
import { MAX_SEGMENT_BYTES } from './segment-writer.js';

/** With more segments than this a symbol is compacted by the next append: opening each costs about 50 µs. */
const CROWDED_SEGMENTS = 64;

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

/**
 * The rows to write again for as few segments as possible, all of the dataset's layout. Full segments stay as they are.
 */
export function scatteredRows(entry: SymbolEntry, layout: DatasetLayout): RowSpan[] {
  const spans: RowSpan[] = [];
  let row = 0;
  let run: Segment[] = [];
  const end = () => {
    const rows = run.reduce((sum, segment) => sum + segment.rows, 0);
    const isTidy = run.length === 1 && isFrameSegment(run[0]) === (layout === 'packed') && run[0].start === undefined;
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
