/**
 * The backend that is always there: pread(2) and pwrite(2). Nothing another process does to the file can kill this one: a truncated
 * file is an error. Windows are copies. Mode `c` keeps the pages that were written in memory, as a private map would.
 */
import type { MappedFile, MappingBackend } from './mapping.js';
import { type OpenMode, openAndAdopt, readOnly } from './native-map.js';
import type { OpenFile } from './open-file.js';

/** Unit of private memory in mode `c`. */
const PAGE_BYTES = 4096;

export const readBackend: MappingBackend = {
  name: 'read',
  available: () => true,
  open: (path, mode) => openAndAdopt(readBackend, path, mode),
  adopt: (file, mode) => new ReadFile(file, mode),
};

class ReadFile implements MappedFile {
  readonly backend = 'read';
  readonly mode: OpenMode;
  readonly #file: OpenFile;
  /** Mode `c`: page number to the page as this process wrote it. */
  readonly #private = new Map<number, Uint8Array>();

  constructor(file: OpenFile, mode: OpenMode) {
    this.#file = file;
    this.mode = mode;
  }

  get path(): string {
    return this.#file.path;
  }

  get byteLength(): number {
    return this.#file.atOpen.byteLength;
  }

  get identity(): string {
    return this.#file.atOpen.identity;
  }

  window(offset: number, length: number): Uint8Array {
    this.#file.checkRange(offset, length);
    // The range is within the file as it was at open, but a file of terabytes is not a reason to allocate them: check the size now.
    this.#file.checkPresent(offset, length);
    const target = new Uint8Array(length);
    this.readInto(offset, target);
    return target;
  }

  readInto(offset: number, target: Uint8Array): void {
    this.#file.checkRange(offset, target.byteLength);
    this.#file.readInto(offset, target);
    if (this.#private.size === 0) return;
    const end = offset + target.byteLength;
    for (let page = Math.floor(offset / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      const written = this.#private.get(page);
      if (written === undefined) continue;
      const start = page * PAGE_BYTES;
      const from = Math.max(offset, start);
      const to = Math.min(end, start + written.byteLength);
      target.set(written.subarray(from - start, to - start), from - offset);
    }
  }

  write(offset: number, bytes: Uint8Array): void {
    void this.#file.descriptor;
    if (this.mode === 'r') throw readOnly(this.path);
    this.#file.checkRange(offset, bytes.byteLength);
    if (this.mode === 'r+') this.#file.write(offset, bytes);
    else this.#writePrivately(offset, bytes);
  }

  #writePrivately(offset: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.byteLength) {
      const at = offset + done;
      const page = Math.floor(at / PAGE_BYTES);
      const start = page * PAGE_BYTES;
      let copy = this.#private.get(page);
      if (copy === undefined) {
        copy = this.window(start, Math.min(PAGE_BYTES, this.byteLength - start));
        this.#private.set(page, copy);
      }
      const count = Math.min(bytes.byteLength - done, start + copy.byteLength - at);
      copy.set(bytes.subarray(done, done + count), at - start);
      done += count;
    }
  }

  release(offset: number, length: number): void {
    void this.#file.descriptor;
    this.#file.checkRange(offset, length);
  }

  flush(): void {
    void this.#file.descriptor;
    if (this.mode === 'r+') this.#file.sync();
  }

  close(): void {
    this.#private.clear();
    this.#file.close();
  }
}
