/** What is done to a cache directory as a whole. Only files that are named like ours are looked at. */
import path from 'node:path';
import {
  identifyFile,
  isEntryName,
  isShardName,
  listDirectory,
  readEntryFile,
  removeFile,
  takeAway,
} from '../cache-directory/entry-files.js';
import { restoreHeld } from '../cache-directory/held-files.js';
import type { SizedFile } from '../cache-directory/size-limit.js';
import { isAtcError } from '../errors.js';
import { sweepTemporaries } from '../io/temporary.js';
import { decodeEntryHeader, type EntryHeader, HEADER_READ_BYTES } from './entry-file.js';

/** Directories of cache-manager-fs-hash begin with it. */
export const FS_HASH_PREFIX = 'diskstore-';

/** What a round of upkeep has removed. */
export interface PruneReport {
  /** Entries past their expiry. */
  readonly expired: number;
  /** Entries removed to get below `maxBytes`. */
  readonly evicted: number;
  /** Files that a dead process had not finished. */
  readonly unfinished: number;
}

/** The entry files of a directory; one that is deleted meanwhile is left out. */
export async function* entryFiles(directory: string): AsyncGenerator<SizedFile, void> {
  for (const shard of await listDirectory(directory)) {
    if (!isShardName(shard.name) || !shard.isDirectory()) continue;
    const folder = path.join(directory, shard.name);
    restoreHeld(folder);
    for (const { name } of await listDirectory(folder)) {
      if (!isEntryName(name)) continue;
      const file = path.join(folder, name);
      const identity = await identifyFile(file);
      if (identity !== undefined) yield { path: file, identity };
    }
  }
}

/** The header of an entry file; undefined when it was deleted or is damaged (`get` reports that). */
async function readHeader(file: string): Promise<EntryHeader | undefined> {
  try {
    for (let need = HEADER_READ_BYTES; ; ) {
      const opened = await readEntryFile(file, need);
      if (opened === undefined) return undefined;
      const header = decodeEntryHeader(opened.bytes, opened.identity.byteLength);
      if (typeof header !== 'number') return header;
      need = header;
    }
  } catch (error) {
    if (isAtcError(error)) return undefined;
    throw error;
  }
}

/** Removes the entries whose keys begin with `prefix`; an empty one matches damaged files too. */
export async function removeEntries(directory: string, prefix: string): Promise<void> {
  for await (const { path: file } of entryFiles(directory)) {
    if (prefix === '' || (await readHeader(file))?.key.startsWith(prefix)) await removeFile(file);
  }
}

/** Removes expired entries and the temporary files of dead processes. */
export async function sweepDirectory(directory: string): Promise<Omit<PruneReport, 'evicted'>> {
  let expired = 0;
  for await (const { path: file, identity } of entryFiles(directory)) {
    const header = await readHeader(file);
    if (header && header.expires <= Date.now() && (await takeAway(file, identity))) expired++;
  }
  return { expired, unfinished: await sweepUnfinished(directory) };
}

/**
 * Removes the temporary files of dead processes: among the entries, beside them (a migration's note, a file that holds
 * all entries of keyv-file), and where a migration that is undone writes. Returns their number.
 */
export async function sweepUnfinished(directory: string): Promise<number> {
  let unfinished = sweepTemporaries(directory).length;
  for (const entry of await listDirectory(directory)) {
    const { name } = entry;
    if (entry.isDirectory() && (isShardName(name) || name.startsWith(FS_HASH_PREFIX)))
      unfinished += sweepTemporaries(path.join(directory, name)).length;
  }
  return unfinished;
}
