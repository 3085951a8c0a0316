/** One file of a manifest from a server onto the disk: verified while it arrives, resumed where it was cut. */
import { PartFile } from '../cache-directory/part-file.js';
import { AtcError } from '../errors.js';
import { type AnsweredBytes, type FileIdentity, requireUnchanged } from './answer.js';
import type { RemoteClient } from './client.js';
import type { RemoteLocation } from './location.js';
import type { DataFile } from './manifest.js';
import { pull, type Receiver } from './pull.js';

/**
 * Brings `file`, which lies below `base`, to `target`; what an earlier try left there is not requested again.
 *
 * @throws AtcError CORRUPT, with the name of the file, which is then deleted, when its content is another one; IO where
 * it cannot be fetched: then what has arrived stays for the next try.
 */
export async function download(
  client: RemoteClient,
  base: RemoteLocation,
  file: DataFile,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const part = new PartFile(target);
  try {
    if (part.length > file.bytes) part.clear();
    const location = base.file(file.path);
    if (part.length < file.bytes) await pullInto(client, location, file, part, signal);
    const sha256 = part.finish();
    if (sha256 === file.sha256) return;
    throw wrongContent(location.shown, file, `its SHA-256 is ${sha256}, not ${file.sha256}`);
  } catch (error) {
    if (error instanceof AtcError && error.code === 'CORRUPT') part.remove();
    throw error;
  } finally {
    part.close();
  }
}

async function pullInto(
  client: RemoteClient,
  location: RemoteLocation,
  file: DataFile,
  part: PartFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  const receiver = new Saved(location.shown, file, part);
  await pull(client, location, { from: part.length, to: file.bytes }, receiver, signal);
  if (part.length !== file.bytes) throw wrongContent(location.shown, file, `it has ${part.length} bytes`);
}

class Saved implements Receiver {
  identity: FileIdentity | undefined;
  readonly #shown: string;
  readonly #file: DataFile;
  readonly #part: PartFile;

  constructor(shown: string, file: DataFile, part: PartFile) {
    this.#shown = shown;
    this.#file = file;
    this.#part = part;
  }

  answered({ isWhole, identity }: AnsweredBytes): void {
    if (this.identity !== undefined) requireUnchanged(this.identity, identity, this.#shown);
    this.identity ??= identity;
    const { byteLength } = identity;
    if (byteLength !== undefined && byteLength !== this.#file.bytes) {
      throw wrongContent(this.#shown, this.#file, `it has ${byteLength} bytes`);
    }
    if (isWhole && this.#part.length > 0) this.#part.clear();
  }

  bytes(bytes: Uint8Array): void {
    // A body without a length may go on for ever.
    if (this.#part.length + bytes.length > this.#file.bytes) {
      throw wrongContent(this.#shown, this.#file, `it has more than ${this.#file.bytes} bytes`);
    }
    this.#part.append(bytes);
  }
}

/** CORRUPT: a file is not the one that a manifest names. */
export function wrongContent(where: string, { path, bytes }: DataFile, what: string): AtcError {
  const text = `${where} is not the file ${path} of ${bytes} bytes that the manifest names: ${what}`;
  return new AtcError('CORRUPT', `${text}; it was refused. Publish the data again, or describe what is there now`, {
    path: where,
  });
}
