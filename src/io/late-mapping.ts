/** A file open for reading that is mapped when the first window is asked for, over the descriptor that it has: the same file, whatever its name is by then. */
import type { MappedFile, MappingBackendName } from './mapping.js';
import { readOnly } from './native-map.js';
import type { OpenFile } from './open-file.js';

export class LateMappedFile implements MappedFile {
  readonly mode = 'r';
  readonly path: string;
  readonly byteLength: number;
  readonly identity: string;
  readonly #file: OpenFile;
  readonly #map: (file: OpenFile) => MappedFile;
  #mapped: MappedFile | undefined;

  /** Owns the file; `map` hands it on to a backend. */
  constructor(file: OpenFile, map: (file: OpenFile) => MappedFile) {
    this.path = file.path;
    this.byteLength = file.atOpen.byteLength;
    this.identity = file.atOpen.identity;
    this.#file = file;
    this.#map = map;
  }

  /** Which backend it is can only be told by mapping. */
  get backend(): MappingBackendName {
    return this.#backed().backend;
  }

  window(offset: number, length: number): Uint8Array {
    return this.#backed().window(offset, length);
  }

  readInto(offset: number, target: Uint8Array): void {
    this.#file.checkRange(offset, target.byteLength);
    this.#file.readInto(offset, target);
  }

  write(): void {
    void this.#file.descriptor;
    throw readOnly(this.path);
  }

  release(offset: number, length: number): void {
    void this.#file.descriptor;
    this.#file.checkRange(offset, length);
    this.#mapped?.release(offset, length);
  }

  flush(): void {
    void this.#file.descriptor;
  }

  close(): void {
    (this.#mapped ?? this.#file).close();
  }

  #backed(): MappedFile {
    if (this.#mapped === undefined) {
      void this.#file.descriptor;
      this.#mapped = this.#map(this.#file);
    }
    return this.#mapped;
  }
}
