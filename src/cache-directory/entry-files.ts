/**
 * Small files of a cache directory: read, listed, touched, moved aside, by many processes at once. A missing file is no
 * error.
 */
import { constants, type Dirent, lstatSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rmdir, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { readFrom } from '../io/atomic-file.js';
import { attemptAsync, systemCode } from '../io/io-error.js';
import { isRealDirectory } from '../io/own-path.js';
import { heldPath, putBack } from './held-files.js';

export const ENTRY_SUFFIX = '.atc-entry';
const ENTRY_NAME = /^[0-9a-f]{62}\.atc-entry$/;
const SHARD_NAME = /^[0-9a-f]{2}$/;

export function isEntryName(name: string): boolean {
  return ENTRY_NAME.test(name);
}

/** Entries are spread over 256 directories, so that none grows too long to list. */
export function isShardName(name: string): boolean {
  return SHARD_NAME.test(name);
}

/** Distinguishes one generation of a file from the next of the same name: inode, time of the last write, size. */
export interface FileIdentity {
  readonly inode: bigint;
  readonly writtenNs: bigint;
  readonly byteLength: number;
  /** Last use in ms, as `touchFile` left it. */
  readonly usedMs: number;
}

export interface OpenedFile {
  readonly bytes: Uint8Array;
  readonly identity: FileIdentity;
}

/** `run`, or undefined when what it needs is not there (any more). */
async function ifPresent<T>(action: string, target: string, run: () => Promise<T>): Promise<T | undefined> {
  return attemptAsync(action, target, async () => {
    try {
      return await run();
    } catch (error) {
      const code = systemCode(error);
      // A name that no file can have is one that no file has; a symbolic link is no file of ours.
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') return undefined;
      throw error;
    }
  });
}

/** Without following a link, and without waiting for the writer of a named pipe. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The bytes of one generation, at most `maxBytes` from its start; undefined when there is no such file. Of a file
 * larger than `mostBytes` nothing is read: its `bytes` are empty.
 */
export async function readEntryFile(
  target: string,
  maxBytes = Infinity,
  mostBytes = Infinity,
): Promise<OpenedFile | undefined> {
  return ifPresent('read', target, async () => {
    const handle = await open(target, READ_FLAGS);
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) return undefined;
      const identity = identityOf(stats);
      const length = identity.byteLength > mostBytes ? 0 : Math.min(identity.byteLength, maxBytes);
      return { bytes: await readFrom(handle, length), identity };
    } finally {
      await handle.close();
    }
  });
}

export async function identifyFile(target: string): Promise<FileIdentity | undefined> {
  return ifPresent('read', target, async () => {
    const stats = await lstat(target, { bigint: true });
    return stats.isFile() ? identityOf(stats) : undefined;
  });
}

/**
 * True while the file of that name is the generation that was looked at; without waiting, for a decision right before a
 * rename.
 */
export function isStillThere(target: string, seen: FileIdentity): boolean {
  const stats = lstatSync(target, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && isSameFile(identityOf(stats), seen);
}

function identityOf(stats: { ino: bigint; mtimeNs: bigint; atimeNs: bigint; size: bigint }): FileIdentity {
  return {
    inode: stats.ino,
    writtenNs: stats.mtimeNs,
    byteLength: Number(stats.size),
    usedMs: Number(stats.atimeNs) / 1e6,
  };
}

function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.inode === b.inode && a.writtenNs === b.writtenNs && a.byteLength === b.byteLength;
}

/** Removes a file; false when it was not there. */
export async function removeFile(target: string): Promise<boolean> {
  return (await ifPresent('remove', target, () => unlink(target).then(() => true))) ?? false;
}

/**
 * Moves the generation that was looked at to `aside`, or removes it where `aside` is undefined. A newer one that has
 * taken its name is left; one that takes it between two system calls is put back (held-files.ts): it is never lost.
 */
export async function takeAway(target: string, seen: FileIdentity, aside?: string): Promise<boolean> {
  const present = await identifyFile(target);
  if (present === undefined || !isSameFile(present, seen)) return false;
  const held = heldPath(target);
  try {
    const moved = await ifPresent('move', target, async () => {
      await mkdir(path.dirname(held), { recursive: true });
      if (!isRealDirectory(path.dirname(held))) return undefined;
      await rename(target, held);
      return true;
    });
    if (moved === undefined) return false;
    const found = await identifyFile(held);
    if (found === undefined) return false;
    if (!isSameFile(found, seen)) {
      putBack(held, target);
      return false;
    }
    if (aside === undefined) return await removeFile(held);
    await attemptAsync('move', target, async () => {
      await mkdir(path.dirname(aside), { recursive: true });
      await rename(held, aside);
    });
    return true;
  } finally {
    await removeIfEmpty(path.dirname(held));
  }
}

/** Records a use: the access time is set by hand, because mounts with noatime and relatime do not. */
export async function touchFile(target: string, identity: FileIdentity): Promise<void> {
  const usedMs = performance.timeOrigin + performance.now();
  await ifPresent('touch', target, () => utimes(target, usedMs / 1000, Number(identity.writtenNs / 1000n) / 1e6));
}

/** Takes back the use that reading the file was: a report must not decide what is removed. */
export async function restoreUse(target: string, { usedMs, writtenNs }: FileIdentity): Promise<void> {
  await ifPresent('touch', target, () => utimes(target, usedMs / 1000, Number(writtenNs / 1000n) / 1e6)).catch(() => {
    // Not ours to change, so that at most the order of removal is at stake.
  });
}

/** The entries of a directory; none when it does not exist. */
export async function listDirectory(directory: string): Promise<Dirent[]> {
  return (await ifPresent('list', directory, () => readdir(directory, { withFileTypes: true }))) ?? [];
}

/** Removes a directory if it is empty. */
export async function removeIfEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch {
    // Not empty, or deleted already: both are fine.
  }
}
