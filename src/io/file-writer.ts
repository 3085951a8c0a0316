/**
 * Writing a file that is complete or absent: bytes go to a hidden temporary file in the same directory, `commit` makes
 * them permanent and renames. A reader sees the old file or the new one, never a part; an old file that is mapped keeps
 * its inode.
 */
import { closeSync, constants, fsyncSync, linkSync, openSync, renameSync } from 'node:fs';
import path from 'node:path';
import { AtcError } from '../errors.js';
import { type Durability, makeDirectory, syncDirectory } from './durability.js';
import { appliedError, attempt } from './io-error.js';
import { writeFully } from './open-file.js';
import { removeSurely } from './removal.js';
import { sweepOnce, temporaryPath } from './temporary.js';

export interface FileWriterOptions {
  /** Default 'power'. */
  readonly durability?: Durability;
  /** False: an existing file of that name is an IO error (EEXIST) at commit. Default true. */
  readonly replace?: boolean;
}

/** Small writes are collected up to this many bytes: a system call costs about as much as copying 16 KiB. */
const BUFFER_BYTES = 256 * 1024;

/** What the last writer of this thread collected in: fresh memory costs more than all the rest of a small file. */
let spare: Uint8Array | undefined;

export class FileWriter {
  readonly path: string;
  readonly #temporary: string;
  readonly #durability: Durability;
  readonly #replace: boolean;
  #descriptor: number | undefined;
  #written = 0;
  #pending = 0;
  #buffer: Uint8Array | undefined;

  /** Creates the directory when it is missing. */
  constructor(target: string, { durability = 'power', replace = true }: FileWriterOptions = {}) {
    this.path = target;
    this.#durability = durability;
    this.#replace = replace;
    this.#temporary = temporaryPath(target);
    attempt('create', target, () => {
      const directory = path.dirname(target);
      makeDirectory(directory, durability);
      sweepOnce(directory);
      this.#descriptor = openSync(this.#temporary, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o666);
    });
  }

  /** Bytes written so far. */
  get byteLength(): number {
    return this.#written + this.#pending;
  }

  /** Appends; the bytes may be reused as soon as it returns. A failed write removes the temporary file. */
  write(bytes: Uint8Array): void {
    this.#open();
    if (bytes.byteLength > BUFFER_BYTES - this.#pending) this.#flush();
    if (bytes.byteLength >= BUFFER_BYTES) {
      this.#put(bytes, this.#written);
      this.#written += bytes.byteLength;
    } else {
      if (this.#buffer === undefined) {
        this.#buffer = spare ?? new Uint8Array(BUFFER_BYTES);
        spare = undefined;
      }
      this.#buffer.set(bytes, this.#pending);
      this.#pending += bytes.byteLength;
    }
  }

  /** Overwrites what was written before (a header whose content is known only at the end). */
  rewrite(offset: number, bytes: Uint8Array): void {
    this.#open();
    if (!(offset >= 0 && offset + bytes.byteLength <= this.byteLength)) {
      throw new AtcError(
        'ARGUMENT',
        `bytes [${offset}, ${offset + bytes.byteLength}) of ${this.path} are not written yet`,
      );
    }
    this.#flush();
    this.#put(bytes, offset);
  }

  /** The file is there when it returns. On failure nothing is. */
  commit(): void {
    const descriptor = this.#open();
    try {
      this.#flush();
      this.#release();
      if (this.#durability === 'power') attempt('sync', this.path, () => fsyncSync(descriptor));
      this.#descriptor = undefined;
      attempt('close', this.path, () => closeSync(descriptor));
      attempt('create', this.path, () => moveInto(this.#temporary, this.path, this.#replace));
    } catch (error) {
      this.abort();
      throw error;
    }
    if (this.#durability === 'power') syncAfterRename(this.path);
  }

  /** Gives up: removes the temporary file. Does nothing after commit or another abort. */
  abort(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    this.#release();
    if (descriptor !== undefined) closeQuietly(descriptor);
    removeSurely(this.#temporary);
  }

  #open(): number {
    if (this.#descriptor === undefined) {
      throw new AtcError('CLOSED', `the writer of ${this.path} is finished`, { path: this.path });
    }
    return this.#descriptor;
  }

  #flush(): void {
    if (this.#pending === 0) return;
    this.#put(this.#buffer!.subarray(0, this.#pending), this.#written);
    this.#written += this.#pending;
    this.#pending = 0;
  }

  #release(): void {
    spare ??= this.#buffer;
    this.#buffer = undefined;
  }

  #put(bytes: Uint8Array, offset: number): void {
    try {
      writeFully(this.#open(), this.path, bytes, offset);
    } catch (error) {
      this.abort();
      throw error;
    }
  }
}

/** rename(2) replaces; where that is not wanted, link(2) fails with EEXIST in one atomic step. */
export function moveInto(temporary: string, target: string, replace: boolean): void {
  if (replace) {
    renameSync(temporary, target);
  } else {
    linkSync(temporary, target);
    // The file is there under its name: a temporary name that stays is no failure.
    removeSurely(temporary);
  }
}

/**
 * Makes the name of a file that was renamed or linked into place permanent. Failing, the file is there all the same:
 * `applied`.
 */
export function syncAfterRename(target: string): void {
  try {
    syncDirectory(path.dirname(target));
  } catch (error) {
    throw appliedError(error, target);
  }
}

/** After another failure, which is the one to report. */
function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // The descriptor is free all the same.
  }
}
