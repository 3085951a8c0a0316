/** What the writer of segments asks of the files of one segment, in either layout. */
import type { TypedArray } from '../dtype.js';
import type { Segment } from './catalogue-entry.js';

export interface SegmentFile {
  write(columns: readonly TypedArray[]): void;
  /**
   * Completes the files; returns what the catalogue says about them: what binds them to their location, and the
   * location where that is another one than was asked for.
   */
  finish(rows: number): Partial<Pick<Segment, 'path' | 'offset' | 'byteLength' | 'check' | 'index'>>;
  /** Bytes that wait in memory to be written. */
  readonly heldBytes: number;
  /** Rows, of at most `rows`, that may still be written without the file becoming longer than `maxBytes`. */
  room(rows: number, maxBytes: number): number;
}
