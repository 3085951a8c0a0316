/** What a copy was made from, so that it is known when the source has changed: files by their stamp, datasets by their content. */
import path from 'node:path';
import { isAtcError } from '../errors.js';
import type { HistorySource } from '../formats/source.js';
import { isDirectory } from '../io/path-kind.js';
import { type FileStamp, isFileUnchanged, stampFile } from '../io/source-stamp.js';
import { readCatalogue } from './catalogue-file.js';
import { snapshotId } from './snapshot.js';

export interface DatasetStamp {
  readonly path: string;
  readonly snapshotId: string;
}

export type SourceStamp = FileStamp | DatasetStamp;

export interface StampOptions {
  /**
   * Know source files by a digest of the whole file, not of its ends only. Costs reading them at every look; catches a change
   * in the middle that leaves size, inode and all times as they were (a disk that was written to from outside).
   */
  readonly fullHash?: boolean;
}

/** The paths of a source that is one or several paths, absolute; undefined for columns and candles. */
export function pathsOfSource(source: HistorySource): string[] | undefined {
  const paths: readonly unknown[] = typeof source === 'string' ? [source] : Array.isArray(source) ? source : [];
  if (paths.length === 0 || !paths.every((one) => typeof one === 'string')) return undefined;
  return (paths as string[]).map((one) => path.resolve(one));
}

/** Throws IO when one is not there. To be taken before the source is read: a change meanwhile then makes the copy stale. */
export function stampSources(paths: readonly string[], { fullHash = false }: StampOptions = {}): SourceStamp[] {
  return paths.map((one) =>
    isDirectory(one) ? { path: one, snapshotId: snapshotId(readCatalogue(one)) } : stampFile(one, { full: fullHash }),
  );
}

/** Whether these are stamps of exactly these paths, and none has changed or gone since. */
export function areUnchanged(
  stamps: readonly SourceStamp[],
  paths: readonly string[],
  { fullHash = false }: StampOptions = {},
): boolean {
  return (
    stamps.length === paths.length &&
    stamps.every((stamp, k) => stamp.path === paths[k] && isUnchanged(stamp, fullHash))
  );
}

function isUnchanged(stamp: SourceStamp, fullHash: boolean): boolean {
  try {
    if ('snapshotId' in stamp) return snapshotId(readCatalogue(stamp.path)) === stamp.snapshotId;
    // Made without the digest that is asked for now: nothing says that it is the same.
    return !(fullHash && stamp.full === undefined) && isFileUnchanged(stamp);
  } catch (error) {
    if (isAtcError(error, 'IO')) return false;
    throw error;
  }
}
