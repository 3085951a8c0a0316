/** Bytes put aside on disk for a moment: written in order, read in any, deleted with the process. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { attempt } from './io-error.js';

export class SpillFile {
  readonly #descriptor: number;
  readonly #directory: string;
  readonly #path: string;
  #length = 0;

  constructor() {
    this.#directory = attempt('create directory', tmpdir(), () => mkdtempSync(path.join(tmpdir(), 'atc-rows-')));
    this.#path = path.join(this.#directory, 'rows');
    this.#descriptor = attempt('create', this.#path, () => openSync(this.#path, 'wx+', 0o600));
    // It lives by its descriptor where the system allows that; otherwise `close` removes it.
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 0 });
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

  read(at: number, target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const count = attempt('read', this.#path, () =>
        readSync(this.#descriptor, target, done, target.length - done, at + done),
      );
      if (count === 0) return;
      done += count;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
