/**
 * The backend that is always there: pread(2) and pwrite(2). Nothing another process does to the file can kill this one:
 * a truncated file is an error. Windows are copies. Mode `c` keeps the pages that were written in memory, as a private
 * map would.
 */
import { FileBytes } from './file-bytes.js';
import type { MappedFile, MappingBackend } from './mapping.js';
import { openAndAdopt } from './native-map.js';

/** Unit of private memory in mode `c`. */
const PAGE_BYTES = 4096;

export const readBackend: MappingBackend = {
  name: 'read',
  available: () => true,
  open: (path, mode) => openAndAdopt(readBackend, path, mode),
  adopt: (file, mode) => new ReadFile(file, mode),
};

class ReadFile extends FileBytes implements MappedFile {
  readonly backend = 'read';
  /** Mode `c`: page number to the page as this process wrote it. */
  readonly #private = new Map<number, Uint8Array>();

  window(offset: number, length: number): Uint8Array {
    // Before anything is allocated: the file may be shorter than it was.
    this.checkWindow(offset, length);
    const target = new Uint8Array(length);
    this.readInto(offset, target);
    return target;
  }

  copyInto(offset: number, target: Uint8Array): void {
    this.readInto(offset, target);
  }

  override readInto(offset: number, target: Uint8Array): void {
    super.readInto(offset, target);
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

  protected override writePrivately(offset: number, bytes: Uint8Array): void {
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

  override close(): void {
    this.#private.clear();
    super.close();
  }
}
