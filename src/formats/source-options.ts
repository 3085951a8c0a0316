/** What reading a source of paths needs besides the options of the user. */
import type { Dataset } from '../table.js';
import type { RowBatch } from './batch.js';
import type { ImportOptions } from './options.js';

export interface SourceOptions extends ImportOptions {
  readonly signal?: AbortSignal;
  /** Opens a dataset directory; given by the caller, which knows datasets, so that this file need not. */
  readonly open: (directory: string) => Dataset;
  /** Whether a directory is a dataset. */
  readonly isDataset: (directory: string) => boolean;
  /** Rows of one time come as they are, whatever `duplicates` says: for checks, which count them. Default false. */
  readonly keepsRepeats?: boolean;
  /** For paths: the share of their bytes that has been read, 0 to 1. */
  readonly onShare?: (share: number) => void;
}

/** A path and whether it was found in a folder: what is none of ours there is left out, not refused. */
export interface ListedPath {
  readonly path: string;
  readonly isListed: boolean;
  /** The folder that it was found below, as the caller named it. */
  readonly root?: string;
}

/** A batch of a file, of candles or of trades. */
export interface ReadBatch {
  readonly batch: RowBatch;
  readonly isTrades: boolean;
}
