/**
 * Frames of short segments one after the other in files of many: the histories of ten thousand symbols of fifty rows
 * are a handful of files.
 */
import path from 'node:path';
import { appendBytes } from '../io/append.js';
import { createDirectories } from '../io/path-kind.js';
import type { Segment } from './catalogue-entry.js';

/** A bundle is complete from this size on; its last frame may reach beyond. */
const BUNDLE_BYTES = 64 << 20;
/** Frames that wait to be written together. */
const WAITING_BYTES = 1 << 20;

export class FrameBundles {
  readonly #root: () => string;
  readonly #prefix: string;
  #count = 0;
  #file = '';
  #byteLength = BUNDLE_BYTES;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  /** Files in `root`, made when the first is written, which will be at `prefix` relative to the dataset. */
  constructor(root: () => string, prefix: string) {
    this.#root = root;
    this.#prefix = prefix;
  }

  /** Where the frame, given in parts, will be after `flush`. */
  add(parts: readonly Uint8Array[]): Required<Pick<Segment, 'path' | 'offset' | 'byteLength'>> {
    if (this.#byteLength >= BUNDLE_BYTES) {
      this.flush();
      this.#file = `${String(this.#count++).padStart(5, '0')}.frames`;
      this.#byteLength = 0;
    }
    const byteLength = parts.reduce((sum, part) => sum + part.length, 0);
    const offset = this.#byteLength;
    this.#byteLength += byteLength;
    this.#waiting.push(...parts);
    this.#waitingBytes += byteLength;
    if (this.#waitingBytes >= WAITING_BYTES) this.flush();
    return { path: `${this.#prefix}${this.#file}`, offset, byteLength };
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const root = this.#root();
    createDirectories(root);
    appendBytes(path.join(root, this.#file), Buffer.concat(this.#waiting));
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
