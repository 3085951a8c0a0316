/**
 * Files on a mount, which somebody else writes: compared with a manifest byte by byte, and again when one has changed.
 */
import path from 'node:path';
import { sha256Of, sizeOf } from '../cache-directory/part-file.js';
import { AtcError } from '../errors.js';
import { type FileStamp, isFileUnchanged, stampFile } from '../io/source-stamp.js';
import { wrongContent } from './download.js';
import type { DataManifest } from './manifest.js';

/** What the files of a mount were when they were compared; a worker asks with every job. */
const compared = new Map<string, readonly FileStamp[]>();
const MOST_COMPARED = 16;

/** CORRUPT, naming the file, for a mount that holds other content; IO where a file is missing. */
export async function requireContentOf(
  mount: string,
  manifest: DataManifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const key = `${path.resolve(mount)}\0${manifest.hash}`;
  if (compared.get(key)?.every(isFileUnchanged) === true) return;
  compared.delete(key);
  for (const file of manifest.files) {
    const full = path.join(mount, file.path);
    const bytes = sizeOf(full);
    if (bytes === undefined) throw new AtcError('IO', `${full} is not there`, { path: full });
    if (bytes !== file.bytes) throw wrongContent(full, file, `it has ${bytes} bytes`);
  }
  const stamps: FileStamp[] = [];
  for (const file of manifest.files) {
    const full = path.join(mount, file.path);
    // Before its bytes are read: what is written meanwhile shows the next time.
    stamps.push(stampFile(full));
    const sha256 = await sha256Of(full, signal);
    if (sha256 !== file.sha256) throw wrongContent(full, file, `its SHA-256 is ${sha256}, not ${file.sha256}`);
  }
  for (const oldest of compared.keys()) {
    if (compared.size < MOST_COMPARED) break;
    compared.delete(oldest);
  }
  compared.set(key, stamps);
}
