/**
 * Rows of one segment, however they are stored. Row numbers count from the segment's first row; columns are numbered as
 * in its entry.
 */
import type { TypedArray } from '../dtype.js';
import type { Segment } from './catalogue.js';

export interface SegmentSource {
  readonly rows: number;
  /** A view was handed out: its map must stay until the dataset is closed. */
  readonly pinned: boolean;
  /** Rows [from, to) of a column: zero-copy where the layout allows it. */
  view(column: number, from: number, to: number): TypedArray;
  /** Copies rows [from, from + length of a target) of several columns. */
  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void;
  /** Rows [row, blockEnd(row)) are cheap to read together. */
  blockEnd(row: number): number;
  /** First row whose timestamp is at least `ms`, or `rows`. */
  lowerBound(ms: number): number;
  /** Another segment is read now: pages of a map that only reading brought in may go. */
  rest(): void;
  /** Closes the files; they are opened again when they are needed. */
  release(): void;
}

/**
 * By the catalogue's facts where they are enough (outside the segment, or a regular grid), else by asking the files.
 */
export function rowAtTime(segment: Segment, source: () => SegmentSource, ms: number): number {
  if (ms <= segment.firstMs) return 0;
  if (ms > segment.lastMs) return segment.rows;
  if (segment.stepMs !== undefined) return Math.ceil((ms - segment.firstMs) / segment.stepMs);
  return source().lowerBound(ms);
}
