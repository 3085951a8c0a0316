/**
 * Cutting a segment: the parts that stay are segments over the same files, so nothing is written again. Their checksums
 * follow from that of the whole (checksum.ts); only what is not in the longest part has to be read.
 */
import { crc32c } from '../codec/crc32c.js';
import { bytesOf, createArray, itemSize, type TypedArray } from '../dtype.js';
import type { Segment, SymbolEntry } from './catalogue.js';
import { crcAfter, crcBefore } from './checksum.js';
import type { SegmentSource } from './segment-source.js';

/** Rows [from, to) of a segment. */
export type RowSpan = readonly [from: number, to: number];

const BATCH_ROWS = 65_536;

/** The parts of a segment that stay; ascending, apart from each other, none of them the whole. */
export function sliceSegment(
  columns: SymbolEntry['columns'],
  segment: Segment,
  source: SegmentSource,
  kept: readonly RowSpan[],
): Segment[] {
  if (kept.length === 0) return [];
  const checksums = columns.map((_, column) => partChecksums(columns, column, segment, source, kept));
  const timestampAt = columns.findIndex(({ name }) => name === 'timestamp');
  const timeAt = (row: number) => {
    const value = createArray(columns[timestampAt].dtype, 1);
    source.readInto([timestampAt], row, [value]);
    return Number(value[0]);
  };
  return kept.map(([from, to], part) => ({
    ...segment,
    start: (segment.start ?? 0) + from,
    rows: to - from,
    firstMs: timeAt(from),
    lastMs: timeAt(to - 1),
    crc32c: checksums.map((ofColumn) => ofColumn[part]),
  }));
}

/** Checksums of the retained parts of one column. */
function partChecksums(
  columns: SymbolEntry['columns'],
  column: number,
  segment: Segment,
  source: SegmentSource,
  kept: readonly RowSpan[],
): number[] {
  const { dtype } = columns[column];
  const bytes = ([from, to]: RowSpan) => (to - from) * itemSize(dtype);
  const lengthOf = ([from, to]: RowSpan) => to - from;
  const longest = kept.reduce((best, span) => (lengthOf(span) > lengthOf(best) ? span : best));
  const read = (span: RowSpan) => checksumOfRows(source, column, createArray(dtype, BATCH_ROWS), span);
  const before: RowSpan = [0, longest[0]];
  const after: RowSpan = [longest[1], segment.rows];
  const upToLongest = crcBefore(segment.crc32c[column], read(after), bytes(after));
  const derived = crcAfter(upToLongest, read(before), bytes(longest));
  return kept.map((span) => (span === longest ? derived : read(span)));
}

function checksumOfRows(source: SegmentSource, column: number, buffer: TypedArray, [from, to]: RowSpan): number {
  let crc = 0;
  for (let row = from; row < to; row += BATCH_ROWS) {
    const target = buffer.subarray(0, Math.min(BATCH_ROWS, to - row));
    source.readInto([column], row, [target]);
    crc = crc32c(bytesOf(target), crc);
  }
  return crc;
}
