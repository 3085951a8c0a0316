/**
 * MappedFile over one native mapping of the whole file. Everything that could kill the process is checked here, once, for both
 * native backends: ranges against the size at open, the size again before every window, the mode before every write.
 */
import { AtcError } from '../errors.js';
import type { MappedFile, MappingBackend, MappingBackendName } from './mapping.js';
import { OpenFile } from './open-file.js';

/** What a native module has to provide. Arguments are checked by the caller; offsets and lengths are in bytes. */
export interface NativeMap {
  readonly pageSize: number;
  /** The longest window that is one ArrayBuffer on this version of Node. */
  readonly maxWindow: number;
  /** A view of mapped memory; the mapping outlives it. */
  bytes(offset: number, length: number): Uint8Array;
  /** MADV_DONTNEED over whole pages. */
  discard(offset: number, length: number): void;
  /** MS_SYNC over the whole map. */
  sync(): void;
  /** Lets go of the map: it is unmapped when the last view of it has been collected. */
  drop(): void;
}

/** Protection and sharing by mode, as mmap(2) takes them; the same numbers on Linux, macOS and the BSDs. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
export const MADV_DONTNEED = 4;

export type OpenMode = MappedFile['mode'];

export function protectionOf(mode: OpenMode): number {
  return mode === 'r' ? PROT_READ : PROT_READ | PROT_WRITE;
}

export function sharingOf(mode: OpenMode): number {
  return mode === 'c' ? MAP_PRIVATE : MAP_SHARED;
}

/** UNSUPPORTED for a file with holes in `r+`: a write through a map into a hole on a full disk is SIGBUS. */
export function refuseHoles(file: OpenFile, mode: OpenMode): void {
  const { byteLength, allocatedBytes } = file.atOpen;
  if (mode !== 'r+' || allocatedBytes >= byteLength) return;
  throw new AtcError(
    'UNSUPPORTED',
    `${file.path} has holes (${allocatedBytes} of ${byteLength} bytes are on the disk), so it cannot be written through a ` +
      `map safely; use the 'read' backend, or copy the file without holes first`,
    { path: file.path },
  );
}

/** `open` in terms of `adopt`. */
export function openAndAdopt(backend: Pick<MappingBackend, 'adopt'>, path: string, mode: OpenMode): MappedFile {
  const file = new OpenFile(path, mode === 'r+');
  try {
    return backend.adopt(file, mode);
  } catch (error) {
    file.close();
    throw error;
  }
}

export class NativeMappedFile implements MappedFile {
  readonly backend: MappingBackendName;
  readonly mode: OpenMode;
  readonly #file: OpenFile;
  readonly #map: NativeMap | undefined;

  /** `map` is undefined for an empty file, which mmap(2) refuses. Owns the file and the map from here on. */
  constructor(backend: MappingBackendName, file: OpenFile, mode: OpenMode, map: NativeMap | undefined) {
    this.backend = backend;
    this.mode = mode;
    this.#file = file;
    this.#map = map;
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
    this.#file.checkPresent(offset, length);
    if (length === 0 || this.#map === undefined) return new Uint8Array(0);
    if (length > this.#map.maxWindow) {
      throw new AtcError(
        'UNSUPPORTED',
        `a view of ${length} bytes is too long for one array here (at most ${this.#map.maxWindow}); take it in pieces`,
        { path: this.path, offset },
      );
    }
    return this.#map.bytes(offset, length);
  }

  readInto(offset: number, target: Uint8Array): void {
    this.#file.checkRange(offset, target.byteLength);
    // A shared map and pread(2) see the same pages, and pread answers for a truncated file instead of killing the process.
    if (this.mode !== 'c') this.#file.readInto(offset, target);
    else target.set(this.window(offset, target.byteLength));
  }

  write(offset: number, bytes: Uint8Array): void {
    if (this.mode === 'r') throw readOnly(this.path);
    this.#file.checkRange(offset, bytes.byteLength);
    // The file itself is written by pwrite(2): on a full disk that is an error, through the map it would be SIGBUS.
    if (this.mode === 'r+') this.#file.write(offset, bytes);
    else this.window(offset, bytes.byteLength).set(bytes);
  }

  release(offset: number, length: number): void {
    this.#file.checkRange(offset, length);
    void this.#file.descriptor;
    // Whoever holds a window of a private map may have written to it, and DONTNEED would throw that away.
    if (this.mode === 'c' || this.#map === undefined) return;
    const page = this.#map.pageSize;
    const first = Math.ceil(offset / page) * page;
    const reachesEnd = offset + length === this.byteLength;
    const end = reachesEnd ? Math.ceil(this.byteLength / page) * page : Math.floor((offset + length) / page) * page;
    if (end > first) this.#map.discard(first, end - first);
  }

  flush(): void {
    void this.#file.descriptor;
    if (this.mode !== 'r+') return;
    this.#map?.sync();
    this.#file.sync();
  }

  close(): void {
    if (this.#file.closed) return;
    // The pages go now; the addresses go when the last view does, so that a forgotten view can never be a crash.
    if (this.byteLength > 0) this.release(0, this.byteLength);
    this.#map?.drop();
    this.#file.close();
  }
}

export function readOnly(path: string): AtcError {
  return new AtcError(
    'READ_ONLY',
    `${path} is open read-only; open it with mode 'r+' to change the file, or 'c' to change a private copy in memory`,
    { path },
  );
}
