/** Bytes put aside on disk for a moment: written in order, read in any, deleted with the process. */
import { closeSync, mkdtempSync, openSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AtcError } from '../errors.js';
import { attempt } from './io-error.js';
import { removeSurely } from './removal.js';

export class SpillFile {
  readonly #descriptor: number;
  readonly #directory: string;
  readonly #path: string;
  #length = 0;
  #isClosed = false;

  constructor() {
    this.#directory = attempt('create directory', tmpdir(), () => mkdtempSync(path.join(tmpdir(), 'atc-rows-')));
    this.#path = path.join(this.#directory, 'rows');
    try {
      this.#descriptor = attempt('create', this.#path, () => openSync(this.#path, 'wx+', 0o600));
    } finally {
      // It lives by its descriptor where the system allows that; otherwise it is removed once it is closed.
      removeSurely(this.#directory);
    }
  }

  /** Returns where the bytes begin. */
  append(bytes: Uint8Array): number {
    const at = this.#length;
    for (let done = 0; done < bytes.length; ) {
      done += attempt('write', this.#path, () =>
        writeSync(this.#descriptor, bytes, done, bytes.length - done, at + done),
      );
    }
    this.#length += bytes.length;
    return at;
  }

  /** Fills `target` with the bytes from `at` on, all of which were appended. */
  read(at: number, target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const count = attempt('read', this.#path, () =>
        readSync(this.#descriptor, target, done, target.length - done, at + done),
      );
      if (count === 0) {
        const message = `cannot read ${this.#path}: it ends at byte ${at + done}, ${this.#length} were written`;
        throw new AtcError('IO', message, { path: this.#path });
      }
      done += count;
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      attempt('close', this.#path, () => closeSync(this.#descriptor));
    } finally {
      removeSurely(this.#directory);
    }
  }
}
