/**
 * What a copy was made from, so that it is known when the source has changed: files by their stamp, datasets by their
 * content.
 */
import path from 'node:path';
import { isAtcError } from '../errors.js';
import type { HistorySource } from '../formats/source.js';
import { filesBelow, isPattern, matchPattern } from '../io/expand-paths.js';
import { isDirectory } from '../io/path-kind.js';
import { type FileStamp, isFileUnchanged, stampFile } from '../io/source-stamp.js';
import { hasCatalogue } from './catalogue-file.js';
import { snapshotId } from './snapshot.js';
import { withCurrent } from './versions/lease-version.js';

export interface DatasetStamp {
  readonly path: string;
  readonly snapshotId: string;
}

/** A folder of files, or a pattern: what it held then. */
export interface FolderStamp {
  readonly path: string;
  readonly files: readonly FileStamp[];
}

export type SourceStamp = FileStamp | DatasetStamp | FolderStamp;

export interface StampOptions {
  /**
   * Know source files by a digest of the whole file, not of its ends only. Costs reading them at every look; catches a
   * change in the middle that leaves size, inode and all times as they were (a disk that was written to from outside).
   */
  readonly fullHash?: boolean;
}

/** The paths of a source that is one or several paths, absolute; undefined for columns, candles and standard input. */
export function pathsOfSource(source: HistorySource): string[] | undefined {
  const paths: readonly unknown[] = typeof source === 'string' ? [source] : Array.isArray(source) ? source : [];
  if (paths.length === 0 || !paths.every((one) => typeof one === 'string' && one !== '-')) return undefined;
  return (paths as string[]).map((one) => path.resolve(one));
}

/**
 * Throws IO when one is not there. To be taken before the source is read: a change meanwhile then makes the copy stale.
 */
export function stampSources(paths: readonly string[], { fullHash = false }: StampOptions = {}): SourceStamp[] {
  return paths.map((one) => {
    if (isPattern(one)) return { path: one, files: filesOf(one).map((file) => stampFile(file, { full: fullHash })) };
    if (!isDirectory(one)) return stampFile(one, { full: fullHash });
    if (hasCatalogue(one)) return { path: one, snapshotId: withCurrent(one, snapshotId) };
    return { path: one, files: filesOf(one).map((file) => stampFile(file, { full: fullHash })) };
  });
}

function filesOf(folderOrPattern: string): string[] {
  if (!isPattern(folderOrPattern)) return filesBelow(folderOrPattern);
  return matchPattern(folderOrPattern).flatMap((one) => (isDirectory(one) ? filesBelow(one) : [one]));
}

/** Whether these are stamps of exactly these paths, and none has been changed or deleted since. */
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
    if ('snapshotId' in stamp) return withCurrent(stamp.path, snapshotId) === stamp.snapshotId;
    if ('files' in stamp) {
      const names = filesOf(stamp.path);
      return (
        names.length === stamp.files.length &&
        stamp.files.every((file, k) => file.path === names[k] && isUnchanged(file, fullHash))
      );
    }
    // Made without the digest that is asked for now: nothing says that it is the same.
    return !(fullHash && stamp.full === undefined) && isFileUnchanged(stamp);
  } catch (error) {
    if (isAtcError(error, 'IO')) return false;
    throw error;
  }
}
