/** Members of zip archives, by yauzl: the directory at the end is read, then each member as a stream of its own. */
import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import { ioError, systemCode } from './io-error.js';
import { type Bytes, RatioGuard } from './source-bytes.js';

export interface ZipMember {
  /** Path inside the archive. */
  readonly name: string;
  bytes(): Bytes;
}

/** More members than this are not looked at. */
const MAX_MEMBERS = 100_000;

/**
 * The files of an archive in its order. CORRUPT for a damaged one, UNSUPPORTED for an encrypted member when it is read.
 */
export async function zipMembers(path: string): Promise<ZipMember[]> {
  const zip = await open(path);
  try {
    const members: ZipMember[] = [];
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      if (members.length === MAX_MEMBERS) throw damaged(path, `it has more than ${MAX_MEMBERS} members`);
      members.push({ name: entry.fileName, bytes: () => readMember(path, entry) });
    }
    return members;
  } catch (cause) {
    throw damaged(path, (cause as Error).message, cause);
  } finally {
    zip.close();
  }
}

async function open(path: string): Promise<ZipFile> {
  const { openPromise } = requireNow<typeof import('yauzl')>('yauzl');
  try {
    return await openPromise(path, { autoClose: false });
  } catch (cause) {
    if (systemCode(cause) !== undefined) throw ioError(cause, 'open', path);
    throw damaged(path, (cause as Error).message, cause);
  }
}

async function* readMember(path: string, entry: Entry): AsyncGenerator<Uint8Array> {
  if (entry.isEncrypted()) {
    throw new AtcError('UNSUPPORTED', `${path}:${entry.fileName} is encrypted; unpack it with its password first`, {
      path,
    });
  }
  const { crc32 } = requireNow<{ crc32?: (bytes: Uint8Array, before?: number) => number }>('node:zlib');
  const zip = await open(path);
  const guard = new RatioGuard(`${path}:${entry.fileName}`);
  guard.in(entry.compressedSize);
  let stream: Readable | undefined;
  try {
    stream = await zip.openReadStreamPromise(entry);
    let checksum = 0;
    for await (const bytes of stream) {
      if (crc32 !== undefined) checksum = crc32(bytes as Uint8Array, checksum);
      yield guard.out(bytes as Uint8Array);
    }
    if (crc32 !== undefined && checksum !== entry.crc32)
      throw damaged(path, `the checksum of ${entry.fileName} is wrong`);
  } catch (cause) {
    throw damaged(path, (cause as Error).message, cause);
  } finally {
    stream?.destroy();
    zip.close();
  }
}

function damaged(path: string, what: string, cause?: unknown): AtcError {
  if (cause instanceof AtcError) return cause;
  return new AtcError('CORRUPT', `${path} is not a whole zip archive (${what}); download or copy it again`, {
    path,
    cause,
  });
}
