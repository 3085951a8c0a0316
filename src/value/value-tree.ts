/** What value-writer.ts makes of a value. */
import type { Columns } from '../dtype.js';

export interface ValueTree {
  /** JSON as UTF-8, valid until the next tree. */
  readonly text: Uint8Array;
  readonly sections: readonly Columns[];
  /** About what the value takes plainly: its text, and eight bytes or so per number. */
  readonly plainBytes: number;
  /**
   * What its columns, rows and arrays take in memory once decoded, the text left out; value-reader.ts counts the same.
   */
  readonly memoryBytes: number;
  /** Readers of version 1 know no tuples. */
  readonly hasTuples: boolean;
  /** Without tagged nodes: the value is what it would be after a way through JSON. */
  readonly isJson: boolean;
}
