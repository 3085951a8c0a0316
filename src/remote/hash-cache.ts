/**
 * A directory of data by its hash: `<hash>/g0` holds the files, `<hash>/part` those on their way, `<hash>/used` says
 * when they were last used. Leases keep what a living process uses, and a lock keeps two from fetching the same.
 */
import path from 'node:path';
import { sizeOf } from '../cache-directory/part-file.js';
import { isAtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { diskUsage } from '../io/disk-usage.js';
import { moveInto } from '../io/file-writer.js';
import { attempt } from '../io/io-error.js';
import { discard, generationPath, removeUnleased, takeLease } from '../io/leases.js';
import { isOwnDirectory, isRealDirectory, isRealFile, refuseLinks } from '../io/own-path.js';
import { createDirectories, modifiedMs, pathExists } from '../io/path-kind.js';
import { acquireLock, type ProcessLock, tryLock } from '../io/process-lock.js';
import { namesIn } from '../io/temporary.js';
import type { DataManifest } from './manifest.js';

const ENTRY = /^[0-9a-f]{64}$/;
const LOCK = 'fetch';
/** An entry has one generation: its content never changes. */
const GENERATION = 0;

/** Files that stay where they are until `release`. */
export interface HeldFiles {
  readonly directory: string;
  release(): void;
}

export class HashCache {
  readonly #directory: string;
  readonly #maxBytes: number;

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** The files, if all of them are there: they stay while they are held, and count as used now. */
  hold(manifest: DataManifest): HeldFiles | undefined {
    const entry = this.#entry(manifest.hash);
    const release = isRealDirectory(entry) ? takeLease(entry, GENERATION) : undefined;
    if (release === undefined) return undefined;
    const directory = generationPath(entry, GENERATION);
    try {
      if (hasSizes(directory, manifest)) {
        noteUse(entry);
        return { directory, release };
      }
    } catch (error) {
      release();
      throw error;
    }
    // Somebody has removed or cut some of them: they are fetched again.
    release();
    return undefined;
  }

  /**
   * Has `fetch` bring the files into a directory, in which an earlier try may have left some, unless another process
   * does so first.
   */
  async fetched(
    manifest: DataManifest,
    fetch: (directory: string) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<HeldFiles> {
    const entry = this.#entry(manifest.hash);
    refuseLinks(this.#directory, manifest.hash);
    for (;;) {
      const lock = await acquireLock(entry, LOCK, signal);
      try {
        const there = this.hold(manifest);
        if (there !== undefined) return there;
        await this.#fetchInto(entry, manifest, fetch, lock);
        this.#makeRoom(0, manifest.hash);
        const held = this.hold(manifest);
        if (held !== undefined) return held;
      } finally {
        lock.release();
      }
    }
  }

  async #fetchInto(
    entry: string,
    manifest: DataManifest,
    fetch: (directory: string) => Promise<void>,
    lock: ProcessLock,
  ): Promise<void> {
    const part = path.join(entry, 'part');
    const target = generationPath(entry, GENERATION);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    this.#makeRoom(bytes, manifest.hash);
    // What an earlier try left is written on: never through a link.
    for (const file of manifest.files) refuseLinks(entry, `part/${file.path}`);
    createDirectories(part);
    await fetch(part);
    lock.requireHeld();
    removeUnleased(entry, GENERATION);
    attempt('create', target, () => moveInto(part, target, true));
  }

  /** Removes what was not used for longest, and is not in use, until `bytes` more fit. */
  #makeRoom(bytes: number, except: string): void {
    const entries = namesIn(this.#directory).flatMap((name) => {
      const entry = path.join(this.#directory, name);
      if (!ENTRY.test(name) || !isRealDirectory(entry)) return [];
      const used = path.join(entry, 'used');
      return [{ name, entry, bytes: diskUsage(entry).byteLength, usedMs: pathExists(used) ? modifiedMs(used) : 0 }];
    });
    let total = bytes + entries.reduce((sum, entry) => sum + entry.bytes, 0);
    entries.sort((a, b) => a.usedMs - b.usedMs);
    for (const { name, entry, bytes: size } of entries) {
      if (total <= this.#maxBytes) return;
      if (name !== except && removeEntry(entry)) total -= size;
    }
  }

  #entry(hash: string): string {
    return path.join(this.#directory, hash);
  }
}

/** False for one that is in use or on its way. */
function removeEntry(entry: string): boolean {
  const lock = tryLock(entry, LOCK);
  if (lock === undefined) return false;
  try {
    if (!removeUnleased(entry, GENERATION)) return false;
    discard(path.join(entry, 'part'));
    discard(path.join(entry, 'used'));
    return true;
  } finally {
    lock.release();
  }
}

/** Files that are there are of use on a disk that is full or read-only too: then they are not the newest. */
function noteUse(entry: string): void {
  try {
    writeFileAtomicSync(path.join(entry, 'used'), '', { durability: 'process' });
  } catch (error) {
    if (!isAtcError(error, 'IO')) throw error;
  }
}

/** Links are none of our files: what they lead to was not verified. */
function hasSizes(directory: string, { files }: DataManifest): boolean {
  return files.every((file) => {
    const parent = path.posix.dirname(file.path);
    const full = path.join(directory, file.path);
    return (parent === '.' || isOwnDirectory(directory, parent)) && isRealFile(full) && sizeOf(full) === file.bytes;
  });
}
