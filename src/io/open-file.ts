/**
 * A regular file behind a descriptor. The descriptor pins the inode: a file that is replaced, deleted or made
 * unreadable after open keeps its old bytes here. Only truncation in place can take bytes away, so the size is asked
 * for again before use.
 */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { AtcError } from '../errors.js';
import { attempt, ioError } from './io-error.js';

/** Descriptors of objects that were dropped without close(): a safety net against leaks, not the way to close. */
const forgotten = new FinalizationRegistry<number>((descriptor) => {
  try {
    closeSync(descriptor);
  } catch {
    // Closed already: nothing is left to do.
  }
});

export interface FileFacts {
  readonly byteLength: number;
  /** Device and inode: the same as long as it is the same file. */
  readonly identity: string;
  /** Bytes that have blocks on the disk: less than byteLength for a file with holes. */
  readonly allocatedBytes: number;
}

export class OpenFile {
  readonly path: string;
  readonly writable: boolean;
  readonly atOpen: FileFacts;
  #descriptor: number | undefined;
  #syncFailure: unknown;

  /** Opens an existing regular file. O_NONBLOCK, so that a named pipe is refused instead of waited for. */
  constructor(path: string, writable: boolean) {
    this.path = path;
    this.writable = writable;
    const flags = (writable ? constants.O_RDWR : constants.O_RDONLY) | (constants.O_NONBLOCK ?? 0);
    const descriptor = attempt('open', path, () => openSync(path, flags));
    this.#descriptor = descriptor;
    try {
      const stat = attempt('inspect', path, () => fstatSync(descriptor));
      if (!stat.isFile()) {
        const what = stat.isDirectory() ? 'it is a directory; name a file' : 'it is not a regular file';
        throw new AtcError('IO', `cannot open ${path}: ${what}`, { path });
      }
      // st_blocks counts 512-byte units; it is missing on Windows, where nothing is mapped.
      this.atOpen = {
        byteLength: stat.size,
        identity: `${stat.dev}:${stat.ino}`,
        allocatedBytes: (stat.blocks ?? 0) * 512,
      };
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    forgotten.register(this, descriptor, this);
  }

  get closed(): boolean {
    return this.#descriptor === undefined;
  }

  /** The open descriptor; CLOSED after close. */
  get descriptor(): number {
    if (this.#descriptor === undefined) {
      throw new AtcError('CLOSED', `${this.path} is closed; open it again to use it`, { path: this.path });
    }
    return this.#descriptor;
  }

  /** ARGUMENT unless [offset, offset + length) lies within the file as it was at open. */
  checkRange(offset: number, length: number): void {
    const end = offset + length;
    if (Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0) {
      if (end <= this.atOpen.byteLength) return;
    }
    throw new AtcError(
      'ARGUMENT',
      `bytes [${offset}, ${end}) are not within ${this.path}, which has ${this.atOpen.byteLength} bytes`,
      { path: this.path, offset },
    );
  }

  /**
   * CORRUPT when the file is now too short to hold [offset, offset + length): touching a map there would kill the
   * process.
   */
  checkPresent(offset: number, length: number): void {
    const { size } = attempt('inspect', this.path, () => fstatSync(this.descriptor));
    if (size < offset + length) throw this.#truncated(offset, length, size);
  }

  /**
   * Fills `target` from `offset`; CORRUPT when the file ends before that. Never touches a map, so it cannot be killed.
   */
  readInto(offset: number, target: Uint8Array): void {
    const descriptor = this.descriptor;
    let done = 0;
    while (done < target.byteLength) {
      const count = attempt('read', this.path, () =>
        readSync(descriptor, target, done, target.byteLength - done, offset + done),
      );
      if (count === 0) throw this.#truncated(offset, target.byteLength, offset + done);
      done += count;
    }
  }

  /** Writes all of `bytes` at `offset`, within the file: a short file is CORRUPT, not silently grown again. */
  write(offset: number, bytes: Uint8Array): void {
    const descriptor = this.descriptor;
    this.checkPresent(offset, bytes.byteLength);
    writeFully(descriptor, this.path, bytes, offset);
  }

  /** Writes where the file may grow; `offset` must not leave a gap after its present end. */
  extend(offset: number, bytes: Uint8Array): void {
    this.checkPresent(offset, 0);
    writeFully(this.descriptor, this.path, bytes, offset);
  }

  /**
   * Returns when the bytes are on the disk; `before` does what has to be done first. Once it has failed every later
   * call throws: the system has forgotten which pages are not on the disk.
   */
  sync(before?: () => void): void {
    const descriptor = this.descriptor;
    if (this.#syncFailure !== undefined) {
      const text = `${this.path} was not synced since a sync of it failed; write its content to a new file`;
      throw new AtcError('IO', text, { path: this.path, cause: this.#syncFailure });
    }
    try {
      before?.();
      attempt('sync', this.path, () => fsyncSync(descriptor));
    } catch (error) {
      this.#syncFailure = error;
      throw error;
    }
  }

  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    forgotten.unregister(this);
    try {
      closeSync(descriptor);
    } catch (error) {
      // The descriptor is free all the same, and of a file that was only read nothing can be lost.
      if (this.writable) throw ioError(error, 'close', this.path);
    }
  }

  #truncated(offset: number, length: number, size: number): AtcError {
    return new AtcError(
      'CORRUPT',
      `${this.path} has been truncated while it was open: bytes [${offset}, ${offset + length}) are wanted, ` +
        `it has ${size} now and had ${this.atOpen.byteLength}; restore the file and open it again`,
      { path: this.path, offset: size },
    );
  }
}

/** write(2) may write less than it was given (a full disk, a signal): repeats until all is written or it fails. */
export function writeFully(descriptor: number, path: string, bytes: Uint8Array, offset: number): void {
  let done = 0;
  while (done < bytes.byteLength) {
    done += attempt('write', path, () => writeSync(descriptor, bytes, done, bytes.byteLength - done, offset + done));
  }
}
