/**
 * A directory of files that is complete or absent: built under a hidden name beside its final location, then renamed
 * there.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { AtcError, isAtcError } from '../errors.js';
import { type Durability, makeDirectory, syncDirectory } from './durability.js';
import { syncAfterRename } from './file-writer.js';
import { attempt } from './io-error.js';
import { finishRemovalsIn, removeSurely } from './removal.js';
import { isTemporaryName, sweepOnce, temporaryPath } from './temporary.js';

export class DirectoryWriter {
  /** Where it will be. */
  readonly path: string;
  /** Where the files are written until commit. */
  readonly temporary: string;
  readonly #durability: Durability;
  #finished = false;

  /** `target` must not exist: a generation is never changed once it is there. */
  constructor(target: string, { durability = 'power' }: { readonly durability?: Durability } = {}) {
    this.path = target;
    this.#durability = durability;
    this.temporary = temporaryPath(target);
    if (existsSync(target)) throw occupied(target);
    const parent = path.dirname(target);
    makeDirectory(parent, durability);
    sweepOnce(parent);
    attempt('create directory', target, () => mkdirSync(this.temporary));
  }

  /** Every file in it is fsynced (durability 'power'), then the directory appears under its name. */
  commit(): void {
    if (this.#finished) throw new AtcError('CLOSED', `the writer of ${this.path} is finished`, { path: this.path });
    try {
      // Under its new name nobody would find them again.
      if (!finishRemovalsIn(this.temporary)) throw unfinished(this.path);
      if (this.#durability === 'power') syncTree(this.temporary);
      attempt('create directory', this.path, () => {
        // rename(2) over an empty directory succeeds; an empty one at our location is as wrong as a full one.
        if (existsSync(this.path)) throw occupied(this.path);
        renameSync(this.temporary, this.path);
      });
    } catch (error) {
      this.abort();
      throw error;
    }
    this.#finished = true;
    if (this.#durability === 'power') syncAfterRename(this.path);
  }

  /** An error of what was written, with the names that the files were to have. */
  named(error: unknown): unknown {
    if (!isAtcError(error) || !`${error.message}${error.path ?? ''}`.includes(this.temporary)) return error;
    const { code, message, path: where, offset, line, column, key, applied } = error;
    const rename = (text: string) => text.replaceAll(this.temporary, this.path);
    return new AtcError(code, rename(message), {
      path: where === undefined ? undefined : rename(where),
      offset,
      line,
      column,
      key,
      applied,
      cause: error.cause,
    });
  }

  /** Removes what was written. Does nothing after commit or another abort. */
  abort(): void {
    if (this.#finished) return;
    this.#finished = true;
    removeSurely(this.temporary);
  }
}

function unfinished(target: string): AtcError {
  const text = `cannot create directory ${target}: temporary files in it cannot be removed; check the disk`;
  return new AtcError('IO', text, { path: target });
}

function occupied(target: string): AtcError {
  return new AtcError(
    'IO',
    `cannot create directory ${target}: it exists already; choose another name or remove it first`,
    {
      path: target,
    },
  );
}

/** Returns when every file and name below `directory` is on the disk. Links are not followed. */
export function syncTree(directory: string): void {
  for (const entry of attempt('list', directory, () => readdirSync(directory, { withFileTypes: true }))) {
    const full = path.join(directory, entry.name);
    if (isTemporaryName(entry.name)) continue;
    if (entry.isDirectory()) syncTree(full);
    else if (entry.isFile()) attempt('sync', full, () => syncFile(full));
  }
  syncDirectory(directory);
}

function syncFile(full: string): void {
  // Windows syncs only what is open for writing.
  const descriptor = openSync(full, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
