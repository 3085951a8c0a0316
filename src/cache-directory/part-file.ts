/** A file that grows while it is fetched, and that a later process goes on with. */
import { closeSync, constants, fsyncSync, openSync, readSync, statSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { createHash } from '../io/crypto.js';
import { attempt, systemCode } from '../io/io-error.js';
import { createDirectories } from '../io/path-kind.js';

const READ_BYTES = 1 << 20;
/** A link in place of the file may lead to any other. */
const GROWING = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** Bytes at the beginning of a file, and the SHA-256 of them. */
export class PartFile {
  readonly path: string;
  #descriptor: number | undefined;
  #length = 0;
  #hash = createHash('sha256');

  /** Opens or creates it; what is there is read for its hash. */
  constructor(target: string) {
    this.path = target;
    createDirectories(path.dirname(target));
    this.#descriptor = attempt('open', target, () => openSync(target, GROWING, 0o666));
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        const count = attempt('read', target, () => readSync(this.#open(), buffer, 0, READ_BYTES, this.#length));
        if (count === 0) return;
        this.#hash.update(buffer.subarray(0, count));
        this.#length += count;
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    attempt('write', this.path, () => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#open(), bytes, done, bytes.length - done);
    });
    this.#hash.update(bytes);
    this.#length += bytes.length;
  }

  /** Begins anew, in a file of its own: nothing of ours makes a file shorter. */
  clear(): void {
    this.remove();
    this.#descriptor = attempt('open', this.path, () => openSync(this.path, 'ax+'));
    this.#hash = createHash('sha256');
    this.#length = 0;
  }

  /** Puts it on the disk and closes it; returns the SHA-256 of it. */
  finish(): string {
    attempt('sync', this.path, () => fsyncSync(this.#open()));
    this.close();
    return this.#hash.digest('hex');
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) attempt('close', this.path, () => closeSync(descriptor));
  }

  /** Closes and deletes it. */
  remove(): void {
    this.close();
    attempt('remove', this.path, () => {
      try {
        unlinkSync(this.path);
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw error;
      }
    });
  }

  #open(): number {
    return this.#descriptor!;
  }
}

/** Size of a regular file; undefined for anything else, and for nothing. */
export function sizeOf(target: string): number | undefined {
  return attempt('inspect', target, () => {
    try {
      const facts = statSync(target);
      return facts.isFile() ? facts.size : undefined;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  });
}

/** SHA-256 of a file, read a part at a time; `signal` stops it between two. */
export async function sha256Of(target: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(READ_BYTES);
  const descriptor = attempt('open', target, () => openSync(target, 'r'));
  try {
    for (let at = 0; ; ) {
      const count = attempt('read', target, () => readSync(descriptor, buffer, 0, READ_BYTES, at));
      if (count === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, count));
      at += count;
      // Others run between two parts.
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    }
  } finally {
    closeSync(descriptor);
  }
}
