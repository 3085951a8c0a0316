/** One whole file, complete or absent. */
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { type Durability, makeDirectory } from './durability.js';
import { FileWriter, type FileWriterOptions, moveInto, syncAfterRename } from './file-writer.js';
import { attemptAsync, systemCode } from './io-error.js';
import { removeSurely } from './removal.js';
import { temporaryPath } from './temporary.js';

/** Writes a file and returns when it is there; creates missing directories. `durability` defaults to 'power'. */
export function writeFileAtomicSync(target: string, bytes: Uint8Array | string, options: FileWriterOptions = {}): void {
  const writer = new FileWriter(target, options);
  try {
    writer.write(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    writer.commit();
  } catch (error) {
    writer.abort();
    throw error;
  }
}

interface AsyncWriteOptions extends FileWriterOptions {
  /** Asked right before the file takes its name; when it says no, nothing has happened. */
  readonly isWanted?: () => boolean;
}

/**
 * The same without blocking the event loop: what a cache uses inside a running service. False when it was not wanted
 * any more.
 */
export async function writeFileAtomic(
  target: string,
  bytes: Uint8Array | string,
  { durability = 'power', replace = true, isWanted = () => true }: AsyncWriteOptions = {},
): Promise<boolean> {
  const temporary = temporaryPath(target);
  return attemptAsync('write', target, async () => {
    if (durability === 'power') makeDirectory(path.dirname(target), durability);
    const handle = await createIn(temporary, durability);
    try {
      await handle.writeFile(bytes);
      if (durability === 'power') await handle.sync();
      await handle.close();
      if (!isWanted()) {
        removeSurely(temporary);
        return false;
      }
      moveInto(temporary, target, replace);
    } catch (error) {
      await handle.close().catch(() => undefined);
      removeSurely(temporary);
      throw error;
    }
    if (durability === 'power') syncAfterRename(target);
    return true;
  });
}

/** The directory is made only when it turns out to be missing: one system call less for every write after the first. */
async function createIn(temporary: string, durability: Durability) {
  try {
    return await open(temporary, 'wx');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    makeDirectory(path.dirname(temporary), durability);
    return open(temporary, 'wx');
  }
}

/** The bytes of a file, or undefined when there is none of that name. */
export function readFileIfPresent(target: string): Promise<Uint8Array | undefined> {
  return attemptAsync('read', target, async () => {
    let handle: FileHandle;
    try {
      handle = await open(target);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return await readFrom(handle, (await handle.stat()).size);
    } finally {
      await handle.close();
    }
  });
}

/**
 * The first `length` bytes of a file, fewer where it is shorter. `readFile` of node:fs/promises takes a read that falls
 * short for the end of the file.
 */
export async function readFrom(handle: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
