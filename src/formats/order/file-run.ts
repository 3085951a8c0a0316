/** The rows of one file on their way into the order of all files. */
import type { RowBatch } from '../batch.js';

/** One file: where its rows come from, and what became of them. */
export interface FileRun {
  readonly path: string;
  /** UTC ms before which it has no row; -Infinity where only reading it would tell. */
  readonly notBefore: number;
  /** Oldest first. To be called once. */
  batches(): AsyncIterable<RowBatch>;
  /** It has its rows newest first; known with its first batch, and so is `isTrades`. */
  readonly isReversed: boolean;
  readonly isTrades: boolean;
  /** Set when its last row has been taken. */
  isOver: boolean;
  /** Rows left out because they were there already: with the same values, with others. */
  equal: number;
  different: number;
}

/** Some rows of one file. */
export interface FileBatch {
  readonly batch: RowBatch;
  readonly run: FileRun;
}
