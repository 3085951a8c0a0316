/**
 * A file that several processes append to at once. Every append is one write(2) with O_APPEND: on a local file system
 * the kernel puts whole writes one after the other, so the order of the bytes is the order of the writes, and no lock
 * is needed. (A network file system does not promise that.)
 */
import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { AtcError } from '../errors.js';
import { syncDirectory, syncNames } from './durability.js';
import { attempt, ioError, systemCode } from './io-error.js';
import { makeDirectories } from './make-directories.js';

/** A link in place of a log may lead to any file. */
const NO_LINKS = constants.O_NOFOLLOW ?? 0;
const WRITING = constants.O_RDWR | constants.O_APPEND | NO_LINKS;
const READING = constants.O_RDONLY | NO_LINKS;

export class AppendLog {
  #descriptor: number | undefined;
  #syncing: Promise<void> | undefined;
  #nextSync: Promise<void> | undefined;

  /** Why nothing can be appended, where the file could be opened for reading only. */
  readonly #refusal: unknown;
  /** The name of the file, and those of the directories above it, are on the disk. */
  #isNameSynced = false;
  #syncFailure: AtcError | undefined;

  private constructor(
    readonly path: string,
    descriptor: number,
    refusal?: unknown,
  ) {
    this.#descriptor = descriptor;
    this.#refusal = refusal;
  }

  /** Opens for appending; creates the file, and directories above it, when they are missing. */
  static openOrCreate(file: string): AppendLog {
    return attempt('open', file, () => {
      makeDirectories(path.dirname(file));
      return new AppendLog(file, openSync(file, WRITING | constants.O_CREAT, 0o666));
    });
  }

  /** Undefined when there is no such file (any more). Read-only where this process may not write. */
  static openExisting(file: string): AppendLog | undefined {
    let refusal: unknown;
    for (const flags of [WRITING, READING]) {
      try {
        return new AppendLog(file, openSync(file, flags), refusal);
      } catch (error) {
        const code = systemCode(error);
        if (code === 'ENOENT') return undefined;
        if (flags === READING || (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM'))
          throw ioError(error, 'open', file);
        refusal = error;
      }
    }
    return undefined;
  }

  /** Bytes in the file now, whichever process wrote them; `linked` is false when it was deleted since it was opened. */
  state(): { byteLength: number; linked: boolean } {
    const { size, nlink } = attempt('inspect', this.path, () => fstatSync(this.#opened));
    return { byteLength: size, linked: nlink > 0 };
  }

  /**
   * One write at the end of the file. A write that the system cuts short (a full disk) is IO: what it took stays, torn.
   */
  append(bytes: Uint8Array): void {
    if (this.#refusal !== undefined) throw ioError(this.#refusal, 'write', this.path);
    const written = attempt('write', this.path, () => writeSync(this.#opened, bytes, 0, bytes.byteLength));
    if (written === bytes.byteLength) return;
    const message = `cannot write ${this.path}: ${written} of ${bytes.byteLength} bytes were taken; is the disk full?`;
    throw new AtcError('IO', message, { path: this.path });
  }

  /** Bytes [from, to); fewer when the file is shorter. */
  read(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, to - from));
    let done = 0;
    while (done < bytes.byteLength) {
      const count = attempt('read', this.path, () =>
        readSync(this.#opened, bytes, done, bytes.byteLength - done, from + done),
      );
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }

  /**
   * Resolves when everything appended before the call is on the disk. Callers that come while a sync is under way share
   * the next one: many small writes cost few syncs. Once a sync has failed every later one rejects: the system has
   * forgotten which pages are not on the disk, so their content must be written to another file.
   */
  sync(): Promise<void> {
    const descriptor = this.#opened;
    if (this.#syncing === undefined) return this.#startSync(descriptor);
    return (this.#nextSync ??= this.#syncing
      .catch(() => undefined)
      .then(() => {
        this.#nextSync = undefined;
        return this.#startSync(descriptor);
      }));
  }

  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    // A sync that runs in the thread pool, or waits for its turn there, needs the descriptor: the caller that asked for
    // it was promised the disk.
    const close = () => attempt('close', this.path, () => closeSync(descriptor));
    const last = this.#nextSync ?? this.#syncing;
    if (last === undefined) close();
    else void last.then(close, close);
  }

  #startSync(descriptor: number): Promise<void> {
    const { path: file } = this;
    this.#syncing = new Promise<void>((resolve, reject) => {
      if (this.#syncFailure !== undefined) throw this.#syncFailure;
      fdatasync(descriptor, (error) => {
        if (error === null) return resolve();
        this.#syncFailure = ioError(error, 'sync', file);
        reject(this.#syncFailure);
      });
    })
      .then(() => this.#syncNames())
      .finally(() => {
        this.#syncing = undefined;
      });
    return this.#syncing;
  }

  /** Once, and only for a caller that wants the disk at all; its maker may have died before its name was there. */
  #syncNames(): void {
    if (this.#isNameSynced) return;
    const directory = path.dirname(this.path);
    syncDirectory(directory);
    syncNames(directory);
    this.#isNameSynced = true;
  }

  get #opened(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    throw new AtcError('CLOSED', `${this.path} is closed`, { path: this.path });
  }
}
