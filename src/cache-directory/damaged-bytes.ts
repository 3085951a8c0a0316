/** Stores copies of damaged entries: the store they came from belongs to the host, and will soon hold a new value. */
import path from 'node:path';
import { crc32c } from '../codec/crc32c.js';
import { isAtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { entryNames, removeFile } from '../io/directory-entries.js';

/** Inside the cache directory; hidden, so that nothing counts it for an entry. */
export const DAMAGED_FOLDER = '.damaged';
/** Beyond either the oldest are removed. */
const MAX_FILES = 100;
const MAX_BYTES = 64 * 1024 * 1024;
/** `<UTC ms>.<CRC-32C>-<length>.<service>.entry`: the order of names is that of time, and one content has one file. */
const NAME = /^\d+\.([0-9a-f]{8}-(\d+))\..*\.entry$/;

/**
 * Stores a copy of damaged bytes and returns its path: the same one however often they are read. Undefined when they
 * are too many or the disk does not take them: a cache goes on without.
 */
export function putBytesAside(cacheDir: string, service: string | undefined, bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const folder = path.resolve(cacheDir, DAMAGED_FOLDER);
  const content = `${crc32c(bytes).toString(16).padStart(8, '0')}-${bytes.length}`;
  try {
    const present = damagedFiles(folder);
    const same = present.find((file) => file.content === content);
    if (same !== undefined) return path.join(folder, same.name);
    const owner = (service ?? 'store').replace(/[^\w-]/g, '_').slice(0, 60);
    const target = path.join(folder, `${Date.now()}.${content}.${owner}.entry`);
    writeFileAtomicSync(target, bytes, { durability: 'process' });
    bound(folder, present, bytes.length);
    return target;
  } catch (error) {
    if (isAtcError(error, 'IO')) return undefined;
    throw error;
  }
}

interface DamagedFile {
  readonly name: string;
  readonly content: string;
  readonly byteLength: number;
}

/** The oldest first. */
function damagedFiles(folder: string): DamagedFile[] {
  return entryNames(folder)
    .files.sort()
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [{ name, content: match[1], byteLength: Number(match[2]) }];
    });
}

function bound(folder: string, before: readonly DamagedFile[], newBytes: number): void {
  let bytes = newBytes;
  let retained = 1;
  for (const file of [...before].reverse()) {
    bytes += file.byteLength;
    if (++retained > MAX_FILES || bytes > MAX_BYTES) removeFile(path.join(folder, file.name));
  }
}
