/**
 * A file open for reading that is mapped when the first window is asked for, over the descriptor that it has: the same
 * file, whatever its name is by then.
 */
import { FileBytes } from './file-bytes.js';
import type { MappedFile, MappingBackendName } from './mapping.js';
import type { OpenFile } from './open-file.js';

export class LateMappedFile extends FileBytes implements MappedFile {
  readonly #map: (file: OpenFile) => MappedFile;
  #mapped: MappedFile | undefined;

  /** Owns the file; `map` hands it on to a backend. */
  constructor(file: OpenFile, map: (file: OpenFile) => MappedFile) {
    super(file, 'r');
    this.#map = map;
  }

  /** Which backend it is is only known after mapping. */
  get backend(): MappingBackendName {
    return this.#backed().backend;
  }

  window(offset: number, length: number): Uint8Array {
    return this.#backed().window(offset, length);
  }

  copyInto(offset: number, target: Uint8Array): void {
    this.#backed().copyInto(offset, target);
  }

  override release(offset: number, length: number): void {
    super.release(offset, length);
    this.#mapped?.release(offset, length);
  }

  override close(): void {
    (this.#mapped ?? this.file).close();
  }

  /** Never called: the mode is `r`. */
  protected override writePrivately(): void {}

  #backed(): MappedFile {
    if (this.#mapped === undefined) {
      void this.file.descriptor;
      this.#mapped = this.#map(this.file);
    }
    return this.#mapped;
  }
}
