/**
 * Who reads which generation, and who is about to remove one. Both leave a mark `<kind>.<n>.<owner>.<m>` beside the
 * generations and then look for the marks of the other kind. So either the remover sees the reader and lets its
 * generation be, or the reader sees the remover and takes a newer one. The marks of dead processes count for nothing
 * and are removed by the process that finds them.
 */

import { closeSync, openSync, renameSync } from 'node:fs';
import path from 'node:path';
import { attempt, ioError, systemCode } from './io-error.js';
import { isRealDirectory } from './own-path.js';
import { ownerToken } from './process-owner.js';
import { isRemovalPending, removeSurely } from './removal.js';
import { isAbandoned, namesIn, removeMark, temporaryPath } from './temporary.js';
import { uniqueDigits } from './unique-name.js';

type MarkKind = 'lease' | 'doomed';

/** No mark can be made here: the file system is read-only, of another user, or has no room or inode left. */
const UNSEEN: readonly string[] = ['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT'];

const MARK = /^(lease|doomed)\.(\d+)\.(\d+-\d+-[0-9a-f]{8})\.[0-9a-f]{8}$/;

export function generationPath(directory: string, generation: number): string {
  return path.join(directory, `g${generation}`);
}

/**
 * The function that ends the lease; undefined when generation `n` is deleted or about to be. `isThere` looks for it,
 * once the lease is visible to others, where no remover leaves a `doomed` mark but looks for leases only.
 */
export function takeLease(directory: string, generation: number, isThere?: () => boolean): (() => void) | undefined {
  const end = leaseMark(directory, generation);
  if (end === undefined) return undefined;
  try {
    if (
      isThere === undefined
        ? !marked(directory, 'doomed').has(generation) && isPresentGeneration(directory, generation)
        : isThere()
    ) {
      return end;
    }
  } catch (error) {
    end();
    throw error;
  }
  end();
  return undefined;
}

/**
 * Undefined when the directory is deleted. A process that may not write there, or finds no room for a file, cannot be
 * seen by removers; but what it has open stays readable even when the files are removed.
 */
function leaseMark(directory: string, generation: number): (() => void) | undefined {
  try {
    return mark(directory, 'lease', generation);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'ENOENT') return undefined;
    if (UNSEEN.includes(code)) return () => undefined;
    throw ioError(error, 'lease', directory);
  }
}

function isPresentGeneration(directory: string, generation: number): boolean {
  return isRealDirectory(generationPath(directory, generation));
}

/** The generations that living processes read. */
export function leasedGenerations(directory: string): Set<number> {
  return marked(directory, 'lease');
}

/** Removes a generation that nobody reads; false when somebody does. */
export function removeUnleased(directory: string, generation: number): boolean {
  return withDoomed(directory, [generation], () => discard(generationPath(directory, generation)));
}

/**
 * Runs `remove` while no new lease on these generations can be taken, unless there is one already: then it returns
 * false.
 */
export function withDoomed(directory: string, generations: readonly number[], remove: () => void): boolean {
  const ends: (() => void)[] = [];
  try {
    for (const generation of generations) {
      ends.push(attempt('remove', directory, () => mark(directory, 'doomed', generation)));
    }
    const leased = leasedGenerations(directory);
    if (generations.some((generation) => leased.has(generation))) return false;
    remove();
    return true;
  } finally {
    for (const end of ends) end();
  }
}

/** Removes a file or directory under another name, so that it is never there in part. */
export function discard(target: string): void {
  const trash = temporaryPath(target);
  attempt('remove', target, () => {
    try {
      renameSync(target, trash);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    removeSurely(trash);
  });
}

function mark(directory: string, kind: MarkKind, generation: number): () => void {
  const file = path.join(directory, `${kind}.${generation}.${ownerToken()}.${uniqueDigits()}`);
  const descriptor = openSync(file, 'wx');
  try {
    closeSync(descriptor);
  } catch (error) {
    removeSurely(file);
    throw error;
  }
  return () => removeSurely(file);
}

function marked(directory: string, kind: MarkKind): Set<number> {
  const generations = new Set<number>();
  for (const name of namesIn(directory)) {
    const match = MARK.exec(name);
    if (match === null || match[1] !== kind) continue;
    const full = path.join(directory, name);
    if (isRemovalPending(full)) continue;
    if (isAbandoned(match[3], full)) removeMark(full);
    else generations.add(Number(match[2]));
  }
  return generations;
}
