/**
 * Whether what stands at a path is a file or directory of ours and not a symbolic link to something foreign. A dataset
 * or cache directory may come from anywhere (an archive, a shared disk), and a link in place of one of our
 * directories must not make us read, list or delete what is behind it. The directory that the caller names may be a
 * link; everything below it may not.
 */
import { type BigIntStats, lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { AtcError } from '../errors.js';
import { attempt, systemCode } from './io-error.js';
import { namesIn } from './temporary.js';

/**
 * The names in `relative` (with `/`) below `root`; none where that, or a directory above it, is missing or not a
 * directory of ours.
 */
export function ownNames(root: string, relative: string): string[] {
  return isOwnDirectory(root, relative) ? namesIn(path.join(root, relative)) : [];
}

/** True when every part of `relative` below `root` is a directory and no link. */
export function isOwnDirectory(root: string, relative: string): boolean {
  let at = root;
  for (const part of relative.split('/')) {
    at = path.join(at, part);
    if (!isRealDirectory(at)) return false;
  }
  return true;
}

/** True for a directory, false for a link to one, a file, or nothing. */
export function isRealDirectory(target: string): boolean {
  return statOf(target)?.isDirectory() === true;
}

/** True for a regular file, false for a link to one, a directory, or nothing. */
export function isRealFile(target: string): boolean {
  return statOf(target)?.isFile() === true;
}

/**
 * CORRUPT when `relative` below `root`, or a directory on the way there, is a symbolic link. What is missing is for the
 * caller to find.
 */
export function refuseLinks(root: string, relative: string): void {
  let at = root;
  for (const part of relative.split('/')) {
    at = path.join(at, part);
    const stat = statOf(at);
    if (stat === undefined) return;
    if (!stat.isSymbolicLink()) continue;
    throw new AtcError(
      'CORRUPT',
      `${at} is a symbolic link; what lies in ${root} must be files and directories of its own. Remove the link, or ` +
        'put back what it replaced',
      { path: at },
    );
  }
}

function statOf(target: string): Stats | BigIntStats | undefined {
  return attempt('inspect', target, () => {
    try {
      return lstatSync(target, { throwIfNoEntry: false });
    } catch (error) {
      if (systemCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  });
}
