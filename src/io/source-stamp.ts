/**
 * Whether a source file is still the one it was. Size, inode and both times in ns catch every write that goes through
 * the file system; the digest of both ends catches what a restored time would hide, and a digest of the whole is there
 * where times are vague, or the caller asks for it.
 */

import { statSync } from 'node:fs';
import { createHash } from './crypto.js';
import { openFileReader } from './file-reader.js';
import { attempt, systemCode } from './io-error.js';

/** JSON. Times and inode as text: they do not fit a double. */
export interface FileStamp {
  readonly path: string;
  readonly byteLength: number;
  readonly mtimeNs: string;
  /** Changes with every write and cannot be set back. */
  readonly ctimeNs: string;
  readonly inode: string;
  /** SHA-256 over length, first and last bytes, 32 hexadecimal digits. */
  readonly ends: string;
  /** SHA-256 over the whole file; asked for, or because its times would not show the next write. */
  readonly full?: string;
}

/** Read at either end. */
const PROBE_BYTES = 64 * 1024;
const CHUNK_BYTES = 1 << 20;
const NS_PER_SECOND = 1_000_000_000n;
/** A write this shortly after another may leave the same time (coarse clocks; FAT counts every second second). */
const SAME_TIME_MS = 2000;

/** Throws IO when there is no such file. `full`: digest of the whole file, however old it is. */
export function stampFile(path: string, { full = false }: { readonly full?: boolean } = {}): FileStamp {
  const facts = factsOf(path);
  const isWhole = full || areTimesVague(facts);
  return { ...facts, ends: digestOfEnds(path), ...(isWhole ? { full: digestOfAll(path) } : {}) };
}

/**
 * True when a later write may leave the same times: on a file system that counts whole seconds, whatever clock it goes
 * by; and where the file was written a moment ago by the clock of this process, or later than now, so that the clocks
 * are known to differ.
 */
function areTimesVague({ ctimeNs }: Pick<FileStamp, 'ctimeNs'>): boolean {
  const changedNs = BigInt(ctimeNs);
  if (changedNs % NS_PER_SECOND === 0n) return true;
  return Date.now() - Number(changedNs / 1_000_000n) < SAME_TIME_MS;
}

/** True when the file is what it was when it was stamped; false when it has changed or was deleted. */
export function isFileUnchanged(stamp: FileStamp): boolean {
  try {
    const now = factsOf(stamp.path);
    for (const key of ['byteLength', 'mtimeNs', 'ctimeNs', 'inode'] as const) {
      if (now[key] !== stamp[key]) return false;
    }
    if (digestOfEnds(stamp.path) !== stamp.ends) return false;
    return stamp.full === undefined || digestOfAll(stamp.path) === stamp.full;
  } catch (error) {
    if (systemCode((error as Error).cause) === 'ENOENT') return false;
    throw error;
  }
}

function factsOf(path: string): Omit<FileStamp, 'ends'> {
  const { size, mtimeNs, ctimeNs, ino } = attempt('inspect', path, () => statSync(path, { bigint: true }));
  return {
    path,
    byteLength: Number(size),
    mtimeNs: String(mtimeNs),
    ctimeNs: String(ctimeNs),
    inode: String(ino),
  };
}

function digestOfEnds(path: string): string {
  return digest(path, function* (byteLength) {
    const head = Math.min(PROBE_BYTES, byteLength);
    yield [0, head];
    const tail = Math.min(PROBE_BYTES, byteLength - head);
    yield [byteLength - tail, tail];
  });
}

function digestOfAll(path: string): string {
  return digest(path, function* (byteLength) {
    for (let at = 0; at < byteLength; at += CHUNK_BYTES) yield [at, Math.min(CHUNK_BYTES, byteLength - at)];
  });
}

function digest(path: string, ranges: (byteLength: number) => Iterable<[offset: number, length: number]>): string {
  const file = openFileReader(path);
  try {
    const hash = createHash('sha256').update(`${file.byteLength} `);
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, file.byteLength));
    for (const [offset, length] of ranges(file.byteLength)) {
      const target = buffer.subarray(0, length);
      file.readInto(offset, target);
      hash.update(target);
    }
    return hash.digest('hex').slice(0, 32);
  } finally {
    file.close();
  }
}
